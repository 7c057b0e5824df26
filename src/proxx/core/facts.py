"""What a PROBE step reports about a source, and what verification reports about a proxy: measured, never guessed.

A fact that the file does not state is None. Rates, times and aspects are exact fractions.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class FieldOrder(StrEnum):
    """How the two fields of a frame follow each other."""

    UNKNOWN = "UNKNOWN"
    PROGRESSIVE = "PROGRESSIVE"
    TOP_FIRST = "TOP_FIRST"
    BOTTOM_FIRST = "BOTTOM_FIRST"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartIdentity:
    """One file of a clip of several; the fields are those of SourceIdentity.

    With `run_length` it stands for so many files, numbered one after the other, of which `path` names the first: then
    `size_bytes` is the sum, `mtime_ns` the latest, `inode` the first file's, and `edge_sha256` is over the list of the
    files (name, size, time, inode of each) and the ends of the first. A `sidecar` holds no picture.
    """

    path: str
    size_bytes: int
    mtime_ns: int
    inode: int
    edge_sha256: str
    run_length: int = 0
    sidecar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceIdentity:
    """Which bytes were probed: compared again before and after reading (DESIGN.md section 6).

    `edge_sha256` is over the first and the last MiB of the file (the whole file when it is shorter than 2 MiB).
    A clip of several files has them in `parts`, in clip order, the sidecars last (`core.units.media_files` lists the
    media files); then `path` is the unit's as the job names it, `size_bytes` is the sum, `mtime_ns` the latest, `inode`
    the first part's, and `edge_sha256` is over the parts' own.
    """

    path: str
    size_bytes: int
    mtime_ns: int
    inode: int
    edge_sha256: str
    parts: tuple[PartIdentity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFacts:
    """The first video track that is not a cover picture.

    `frame_rate` is the exact constant rate, or the average when `constant_frame_rate` is False.
    `frame_count` counts the frames that a decoder is to give: packets without those that an edit list discards.
    `rotation` is degrees clockwise for upright display (0, 90, 180, 270); `mirrored` says that it is also flipped.
    """

    stream_index: int
    codec: str
    sample_entry: str
    profile: str | None
    width: int
    height: int
    pixel_aspect: Fraction | None
    pixel_format: str | None
    bit_depth: int | None
    has_alpha: bool
    field_order: FieldOrder
    rotation: int
    mirrored: bool
    color_range: str | None
    color_primaries: str | None
    color_transfer: str | None
    color_matrix: str | None
    frame_rate: Fraction
    constant_frame_rate: bool
    time_base: Fraction
    frame_count: int
    declared_frame_count: int | None
    start_time: Fraction | None
    duration: Fraction | None
    intra_only: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFacts:
    """One audio track, in container order. `layout` is ffmpeg's layout name; None means discrete channels."""

    stream_index: int
    codec: str
    channels: int
    layout: str | None
    sample_rate: int
    bits_per_sample: int | None
    start_time: Fraction | None
    duration: Fraction | None
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimecodeFacts:
    """The start timecode as the file states it. `label` is HH:MM:SS:FF, `;` before the frames when drop-frame."""

    label: str
    drop_frame: bool
    rate: Fraction
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """Everything that was measured of one file. `container` is a word of the matrix (mov, mp4, mkv, …).

    `brand` is what the bytes say of that: the major brand of an ISO file, the document type of Matroska.
    """

    container: str
    size_bytes: int
    duration: Fraction | None
    video: VideoFacts | None
    audio: tuple[AudioFacts, ...]
    timecode: TimecodeFacts | None
    reel_name: str | None
    other_streams: tuple[str, ...]
    warnings: tuple[str, ...]
    brand: str | None = None
