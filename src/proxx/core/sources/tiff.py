"""TIFF: is it a DNG, and does it hold a sensor's mosaic?

Source: TIFF 6.0, TIFF/EP, DNG 1.7 (tag 50706 stands in the first directory; the sensor's picture may stand in a
sub-directory), CinemaDNG (frame rate, tag 51044).
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

from proxx.core.sources.bounded_reader import BoundedReader
from proxx.core.sources.forms import DNG, TIFF
from proxx.core.sources.reading import DngFrame, Reading

SENSOR_MOSAIC = 32803
"""Photometric interpretation of a colour filter array (TIFF/EP)."""

LINEAR_RAW = 34892
"""Photometric interpretation of a sensor's picture without its mosaic (DNG)."""

_Order = Literal["little", "big"]
_Entry = tuple[int, int, bytes]

_MAX_ENTRIES = 1024
_MAX_SUB_DIRECTORIES = 8
_ENTRY = 12
_CLASSIC = 42
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _SUB_DIRECTORIES = 256, 257, 259, 262, 330
_DNG_VERSION, _FRAME_RATE = 50706, 51044
_PIECES = ((273, 279), (324, 325))
"""Offsets and lengths of strips, and of tiles."""
_SHORT, _SIGNED_RATIONAL = 3, 10
_WHOLE_TYPES = {_SHORT: 2, 4: 4, 13: 4}
"""Field types that hold a whole number or an offset, and their bytes (SHORT, LONG, IFD)."""


def read_tiff(*, reader: BoundedReader) -> Reading:
    """Return the reading of a file that begins like a TIFF. BigTIFF has no DNG and is not looked into.

    Raises:
        SourceFormatError: the first directory lies outside the file, or the limits are used up.
    """
    order: _Order = "little" if reader.read(0, 2) == b"II" else "big"
    if int.from_bytes(reader.read(2, 2), order) != _CLASSIC:
        return Reading(form=TIFF)
    offset = int.from_bytes(reader.read(4, 4), order)
    first = _directory(reader, offset, int.from_bytes(reader.read(offset, 2), order), order)
    if _DNG_VERSION not in first:
        return Reading(form=TIFF)
    picture = _picture(reader, first, order)
    frame = DngFrame(
        photometric=_whole(picture, _PHOTOMETRIC, order),
        width=_whole(picture, _WIDTH, order),
        height=_whole(picture, _HEIGHT, order),
        compression=_whole(picture, _COMPRESSION, order),
        frame_rate=_frame_rate(reader, first, order),
    )
    return Reading(form=DNG, frame=frame, declared_end=_declared_end(reader, picture, order))


def _directory(reader: BoundedReader, offset: int, count: int, order: _Order) -> Mapping[int, _Entry]:
    """Return the entries of a directory by their tag: field type, number of values, and the four bytes of the value."""
    listed = reader.peek(offset + 2, min(_MAX_ENTRIES, count) * _ENTRY)
    entries: dict[int, _Entry] = {}
    for at in range(0, len(listed) - _ENTRY + 1, _ENTRY):
        tag, kind = (int.from_bytes(listed[at + part : at + part + 2], order) for part in (0, 2))
        number = int.from_bytes(listed[at + 4 : at + 8], order)
        entries.setdefault(tag, (kind, number, listed[at + 8 : at + 12]))
    return entries


def _picture(reader: BoundedReader, first: Mapping[int, _Entry], order: _Order) -> Mapping[int, _Entry]:
    """Return the directory of the sensor's picture, else the first."""
    for directory in (first, *_sub_directories(reader, first, order)):
        if _whole(directory, _PHOTOMETRIC, order) in (SENSOR_MOSAIC, LINEAR_RAW):
            return directory
    return first


def _declared_end(reader: BoundedReader, picture: Mapping[int, _Entry], order: _Order) -> int | None:
    """Return the byte after the last strip or tile of the picture, the last one that its tables list."""
    ends = []
    for offsets, lengths in _PIECES:
        offset, length = _last(reader, picture, offsets, order), _last(reader, picture, lengths, order)
        if offset is not None and length is not None:
            ends.append(offset + length)
    return max(ends, default=None)


def _last(reader: BoundedReader, directory: Mapping[int, _Entry], tag: int, order: _Order) -> int | None:
    """Return the last of the whole numbers of a field: up to four bytes of them stand in the entry itself."""
    kind, number, value = directory.get(tag, (0, 0, b""))
    width = _WHOLE_TYPES.get(kind)
    if width is None or number < 1:
        return None
    at = (number - 1) * width
    data = value[at : at + width] if number * width <= 4 else reader.peek(int.from_bytes(value, order) + at, width)
    return int.from_bytes(data, order) if len(data) == width else None


def _sub_directories(
    reader: BoundedReader, first: Mapping[int, _Entry], order: _Order
) -> Iterator[Mapping[int, _Entry]]:
    kind, number, value = first.get(_SUB_DIRECTORIES, (0, 0, b""))
    if _WHOLE_TYPES.get(kind) != 4:
        return
    number = min(number, _MAX_SUB_DIRECTORIES)
    offsets = value if number == 1 else reader.peek(int.from_bytes(value, order), number * 4)
    for at in range(0, len(offsets) - 3, 4):
        offset = int.from_bytes(offsets[at : at + 4], order)
        head = reader.peek(offset, 2)
        if len(head) == 2:
            yield _directory(reader, offset, int.from_bytes(head, order), order)


def _whole(directory: Mapping[int, _Entry], tag: int, order: _Order) -> int | None:
    kind, number, value = directory.get(tag, (0, 0, b""))
    width = _WHOLE_TYPES.get(kind)
    return int.from_bytes(value[:width], order) if width is not None and number == 1 else None


def _frame_rate(reader: BoundedReader, first: Mapping[int, _Entry], order: _Order) -> Fraction | None:
    kind, number, value = first.get(_FRAME_RATE, (0, 0, b""))
    if kind != _SIGNED_RATIONAL or number != 1:
        return None
    data = reader.peek(int.from_bytes(value, order), 8)
    if len(data) < 8:
        return None
    above, below = (int.from_bytes(data[at : at + 4], order, signed=True) for at in (0, 4))
    return Fraction(above, below) if above > 0 and below > 0 else None
