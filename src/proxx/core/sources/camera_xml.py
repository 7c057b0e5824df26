"""Start timecode and reel name in the XML that cameras and editors put into QuickTime and MP4 files.

Three kinds: Sony's NonRealTimeMeta (XAVC S and HS, which have no timecode track), Panasonic's ClipMain, Adobe's XMP.
The text is a stranger's: it is searched for single attributes and elements of fixed form, never parsed as a tree.
"""

import re

from proxx.core.sources.reading import StatedLabel

MAX_XML_BYTES = 256 * 1024
"""Longest text that is looked at; the wanted elements stand near its beginning."""

_SONY_TABLE = re.compile(r'<LtcChangeTable\s[^<>]{0,200}?\btcFps="([0-9]{2,3})"')
_SONY_FIRST = re.compile(r'<LtcChange\s+frameCount="0"\s+value="([0-9A-Fa-f]{8})"')
_PANASONIC = re.compile(r"<StartTimecode>\s*([0-9:;.,]{8,14})\s*</StartTimecode>")
_XMP_NAMES = (("XMP altTimecode", "altTimecode"), ("XMP startTimecode", "startTimecode"))
_XMP_TIMES = tuple(
    (origin, re.compile(rf"<xmpDM:{name}\b[^<>]{{0,200}}>.{{0,400}}?<xmpDM:timeValue>([^<>]{{1,40}})<", re.DOTALL))
    for origin, name in _XMP_NAMES
)
_XMP_ATTRIBUTES = tuple(
    (origin, re.compile(rf'<xmpDM:{name}\b[^<>]{{0,300}}?\bxmpDM:timeValue="([^"<>]{{1,40}})"'))
    for origin, name in _XMP_NAMES
)
_XMP_REEL = re.compile(r'(?:<xmpDM:tapeName>|\bxmpDM:tapeName=")([^"<>]{1,256})[<"]')
_MOST_ELEMENTS = 64
_DROP_BIT, _TENS_AND_UNITS = 0x40, (0x3F, 0x7F, 0x7F, 0x3F)


def sony_label(*, text: str) -> StatedLabel | None:
    """Return the label of the first frame in a NonRealTimeMeta document, None when it states none.

    The value is linear timecode: the bytes frames, seconds, minutes, hours, each in binary coded decimals, with flags
    in the upper bits; bit 6 of the frames says drop-frame (SMPTE ST 12-1, the layout of Sony's LtcChangeTable).
    """
    found = _SONY_FIRST.search(text)
    if found is None:
        return None
    raw = bytes.fromhex(found[1])
    parts = [byte & mask for byte, mask in zip(raw, _TENS_AND_UNITS, strict=True)]
    frames, seconds, minutes, hours = (f"{part >> 4}{part & 0xF}" for part in parts)
    separator = ";" if raw[0] & _DROP_BIT else ":"
    table = _SONY_TABLE.search(text)
    return StatedLabel(
        text=f"{hours}:{minutes}:{seconds}{separator}{frames}",
        origin="Sony camera metadata",
        counts=int(table[1]) if table is not None else None,
    )


def panasonic_label(*, text: str) -> StatedLabel | None:
    """Return the label of a ClipMain document, None when it states none."""
    found = _PANASONIC.search(text)
    return StatedLabel(text=found[1], origin="Panasonic camera metadata") if found is not None else None


def xmp_labels(*, text: str) -> tuple[StatedLabel, ...]:
    """Return the labels of an XMP packet: the one that a person set (altTimecode) before the device's own."""
    labels: list[StatedLabel] = []
    for (origin, element), (_, attribute), (_, name) in zip(_XMP_TIMES, _XMP_ATTRIBUTES, _XMP_NAMES, strict=True):
        found = _first(attribute, name, text) or _first(element, name, text)
        if found is not None:
            labels.append(StatedLabel(text=found[1].strip(), origin=origin))
    return tuple(labels)


def _first(pattern: re.Pattern[str], name: str, text: str) -> re.Match[str] | None:
    """Return the first match among the first elements of that name: each try may scan hundreds of characters."""
    at = -1
    for _ in range(_MOST_ELEMENTS):
        at = text.find(f"<xmpDM:{name}", at + 1)
        if at < 0:
            return None
        found = pattern.match(text, at)
        if found is not None:
            return found
    return None


def xmp_reel(*, text: str) -> str | None:
    """Return the tape name of an XMP packet, None when it states none."""
    found = _XMP_REEL.search(text)
    return (found[1].strip() or None) if found is not None else None
