"""What a reader found in the bytes, before any rule is applied to it."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from proxx.core.quoting import quote


class FormKind(StrEnum):
    """What sort of thing a signature stands for."""

    MATRIX = "MATRIX"
    RAW = "RAW"
    STILL = "STILL"
    AUDIO = "AUDIO"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A byte signature: our word, a name for people, and the containers of the matrix that share it."""

    word: str
    name: str
    kind: FormKind
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One entry of a QuickTime edit list. `media_time` is in ticks of the track, -1 for a pause without media."""

    seconds: Fraction
    media_time: int
    rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTrack:
    """One video track as the file describes it.

    `sample_entry` is what the file says (fourcc, codec id, stream type, label), safe to print; `codec` is our word,
    None when no table names it. `cover` marks a picture that stands for the clip and is not the clip. `conflict`
    names two facts of the track that exclude each other; `remark` says what is known of an entry that no table names.
    `edits` is its edit list, empty where there is none.
    """

    sample_entry: str
    codec: str | None
    cover: bool = False
    has_samples: bool = True
    conflict: str = ""
    remark: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimecodeTrack:
    """A QuickTime timecode track: how its labels count (`tmcd` sample description), and where it starts.

    `start` is the frame number in its first sample as 32 unsigned bits, None when it cannot be read; `skipped_frames`
    are those before the beginning of its edit list; `wraps` says that it begins again at 24 hours.
    """

    timescale: int
    frame_duration: int
    frames_per_second: int
    drop_frame: bool
    wraps: bool = False
    start: int | None = None
    skipped_frames: int = 0
    samples: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DngFrame:
    """What a DNG says of its picture: None where it does not say, or the directory cannot be read.

    `photometric` is that of the sensor's picture where a directory holds one, else of the first; raster and
    `compression` are of the same directory, `frame_rate` (CinemaDNG) is of the first.
    """

    photometric: int | None
    width: int | None
    height: int | None
    compression: int | None
    frame_rate: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLabel:
    """A start timecode that we read ourselves, where no tool looks: a label, the place, and the whole frames a second
    that it counts where the place says so (None: those of the video)."""

    text: str
    origin: str
    counts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Form and tracks. `declared_end` is the byte after the last one that the file's own tables point at.

    `brand` is the major brand of an ISO file, the document type of Matroska. `labels` and `reels` are start timecodes
    and reel names in places that ffprobe does not report, best first. `frame` is there for a DNG.
    """

    form: Form
    video: tuple[VideoTrack, ...] = ()
    declared_end: int | None = None
    timecode_track: TimecodeTrack | None = None
    note: str = ""
    brand: str = ""
    labels: tuple[StatedLabel, ...] = ()
    reels: tuple[str, ...] = ()
    frame: DngFrame | None = None


def fourcc(*, code: bytes) -> str:
    """Return four bytes as text when all are printable ASCII, else as `0x…`; a trailing space stays."""
    if all(0x20 <= byte < 0x7F for byte in code):
        return printable(text=code.decode("ascii"))
    return "0x" + code.hex()


def printable(*, text: str, limit: int = 120) -> str:
    """Return a stranger's text as one bounded line with everything invisible escaped, without the quotes."""
    return quote(text=text, limit=limit)[1:-1]
