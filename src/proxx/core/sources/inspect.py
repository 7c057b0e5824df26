"""Which reader reads a file: the signatures in a fixed order, first match wins."""

from proxx.core.sources import forms
from proxx.core.sources.avi import is_avi, read_avi
from proxx.core.sources.bounded_reader import BoundedReader, CutOffError, SourceFormatError
from proxx.core.sources.byte_source import ByteSource
from proxx.core.sources.isobmff import looks_like_iso_media, read_iso_media
from proxx.core.sources.matroska import MAGIC, read_matroska
from proxx.core.sources.mxf import header_offset, read_mxf
from proxx.core.sources.reading import Form, Reading
from proxx.core.sources.tiff import read_tiff
from proxx.core.sources.transport_stream import packet_grid, read_transport_stream


class UnreadableError(SourceFormatError):
    """A signature was recognised and the rest was not: carries the form, None when no signature matched."""

    def __init__(self, message: str, *, form: Form | None, cut_off: bool = False) -> None:
        """Keep the form beside the message, and whether the file ends too early."""
        super().__init__(message)
        self.form = form
        self.cut_off = cut_off


def read_bytes(*, data: ByteSource) -> Reading:
    """Return form and tracks of a source, by its bytes alone.

    Raises:
        UnreadableError: no signature matches, or the recognised format cannot be read as far as its tracks.
        OSError: the bytes cannot be read.
    """
    reader = BoundedReader(data)
    form: Form | None = None
    try:
        head = reader.peek(0, forms.HEAD_BYTES)
        fixed = forms.fixed_form(head=head)
        if fixed is not None:
            return Reading(form=fixed)
        if forms.is_tiff(head=head):
            form = forms.TIFF
            return read_tiff(reader=reader)
        if head.startswith(MAGIC):
            form = forms.MATROSKA
            return read_matroska(reader=reader)
        if is_avi(head=head):
            form = forms.AVI
            return read_avi(reader=reader)
        if looks_like_iso_media(head=head):
            form = forms.ISO_MEDIA
            return read_iso_media(reader=reader)
        return _read_searched(reader)
    except UnreadableError:
        raise
    except SourceFormatError as error:
        raise UnreadableError(str(error), form=form, cut_off=isinstance(error, CutOffError)) from error


def _read_searched(reader: BoundedReader) -> Reading:
    """Read the formats whose signature may stand behind foreign bytes."""
    form: Form | None = None
    try:
        header = header_offset(reader=reader)
        if header is not None:
            form = forms.MXF
            return read_mxf(reader=reader, header=header)
        grid = packet_grid(reader=reader)
        if grid is not None:
            form = forms.TRANSPORT_STREAM
            return read_transport_stream(reader=reader, grid=grid)
    except SourceFormatError as error:
        raise UnreadableError(str(error), form=form, cut_off=isinstance(error, CutOffError)) from error
    near = forms.near_miss(head=reader.peek(0, forms.HEAD_BYTES))
    if near is not None:
        return Reading(form=near)
    raise UnreadableError("begins like no media format that Proxx knows", form=None)
