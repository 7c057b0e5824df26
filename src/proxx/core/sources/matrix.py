"""The source matrix: which container and codec FFmpeg takes. Camera RAW stands in `raw_matrix`.

Source: seed 004, "Supported Source Formats" (version 1 of the matrix, exactly); version 2 adds the rows of DESIGN.md
section 5 that cameras and archives hold beside it. A site chooses one version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, SOURCE_MATRICES, Engine

EXTENSIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mp4": ("mp4", "m4v"),
        "mov": ("mov", "qt"),
        "mkv": ("mkv",),
        "mxf": ("mxf",),
        "webm": ("webm",),
        "ts": ("ts", "mts", "m2ts"),
        "avi": ("avi",),
    }
)
"""File name extensions, lower case, of each container of the matrix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One supported pair: container word, codec word, the engine that takes it, and a remark for people."""

    container: str
    codec: str
    engine: Engine
    note: str


_NOTES: tuple[tuple[str, str, str], ...] = (
    ("mp4", "h264", "Universally supported, deterministic decode"),
    ("mp4", "hevc", "Modern compression, well supported"),
    ("mp4", "av1", "Next-generation open codec"),
    ("mov", "h264", "QuickTime H.264, standard editorial"),
    ("mov", "hevc", "Apple ecosystem standard"),
    ("mov", "prores", "All variants; intra-frame, editorial standard"),
    ("mov", "dnxhr", "DNxHR supports MOV"),
    ("mov", "mjpeg", "Simple intra-frame"),
    ("mkv", "h264", "Flexible open container"),
    ("mkv", "hevc", "Flexible open container"),
    ("mkv", "vp9", "Flexible open container"),
    ("mkv", "av1", "Flexible open container"),
    ("mxf", "dnxhd", "DNxHD is MXF only (broadcast standard)"),
    ("mxf", "dnxhr", "DNxHR supports MXF"),
    ("mxf", "mpeg2video", "Broadcast legacy"),
    ("mxf", "h264", "Sony XAVC, AVC-Intra"),
    ("webm", "vp9", "Open web codec"),
    ("webm", "av1", "Open web codec"),
    ("ts", "mpeg2video", "Transport stream broadcast"),
    ("avi", "mjpeg", "Legacy format"),
)

_ADDED_IN_2: tuple[tuple[str, str, str], ...] = (
    ("mov", "mpeg2video", "XDCAM, HDV and IMX in QuickTime"),
    ("mov", "dvvideo", "DV, DVCPRO and DVCPRO HD"),
    ("mov", "cfhd", "CineForm, intra-frame"),
    ("mov", "jpeg2000", "JPEG 2000, intra-frame"),
    ("mxf", "prores", "ProRes as ALEXA cameras record it (RDD 44)"),
    ("mxf", "dvvideo", "DV and DVCPRO of P2 and archives"),
    ("mxf", "jpeg2000", "JPEG 2000 of archives and masters"),
    ("ts", "h264", "AVCHD (.mts, .m2ts)"),
    ("avi", "dvvideo", "DV captured from tape, type 1 and 2"),
    ("avi", "cfhd", "CineForm, intra-frame"),
)

DNXHD_IN_MOV = "DNxHD must be wrapped in MXF; DNxHD-in-MOV is non-standard and unsupported"
"""Why the one pair that people expect is refused (seed 004)."""

_ROWS: Mapping[int, tuple[MatrixRow, ...]] = MappingProxyType(
    {
        version: tuple(
            MatrixRow(container=container, codec=codec, engine=Engine.FFMPEG, note=note)
            for container, codec, note in notes
        )
        for version, notes in ((1, _NOTES), (2, _NOTES + _ADDED_IN_2))
    }
)
_PAIRS = {version: frozenset((row.container, row.codec) for row in rows) for version, rows in _ROWS.items()}


def matrix_rows(*, version: int = DEFAULT_SOURCE_MATRIX) -> tuple[MatrixRow, ...]:
    """Return one version of the source matrix: the rows of seed 004 in its order, then what the version adds.

    Raises:
        ValueError: there is no such version.
    """
    _check_version(version)
    return _ROWS[version]


def in_matrix(*, container: str, codec: str, version: int = DEFAULT_SOURCE_MATRIX) -> bool:
    """Return whether FFmpeg takes this pair under that version of the matrix.

    Raises:
        ValueError: there is no such version.
    """
    _check_version(version)
    return (container, codec) in _PAIRS[version]


def first_version(*, container: str, codec: str) -> int | None:
    """Return the lowest version of the matrix that has this pair, None when none has it."""
    return next((version for version in SOURCE_MATRICES if (container, codec) in _PAIRS[version]), None)


def container_of(*, extension: str) -> str | None:
    """Return the container of the matrix that a lower-case extension claims, None when it claims none."""
    return next((container for container, names in EXTENSIONS.items() if extension in names), None)


def _check_version(version: int) -> None:
    if version not in _ROWS:
        known = ", ".join(str(item) for item in SOURCE_MATRICES)
        raise ValueError(f"there is no source matrix version {version}; known: {known}")
