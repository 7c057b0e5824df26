"""The camera RAW matrix: the classes that Resolve takes, what proves each, and the formats that nothing proves.

Sources: seed 004, "Engine Routing for RAW Formats"; the identification table of the reference on source formats, with
its marks: documented (a vendor's paper, the SMPTE register, PRONOM), parser (seen in the code of one), unsure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from proxx.core.detection import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """One camera RAW class that goes to Resolve.

    Codec word, name, extensions it comes under, what proves it, how sure the source of the proof is, and the codec
    names under which an ffprobe of some version may open it (none: it names no codec, or does not open the file).
    """

    codec: str
    name: str
    extensions: tuple[str, ...]
    proof: str
    certainty: str
    ffprobe: tuple[str, ...] = ()
    engine: Engine = Engine.RESOLVE


@dataclass(frozen=True, slots=True, kw_only=True)
class UnprovenRow:
    """A RAW format that no row takes: name, extensions that only it has, how it is told, why no row has it, and what
    becomes of it."""

    name: str
    extensions: tuple[str, ...]
    told_by: str
    why: str
    outcome: str = "rejected"


_RAW: tuple[RawRow, ...] = (
    RawRow(
        codec="arriraw",
        name="ARRIRAW",
        extensions=("ari", "mxf"),
        proof="frame file: ARRI and 12345678h at byte 0; MXF: picture coding and essence container of RDD 54, both "
        "packed or both HDE",
        certainty="MXF documented (register, RDD 54); frame file parser",
    ),
    RawRow(
        codec="redcode",
        name="REDCODE",
        extensions=("r3d",),
        proof="RED1 at byte 4 and R1 at byte 10, or RED2 and R2",
        certainty="documented (PRONOM fmt/588, fmt/1038)",
        ffprobe=("jpeg2000",),
    ),
    RawRow(
        codec="braw",
        name="Blackmagic RAW",
        extensions=("braw", "mov"),
        proof="sample entry brxq, brst, brvm, brhq, brvl, brvn or brlt",
        certainty="parser; brvl on a real file",
    ),
    RawRow(
        codec="sony_raw",
        name="Sony RAW (F55, F65); X-OCN under the same labels",
        extensions=("mxf",),
        proof="Sony's picture coding label and essence container label, both",
        certainty="parser; which labels X-OCN ST, LT and XT bear is unsure",
    ),
    RawRow(
        codec="canon_raw",
        name="Canon Cinema RAW Light",
        extensions=("crm",),
        proof="brand crx, sample entry CRAW and compressor version CanonCRM",
        certainty="parser",
    ),
    RawRow(
        codec="nikon_raw",
        name="Nikon N-RAW, R3D NE",
        extensions=("nev", "r3d", "mov"),
        proof="NCDT in the user data and NRAW at byte 4 of the first sample, under a sample entry that no table names",
        certainty="parser; the sample entry is unsure",
    ),
    RawRow(
        codec="prores_raw",
        name="ProRes RAW, ProRes RAW HQ (recordings of DJI, Atomos, Panasonic, Nikon, Sony)",
        extensions=("mov", "qt"),
        proof="sample entry aprn or aprh",
        certainty="parser; FFmpeg 8 names it on a synthetic header",
        ffprobe=("prores_raw",),
    ),
    RawRow(
        codec="cinemadng",
        name="CinemaDNG (also DJI, Sigma, Kinefinity)",
        extensions=("dng",),
        proof="two or more numbered frames, each a DNG (tag 50706) with a sensor mosaic (photometric 32803), all of "
        "one size and compression; one frame alone is a still",
        certainty="documented (DNG, CinemaDNG)",
        ffprobe=("tiff",),
    ),
)

RAW_BY_CODEC: Mapping[str, RawRow] = MappingProxyType({row.codec: row for row in _RAW})
"""The camera RAW classes by codec word."""

_SHARED = frozenset({"mov", "qt", "mxf", "dng"})
"""Extensions that say nothing of RAW by themselves; a DNG may be a photograph."""

_UNPROVEN: tuple[UnprovenRow, ...] = (
    UnprovenRow(
        name="ARRIRAW with another header, compressed .arx",
        extensions=("arx",),
        told_by="ARRI at byte 0 without 12345678h behind it",
        why="the reversed order and the header of .arx are not confirmed",
    ),
    UnprovenRow(
        name="ARRICORE",
        extensions=(),
        told_by="MXF picture coding in ARRI's private space (0e17)",
        why="its label is not known",
        outcome="Resolve, UNKNOWN_CODEC",
    ),
    UnprovenRow(
        name="X-OCN under other labels",
        extensions=(),
        told_by="MXF picture coding in Sony's private space (0e06) that no table names",
        why="the labels of ST, LT and XT are not known",
        outcome="Resolve, UNKNOWN_CODEC",
    ),
    UnprovenRow(
        name="Kinefinity KRW", extensions=("krw",), told_by="extension .krw", why="no marker of its bytes is confirmed"
    ),
    UnprovenRow(
        name="Panasonic V-RAW",
        extensions=("vrw", "vraw"),
        told_by="extension .vrw or .vraw",
        why="no marker of its bytes is confirmed",
    ),
    UnprovenRow(
        name="Canon RMF", extensions=("rmf",), told_by="extension .rmf", why="no marker of its bytes is confirmed"
    ),
    UnprovenRow(
        name="Z CAM ZRAW",
        extensions=("zraw",),
        told_by="sample entry zraw, or extension .zraw",
        why="that Resolve reads it is not confirmed",
    ),
    UnprovenRow(
        name="GoPro RAW",
        extensions=("gpr",),
        told_by="sample entry GPRA or gpr1; .gpr is a DNG with VC-5 compression",
        why="stills, or a policy decision",
    ),
    UnprovenRow(
        name="VC-5 of a sensor mosaic",
        extensions=(),
        told_by="MXF picture coding 04010202.03050303",
        why="a policy decision",
    ),
    UnprovenRow(
        name="Phantom CINE",
        extensions=("cine",),
        told_by="CI and the header size 44 at byte 0",
        why="a policy decision",
    ),
    UnprovenRow(
        name="Cintel scans",
        extensions=("cri",),
        told_by="1, 4 (32 bits each) and DVCC at byte 0",
        why="a policy decision",
    ),
    UnprovenRow(name="Magic Lantern", extensions=("mlv",), told_by="MLVI at byte 0", why="a policy decision"),
    UnprovenRow(
        name="LinearRaw DNG",
        extensions=(),
        told_by="DNG with photometric 34892",
        why="it holds no sensor mosaic, so it is no CinemaDNG frame",
    ),
)


def raw_rows() -> tuple[RawRow, ...]:
    """Return the camera RAW classes that Resolve takes."""
    return _RAW


def unproven_rows() -> tuple[UnprovenRow, ...]:
    """Return the RAW formats that are rejected although their names or bytes are known."""
    return _UNPROVEN


def claims_raw(*, extension: str) -> RawRow | None:
    """Return the class that a lower-case extension claims and no container of the matrix shares, None when none."""
    return next((row for row in _RAW if extension in row.extensions and extension not in _SHARED), None)


def unproven(*, extension: str) -> UnprovenRow | None:
    """Return the unproven format that has this lower-case extension to itself, None when none has."""
    return next((row for row in _UNPROVEN if extension in row.extensions), None)
