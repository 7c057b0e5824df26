"""The published tables: which container and codec FFmpeg takes, and which camera RAW Resolve takes.

Source: seed 004, "Supported Source Formats" (the matrix, exactly) and "Engine Routing for RAW Formats".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxx.core.detection import Engine

MATRIX_VERSION = 1
"""Version of the source matrix in force."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One camera RAW class that goes to Resolve: codec word, name, extensions it comes under, what proves it."""

    codec: str
    name: str
    extensions: tuple[str, ...]
    proof: str


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

_RAW: tuple[RawRow, ...] = (
    RawRow(
        codec="arriraw",
        name="ARRIRAW",
        extensions=("ari", "mxf"),
        proof="frame file: ARRI and 12345678h at byte 0; MXF: both ARRIRAW labels of RDD 54",
    ),
    RawRow(
        codec="redcode",
        name="REDCODE",
        extensions=("r3d",),
        proof="RED1 or RED2 at byte 4 and R1 or R2 at byte 10",
    ),
    RawRow(
        codec="braw",
        name="Blackmagic RAW",
        extensions=("braw", "mov"),
        proof="sample entry brxq, brst, brvm, brhq, brvl, brvn or brlt",
    ),
    RawRow(
        codec="sony_raw",
        name="Sony RAW / X-OCN",
        extensions=("mxf",),
        proof="Sony's picture coding label and essence container label, both",
    ),
    RawRow(
        codec="canon_raw",
        name="Canon Cinema RAW Light",
        extensions=("crm",),
        proof="brand crx, sample entry CRAW and compressor version CanonCRM",
    ),
    RawRow(
        codec="nikon_raw",
        name="Nikon N-RAW",
        extensions=("nev", "r3d", "mov"),
        proof="NCDT in the user data and NRAW at byte 4 of the first sample",
    ),
    RawRow(
        codec="prores_raw",
        name="ProRes RAW",
        extensions=("mov", "qt"),
        proof="sample entry aprn or aprh (DJI, Atomos, Panasonic, Nikon and Sony recorders)",
    ),
)

RAW_BY_CODEC: Mapping[str, RawRow] = MappingProxyType({row.codec: row for row in _RAW})
"""The camera RAW classes by codec word."""

DNXHD_IN_MOV = "DNxHD must be wrapped in MXF; DNxHD-in-MOV is non-standard and unsupported"
"""Why the one pair that people expect is refused (seed 004)."""

_ROWS = tuple(
    MatrixRow(container=container, codec=codec, engine=Engine.FFMPEG, note=note) for container, codec, note in _NOTES
)
_PAIRS = frozenset((row.container, row.codec) for row in _ROWS)


def matrix_rows() -> tuple[MatrixRow, ...]:
    """Return the source matrix, version 1, in the order of seed 004."""
    return _ROWS


def raw_rows() -> tuple[RawRow, ...]:
    """Return the camera RAW classes that Resolve takes."""
    return _RAW


def in_matrix(*, container: str, codec: str) -> bool:
    """Return whether FFmpeg takes this pair."""
    return (container, codec) in _PAIRS


def container_of(*, extension: str) -> str | None:
    """Return the container of the matrix that a lower-case extension claims, None when it claims none."""
    return next((container for container, names in EXTENSIONS.items() if extension in names), None)
