"""The port through which the readers see a file: its size, and bytes at an offset."""

from typing import Protocol


class ByteSource(Protocol):
    """Random access to the bytes of one source. Whoever implements it decides how (a file, a test's bytes)."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    def read_at(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset`; fewer only at the end.

        Raises:
            OSError: the bytes cannot be read.
        """
        ...
