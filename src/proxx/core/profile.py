"""A profile: the named, versioned recipe that alone decides what a proxy is (DESIGN.md sections 2 and 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from proxx.core.detection import Engine
from proxx.core.look import Look
from proxx.core.picture_checks import PictureChecks


class Fit(StrEnum):
    """How a picture meets an explicit raster.

    SCALE fills it and keeps the display aspect by the pixel aspect, PAD letterboxes into it with square pixels, INSIDE
    makes the largest picture of square pixels that it holds, without bars and never enlarged.
    """

    SCALE = "scale"
    PAD = "pad"
    INSIDE = "inside"


class Interlaced(StrEnum):
    """What becomes of an interlaced source.

    DEINTERLACE makes one whole picture of each frame. KEEP codes the fields as they are wherever the codec can and the
    picture is neither scaled nor turned, and deinterlaces elsewhere.
    """

    DEINTERLACE = "deinterlace"
    KEEP = "keep"


class VariableRate(StrEnum):
    """What becomes of a source whose frame rate varies: every frame keeps its time, or the source is refused."""

    KEEP = "keep"
    REFUSE = "refuse"


class Tracks(StrEnum):
    """How tracks are laid out: KEEP the source's own, or MONO, one mono track for each channel, in order."""

    KEEP = "keep"
    MONO = "mono"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioRecipe:
    """How the audio tracks of a source are written into the containers named, in the source's order."""

    containers: tuple[str, ...]
    codec: str
    arguments: tuple[str, ...]
    sample_rate: int
    tracks: Tracks


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile file, strictly read. `digest` covers every other field in canonical JSON.

    `codec` is the JobSpec word it makes, `codec_aliases` are further words for the same encoder (C53);
    `resolutions` holds `same`, `half`, `quarter`, `WxH` (any explicit raster) or exact rasters;
    `default_resolution` serves JobSpecs of version 1.0.0, which carry none;
    `arguments` are FFmpeg's video encoder arguments; `threads` is the width, fixed here and never by a host.
    For a Resolve profile the FFmpeg fields are empty and `render` holds its settings.
    A variant differs from the profile `variant_of` by its look alone; `variant` is the word that a preset asks for.
    `witness` says that every picture and every sound of the proxy is compared with what the encoder was given.
    """

    name: str
    version: int
    description: str
    variant_of: str
    variant: str
    engine: Engine
    codec: str
    codec_aliases: tuple[str, ...]
    containers: tuple[str, ...]
    resolutions: tuple[str, ...]
    default_resolution: str
    fit: Fit
    frame_rates: tuple[Fraction, ...]
    variable_rate: VariableRate
    interlaced: Interlaced
    encoder: str
    pixel_format: str
    arguments: tuple[str, ...]
    threads: int
    intra_only: bool
    audio: tuple[AudioRecipe, ...]
    look: Look | None
    witness: bool
    picture_checks: PictureChecks | None
    timeout_seconds: int | None
    stall_seconds: int
    render: Mapping[str, str]
    digest: str
