"""What is known of one file, for people and for media asset systems. What no file states is None, never a guess."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from proxx.core.detection import Engine


class GopType(StrEnum):
    """Whether every frame stands alone."""

    INTRA = "INTRA"
    LONG = "LONG"


class Action(StrEnum):
    """What to do with a file: make a proxy, make one if it serves, leave it out."""

    PROXY = "PROXY"
    PROXY_OPTIONAL = "PROXY_OPTIONAL"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Where the file lies, as the caller spells it."""

    file_name: str
    path: str
    parent_folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeReport:
    """Lengths in seconds, the rate in frames a second: the average where `variable_frame_rate` is True."""

    duration: Fraction | None
    frame_count: int | None
    frame_rate: Fraction | None
    variable_frame_rate: bool | None
    start_timecode: str | None
    drop_frame: bool | None
    reel_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReport:
    """The picture. `aspect_ratio` is that of the upright picture as shown; `rotation` is degrees clockwise.

    `colour_model` is YUV, RGB, GRAY or XYZ; an RGB picture has no chroma, so its `chroma_subsampling` is None.
    """

    width: int | None
    height: int | None
    pixel_aspect: Fraction | None
    aspect_ratio: Fraction | None
    rotation: int | None
    field_order: str | None
    bit_depth: int | None
    colour_model: str | None
    chroma_subsampling: str | None
    has_alpha: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecReport:
    """Container and codec words, what the file itself calls the codec, and how its frames depend on each other."""

    container: str | None
    codec: str | None
    sample_entry: str | None
    profile: str | None
    gop: GopType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioReport:
    """All audio tracks. `channels` has one entry a track; `sample_rate` is None when tracks differ or there is none."""

    track_count: int
    channel_count: int
    channels: tuple[int, ...]
    sample_rate: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsReport:
    """Whether a job could take the file, why not, and what an operator should know. Warnings block nothing.

    `engine` is where the file is routed, also when something else refuses it.
    """

    supported: bool
    engine: Engine | None
    skip_reason: str | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorialReason:
    """A rule of editing that the file does not meet, or of which it states nothing."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorialReport:
    """Whether the file edits well by itself: every frame alone, constant rate, common rate. None: cannot be told."""

    friendly: bool | None
    reasons: tuple[EditorialReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What to do, with which built-in profiles (best first) at which resolution, by which rule and why."""

    rule: str
    action: Action
    profiles: tuple[str, ...]
    resolution: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataReport:
    """Everything about one file. `audio` is None when nothing was measured."""

    identity: Identity
    time: TimeReport
    image: ImageReport
    codec: CodecReport
    audio: AudioReport | None
    flags: FlagsReport
    editorial: EditorialReport
    recommendation: Recommendation | None
