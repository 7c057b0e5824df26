"""Where a track of a QuickTime or ISO file says that its media lies: here, or in another file, which nobody opens.

Source: ISO/IEC 14496-12, dref; QuickTime File Format, "Data reference atoms".
"""

from itertools import islice

from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.isobmff_boxes import Box, boxes, child
from proxx.core.sources.reading import fourcc

_SELF_CONTAINED = 1
_MOST_REFERENCES = 16
_LOOKED_AT = 4096


def check_references(*, reader: BoundedReader, media: Box) -> None:
    """Look at the data references of a track; `media` is its media information box (minf).

    An entry that names nothing is passed over: writers leave the flag out.

    Raises:
        SourceFormatError: an entry names another file.
    """
    information = child(reader=reader, parent=media, kind=b"dinf")
    table = child(reader=reader, parent=information, kind=b"dref") if information is not None else None
    if table is None:
        return
    for entry in islice(boxes(reader=reader, start=table.start + 8, end=table.end), _MOST_REFERENCES):
        elsewhere = not int.from_bytes(reader.peek(entry.start, 4), "big") & _SELF_CONTAINED
        if elsewhere and any(reader.peek(entry.start + 4, min(entry.end - entry.start - 4, _LOOKED_AT))):
            raise SourceFormatError(
                f"keeps the media of a track in another file (data reference {fourcc(code=entry.kind)}), "
                "which is never opened"
            )
