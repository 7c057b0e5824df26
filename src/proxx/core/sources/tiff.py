"""TIFF: is it a DNG? The first directory is enough (DNG 1.7: tag 50706 stands in IFD 0)."""

from typing import Literal

from proxx.core.sources.bounded_reader import BoundedReader
from proxx.core.sources.forms import DNG, TIFF
from proxx.core.sources.reading import Reading

_MAX_ENTRIES = 1024
_ENTRY = 12
_CLASSIC = 42
_DNG_VERSION = 50706


def read_tiff(*, reader: BoundedReader) -> Reading:
    """Return the reading of a file that begins like a TIFF. BigTIFF has no DNG and is not looked into.

    Raises:
        SourceFormatError: the first directory lies outside the file.
    """
    order: Literal["little", "big"] = "little" if reader.read(0, 2) == b"II" else "big"
    if int.from_bytes(reader.read(2, 2), order) != _CLASSIC:
        return Reading(form=TIFF)
    directory = int.from_bytes(reader.read(4, 4), order)
    count = min(_MAX_ENTRIES, int.from_bytes(reader.read(directory, 2), order))
    entries = reader.peek(directory + 2, count * _ENTRY)
    tags = {int.from_bytes(entries[start : start + 2], order) for start in range(0, len(entries), _ENTRY)}
    return Reading(form=DNG if _DNG_VERSION in tags else TIFF)
