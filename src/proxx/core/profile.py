"""A profile: the named, versioned recipe that alone decides what a proxy is (DESIGN.md sections 2 and 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from proxx.core.detection import Engine


class Fit(StrEnum):
    """How a picture meets a raster: SCALE keeps the display aspect by the raster, PAD letterboxes into it."""

    SCALE = "scale"
    PAD = "pad"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioRecipe:
    """How every audio track of a source is written into the containers named: same tracks, same order."""

    containers: tuple[str, ...]
    codec: str
    arguments: tuple[str, ...]
    sample_rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile file, strictly read. `digest` covers every other field in canonical JSON.

    `codec` is the JobSpec word it makes, `codec_aliases` are further words for the same encoder (C53);
    `resolutions` holds `same`, `half`, `quarter`, `WxH` (any explicit raster) or exact rasters;
    `default_resolution` serves JobSpecs of version 1.0.0, which carry none;
    `arguments` are FFmpeg's video encoder arguments; `threads` is the width, fixed here and never by a host.
    For a Resolve profile the FFmpeg fields are empty and `render` holds its settings.
    """

    name: str
    version: int
    description: str
    engine: Engine
    codec: str
    codec_aliases: tuple[str, ...]
    containers: tuple[str, ...]
    resolutions: tuple[str, ...]
    default_resolution: str
    fit: Fit
    frame_rates: tuple[Fraction, ...]
    encoder: str
    pixel_format: str
    arguments: tuple[str, ...]
    threads: int
    intra_only: bool
    audio: tuple[AudioRecipe, ...]
    timeout_seconds: int | None
    stall_seconds: int
    render: Mapping[str, str]
    digest: str
