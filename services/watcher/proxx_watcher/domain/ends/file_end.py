"""Which reader judges the end of a file: by its bytes, as `proxx.core.sources.inspect` reads them."""

from proxx.core.sources import forms
from proxx.core.sources.avi import is_avi
from proxx.core.sources.bounded_reader import BoundedReader, SourceFormatError
from proxx.core.sources.byte_source import ByteSource
from proxx.core.sources.isobmff import looks_like_iso_media
from proxx.core.sources.matroska import MAGIC
from proxx.core.sources.mxf import header_offset
from proxx.core.sources.transport_stream import packet_grid
from proxx_watcher.domain.ends.avi import avi_end
from proxx_watcher.domain.ends.ending import Ending, cut, doubtful, open_ended
from proxx_watcher.domain.ends.iso_media import iso_media_end
from proxx_watcher.domain.ends.matroska import matroska_end
from proxx_watcher.domain.ends.mxf import mxf_end
from proxx_watcher.domain.ends.transport import transport_end


def file_end(*, data: ByteSource) -> Ending:
    """Return what the structure of a file says about its end. Never raises for what the bytes hold.

    Raises:
        OSError: the bytes cannot be read.
    """
    if data.size == 0:
        return cut("holds no bytes")
    try:
        return _by_form(data, BoundedReader(data))
    except SourceFormatError as error:
        return doubtful(f"the file {error}")


def _by_form(data: ByteSource, reader: BoundedReader) -> Ending:
    head = reader.peek(0, forms.HEAD_BYTES)
    form = forms.fixed_form(head=head)
    if form is not None:
        return open_ended(f"{form.name}, whose end is not looked at")
    if not any(head):
        return doubtful(f"the first {len(head)} bytes are zeros")
    if head.startswith(MAGIC):
        return matroska_end(reader=reader)
    if is_avi(head=head):
        return avi_end(reader=reader)
    if looks_like_iso_media(head=head):
        return iso_media_end(reader=reader, again=BoundedReader(data))
    header = header_offset(reader=reader)
    if header is not None:
        return mxf_end(reader=reader, header=header)
    grid = packet_grid(reader=reader)
    if grid is not None:
        return transport_end(reader=reader, grid=grid)
    return open_ended("no media format that Proxx knows, so its end is not looked at")
