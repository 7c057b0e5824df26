"""SMPTE labels of picture coding and essence container, and our word for the codec behind each.

Sources: the SMPTE metadata registers (ST 400), RDD 44 (ProRes), RDD 54 (ARRIRAW), ST 2019-4 (VC-3); Sony's private
RAW labels as parsers know them. Labels are compared ignoring byte 8, the version of the register. A label names a class
only as picture coding or essence container, never elsewhere in a file.
"""

from types import MappingProxyType

LABEL_BYTES = 16
_PREFIX = bytes.fromhex("060e2b34040101")

_CODINGS: tuple[tuple[str, str], ...] = (
    ("040102020110", "mpeg1video"),
    ("040102020120", "mpeg4"),
    *((f"04010202010{digit:x}", "mpeg2video") for digit in range(1, 10)),
    *((f"04010202013{digit:x}", "h264") for digit in range(3)),
    *((f"04010202014{digit:x}", "hevc") for digit in range(16)),
    ("0401020202", "dvvideo"),
    ("040102020301", "jpeg2000"),
    ("040102020302", "tiffep_raw"),
    ("040102020303", "dirac"),
    ("040102020304", "aces"),
    ("0401020203050303", "vc5_bayer"),
    ("040102020305", "cfhd"),
    ("040102020306", "prores"),
    ("040102020307", "dnxuncompressed"),
    ("040102020308", "jpegxs"),
    ("040102020309", "ffv1"),
    ("0401020270", "hdcam"),
    ("0401020272", "vc1"),
    *((f"04010201020101{digit:02x}", "arriraw") for digit in (1, 2, 3)),
    *((f"04010201020102{digit:02x}", "arriraw") for digit in (1, 2)),
    ("0401020101", "rawvideo"),
    ("040102017f", "rawvideo"),
    ("0e060401020402", "sony_raw"),
)
_VC3_CODING = bytes.fromhex("0401020271")
_VC3_ID_BASE = 1234
"""The label's byte 14 is the compression id less 1234 (register: 1235 is 01, 1253 is 13h, 1270 is 24h)."""

_DNXHR_IDS = range(1270, 1275)

_CONTAINERS: tuple[tuple[str, str], ...] = (
    ("0d0103010201", "mpeg2video"),
    ("0d0103010202", "dvvideo"),
    ("0d0103010203", "hdcam"),
    ("0d0103010205", "rawvideo"),
    ("0d010301020c", "jpeg2000"),
    ("0d010301020f", "h264"),
    ("0d0103010210", "h264"),
    ("0d0103010211", "vc3"),
    ("0d0103010212", "vc1"),
    ("0d0103010214", "tiffep_raw"),
    ("0d0103010215", "dirac"),
    ("0d0103010219", "aces"),
    ("0d010301021b", "cfhd"),
    ("0d010301021c", "prores"),
    ("0d010301021e", "dnxuncompressed"),
    ("0d010301021f", "hevc"),
    ("0d0103010220", "hevc"),
    ("0d0103010221", "jpegxs"),
    ("0d01030102220100", "arriraw"),
    ("0d01030102220200", "arriraw"),
    ("0d0103010223", "ffv1"),
    ("0e060d03020101", "sony_raw"),
)
_CODING_TABLE = tuple((bytes.fromhex(prefix) if len(prefix) % 2 == 0 else prefix, codec) for prefix, codec in _CODINGS)
_CONTAINER_TABLE = tuple((bytes.fromhex(prefix), codec) for prefix, codec in _CONTAINERS)

LABEL_CODECS = frozenset(codec for _, codec in (*_CODINGS, *_CONTAINERS))
"""Every codec word that a label can give."""

RAW_CODECS = frozenset({"arriraw", "sony_raw"})
"""Codecs that are accepted only when picture coding and essence container both say so."""

_ARRIRAW_PACKINGS = MappingProxyType(
    {
        bytes.fromhex("04010201020101"): "packed",
        bytes.fromhex("0d010301022201"): "packed",
        bytes.fromhex("04010201020102"): "HDE",
        bytes.fromhex("0d010301022202"): "HDE",
    }
)
_PRIVATE_BYTE = 0x0E
_OWNERS = MappingProxyType(
    {0x04: "Avid", 0x06: "Sony", 0x0E: "Panasonic", 0x15: "Canon", 0x17: "ARRI", 0x20: "Apple", 0x22: "RED"}
)
"""Who has which part of the register's private space."""


def coding_codec(*, label: bytes) -> str | None:
    """Return the codec word of a picture coding label; `vc3` when the label gives no compression id."""
    body = _body(label)
    if body is None:
        return None
    if body.startswith(_VC3_CODING):
        return vc3_codec(compression_id=_VC3_ID_BASE + body[5]) if body[5] else "vc3"
    return next((codec for prefix, codec in _CODING_TABLE if _begins(body, prefix)), None)


def container_codec(*, label: bytes) -> str | None:
    """Return the codec word that an essence container label implies, None when it implies none."""
    body = _body(label)
    if body is None:
        return None
    return next((codec for prefix, codec in _CONTAINER_TABLE if body.startswith(prefix)), None)


def arriraw_packing(*, label: bytes) -> str | None:
    """Return `packed` or `HDE` for an ARRIRAW label of either kind, None for any other label (RDD 54)."""
    body = _body(label)
    return _ARRIRAW_PACKINGS.get(body[:7]) if body is not None else None


def private_owner(*, label: bytes) -> str | None:
    """Return whose private label this is; None when it is public, or of a company that the table does not have."""
    body = _body(label)
    return _OWNERS.get(body[1]) if body is not None and body[0] == _PRIVATE_BYTE else None


def vc3_codec(*, compression_id: int) -> str:
    """Return `dnxhr` for the compression ids 1270 to 1274, else `dnxhd` (ST 2019-1)."""
    return "dnxhr" if compression_id in _DNXHR_IDS else "dnxhd"


def _body(label: bytes) -> bytes | None:
    if len(label) != LABEL_BYTES or label[:7] != _PREFIX:
        return None
    return label[8:]


def _begins(body: bytes, prefix: bytes | str) -> bool:
    return body.hex().startswith(prefix) if isinstance(prefix, str) else body.startswith(prefix)
