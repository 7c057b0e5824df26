"""What disks, copies and broken writers do to bytes. Every change is deterministic."""

import struct
from collections.abc import Callable

from tests.footage.rotation import MATRIX_OFFSET_VERSION_0, ONE, W_ONE

Change = Callable[[bytes], bytes]


def cut(percent: int) -> Change:
    """Keep the first `percent` of the file."""
    return lambda data: data[: len(data) * percent // 100]


def rotten(*, at: float, length: int) -> Change:
    """Invert `length` bytes from the fraction `at` of the file: a bad sector, a bad cable."""

    def change(data: bytes) -> bytes:
        start = int(len(data) * at)
        bad = bytes(byte ^ 0xFF for byte in data[start : start + length])
        return data[:start] + bad + data[start + length :]

    return change


def one_bit(*, at: float) -> Change:
    """Flip the lowest bit of the byte at the fraction `at`."""

    def change(data: bytes) -> bytes:
        start = int(len(data) * at)
        return data[:start] + bytes([data[start] ^ 1]) + data[start + 1 :]

    return change


def zeroed(*, at: float, length: int) -> Change:
    """Zero `length` bytes from the fraction `at` of the file: a page that was never written."""

    def change(data: bytes) -> bytes:
        start = int(len(data) * at)
        return data[:start] + bytes(len(data[start : start + length])) + data[start + length :]

    return change


def emptied(_: bytes) -> bytes:
    """Nothing at all."""
    return b""


def text(_: bytes) -> bytes:
    """A text file under the name of a clip."""
    return b"<html><body>404 Not Found</body></html>\n" * 64


def patched(marker: bytes, offset: int, new: bytes, *, which: int = 0) -> Change:
    """Write `new` at `offset` from the start of the `which`th `marker`.

    Raises:
        ValueError: the marker is not there.
    """

    def change(data: bytes) -> bytes:
        at = -1
        for _ in range(which + 1):
            at = data.index(marker, at + 1)
        start = at + offset
        return data[:start] + new + data[start + len(new) :]

    return change


def turned(*, degrees: int, mirrored: bool = False) -> Change:
    """Write another display matrix into the first track header (version 0, ISO/IEC 14496-12, 8.3.2)."""
    a, b, c, d = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[degrees]
    if mirrored:
        a, b = -a, -b
    matrix = struct.pack(">9i", a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, W_ONE)
    return patched(b"tkhd", MATRIX_OFFSET_VERSION_0 - 4, matrix)
