"""The routing decision for one source: which engine, and the fact behind it."""

from dataclasses import dataclass
from enum import StrEnum

SOURCE_MATRICES = (1, 2)
"""Every version of the source matrix (`core.sources.matrix` holds the rows). A version never changes."""

DEFAULT_SOURCE_MATRIX = 1
"""The version that a site has unless it sets another: seed 004."""


class Engine(StrEnum):
    """Which kind of executor makes a clip."""

    FFMPEG = "ffmpeg"
    RESOLVE = "resolve"


class DetectionReason(StrEnum):
    """Why a source goes where it goes, or nowhere. Part of the contract; only grows."""

    STANDARD_CODEC = "STANDARD_CODEC"
    CAMERA_RAW = "CAMERA_RAW"
    UNKNOWN_CODEC = "UNKNOWN_CODEC"
    NOT_IN_MATRIX = "NOT_IN_MATRIX"
    CONTAINER_UNSUPPORTED = "CONTAINER_UNSUPPORTED"
    CONTRADICTION = "CONTRADICTION"
    STILL_PICTURE = "STILL_PICTURE"
    NO_VIDEO = "NO_VIDEO"
    UNREADABLE = "UNREADABLE"
    EMPTY = "EMPTY"
    TRUNCATED = "TRUNCATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """Container and codec by our own reading of the bytes, the engine (None: rejected), and why.

    `container` is a word of the matrix or the name of the format that was recognised; `codec` is our word for the
    codec; `sample_entry` is what the file itself says (fourcc, codec id, label); `action` is what the rule says to do.
    """

    engine: Engine | None
    reason: DetectionReason
    container: str | None
    codec: str | None
    sample_entry: str | None
    detail: str
    action: str = ""
