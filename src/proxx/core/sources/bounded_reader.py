"""Reads of a stranger's bytes within fixed limits, so that no file costs more than a few milliseconds to look at."""

from proxx.core.sources.byte_source import ByteSource

MAX_READS = 6000
"""Reads for one file: each box, element, set or packet run costs at least one."""

MAX_BYTES = 8 * 1024 * 1024
"""Bytes taken from the source for one file."""

_BLOCK = 4096


class SourceFormatError(ValueError):
    """The bytes break the rules of the format they claim, or need more work than the limits allow."""


class CutOffError(SourceFormatError):
    """The file ends before what its own structure declares, or before the part that describes its tracks."""


class BoundedReader:
    """A ByteSource with a block of cache, a count of reads and a count of bytes."""

    def __init__(self, source: ByteSource) -> None:
        """Start with nothing read."""
        self._source = source
        self._reads = 0
        self._bytes = 0
        self._block_offset = 0
        self._block = b""

    @property
    def size(self) -> int:
        """Number of bytes of the source."""
        return self._source.size

    def peek(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes at `offset`, fewer where the file ends, none for a length below 1.

        Raises:
            SourceFormatError: the limits are used up.
            OSError: the bytes cannot be read.
        """
        self._reads += 1
        if self._reads > MAX_READS:
            raise SourceFormatError(f"has more than {MAX_READS} parts before its tracks are described")
        if length < 1:
            return b""
        inside = offset - self._block_offset
        if inside >= 0 and inside + length <= len(self._block):
            return self._block[inside : inside + length]
        if offset < 0 or offset >= self.size:
            return b""
        data = self._fetch(offset, max(length, min(_BLOCK, self.size - offset)))
        if length < len(data):
            self._block_offset, self._block = offset, data
        return data[:length]

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes at `offset`.

        Raises:
            CutOffError: the file ends before that.
            SourceFormatError: the limits are used up.
            OSError: the bytes cannot be read.
        """
        data = self.peek(offset, length)
        if len(data) < length:
            raise CutOffError(
                f"is cut off: it ends at byte {self.size}, inside a structure that needs bytes "
                f"{offset} to {offset + length - 1}"
            )
        return data

    def number(self, offset: int, length: int) -> int:
        """Return the big-endian unsigned number of `length` bytes at `offset`."""
        return int.from_bytes(self.read(offset, length), "big")

    def _fetch(self, offset: int, length: int) -> bytes:
        self._bytes += length
        if self._bytes > MAX_BYTES:
            raise SourceFormatError(f"needs more than {MAX_BYTES} bytes read before its tracks are described")
        return self._source.read_at(offset, length)
