"""One look inside a file: samples, zeros, holes, its structure, and whether a writer has it open. Blocks.

A look costs at most some hundred kilobytes and the bounded reads of `domain.ends`. Nothing is ever written.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import signal
import stat

from proxx.runtime.read_at import read_at
from proxx.runtime.where import Where, open_at
from proxx_watcher.app.media_ports import FileContent, FileDigest
from proxx_watcher.disk.mounts import mounts
from proxx_watcher.domain.ends.file_end import file_end
from proxx_watcher.domain.readiness import Look, Writer

EDGE_BYTES = 1024 * 1024
"""How much of either end goes into the content digest, as in the source identity of a plan."""

_SAMPLE = 64 * 1024
_BLOCK = 4096
_MIDDLE_BLOCKS = 8
_CHUNK = 4 * 1024 * 1024
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC

_LEASED_KINDS = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs"})
"""File systems of this machine alone, where the kernel knows every writer."""


class _Descriptor:
    """An open regular file as the ByteSource of the readers."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size

    @property
    def size(self) -> int:
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        return read_at(descriptor=self._descriptor, offset=offset, length=length)


def look_inside(*, path: Where, lease: bool) -> Look:
    """Return what one opening of the file finds. What the system refuses stands in `fault`; nothing is raised.

    With `lease`, a read lease is asked for and given back at once, which tells whether a writer has the file open.
    """
    try:
        descriptor, state = _opened(path)
    except OSError as error:
        return Look(fault=_reason(error))
    try:
        return _look(descriptor, state, lease=lease)
    except OSError as error:
        return Look(fault=_reason(error))
    finally:
        os.close(descriptor)


def file_content(*, path: Where) -> FileContent:
    """Return the digest over size and both ends of the file, and its form after they were read.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    descriptor, state = _opened(path)
    try:
        found = hashlib.sha256(b"%d\n" % state.st_size)
        found.update(read_at(descriptor=descriptor, offset=0, length=min(EDGE_BYTES, state.st_size)))
        if state.st_size > EDGE_BYTES:
            start = max(EDGE_BYTES, state.st_size - EDGE_BYTES)
            found.update(read_at(descriptor=descriptor, offset=start, length=state.st_size - start))
        return FileContent(digest=found.hexdigest(), form=form_of(os.fstat(descriptor)))
    finally:
        os.close(descriptor)


def file_digest(*, path: Where, algorithm: str) -> FileDigest:
    """Return the digest of all bytes of the file, and its form after they were read. Blocks for as long as that takes.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    descriptor, _ = _opened(path)
    try:
        found = hashlib.new(algorithm, usedforsecurity=False)
        offset = 0
        while data := os.pread(descriptor, _CHUNK, offset):
            found.update(data)
            offset += len(data)
        return FileDigest(value=found.hexdigest(), form=form_of(os.fstat(descriptor)))
    finally:
        os.close(descriptor)


def form_of(state: os.stat_result) -> tuple[int, int, int, int, int]:
    """Return the form of a file: size, modification and change time in nanoseconds, device, inode."""
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_dev, state.st_ino


def _opened(path: Where) -> tuple[int, os.stat_result]:
    descriptor = open_at(path, _OPEN)
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return descriptor, state


def _look(descriptor: int, state: os.stat_result, *, lease: bool) -> Look:
    size = state.st_size
    head = read_at(descriptor=descriptor, offset=0, length=min(_SAMPLE, size))
    tail = read_at(descriptor=descriptor, offset=max(0, size - _SAMPLE), length=min(_SAMPLE, size))
    found = hashlib.sha256(b"%d\n" % size + head + tail)
    zeros = []
    for offset in _middle_offsets(size):
        block = read_at(descriptor=descriptor, offset=offset, length=_BLOCK)
        found.update(block)
        if not any(block):
            zeros.append(offset)
    writer = writer_of(descriptor) if lease else Writer.UNKNOWN
    return Look(
        form=form_of(os.fstat(descriptor)),
        digest=found.hexdigest(),
        zero_tail=len(tail) - len(tail.rstrip(b"\0")),
        zero_samples=tuple(zeros),
        hole=_hole(descriptor, size),
        writer=writer,
        ending=file_end(data=_Descriptor(descriptor, size)),
    )


def _middle_offsets(size: int) -> tuple[int, ...]:
    """Return the offsets of the blocks between both ends, evenly apart and the same for the same size."""
    if size <= _BLOCK * (_MIDDLE_BLOCKS + 1):
        return ()
    step = size // (_MIDDLE_BLOCKS + 1)
    return tuple(step * number // _BLOCK * _BLOCK for number in range(1, _MIDDLE_BLOCKS + 1))


def _hole(descriptor: int, size: int) -> int | None:
    """Return the first place where nothing was written, None where there is none or the file system does not say."""
    try:
        found = os.lseek(descriptor, 0, os.SEEK_HOLE)
    except OSError:
        return None
    return found if found < size else None


def writer_of(descriptor: int) -> Writer:
    """Return whether a program of this machine has an open file open for writing, where that can be known.

    Asks for a read lease: the kernel grants it only while nobody has the file open for writing (fcntl(2)).

    Should a writer open the file in the instant that the lease is held, the kernel sends a signal; it is set to SIGURG,
    whose default action is to be ignored, so the lease's own SIGIO can never end this process.
    """
    if not hasattr(fcntl, "F_SETLEASE") or mounts().kind_of(descriptor) not in _LEASED_KINDS:
        return Writer.UNKNOWN
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return Writer.OPEN if error.errno == errno.EAGAIN else Writer.UNKNOWN
    with contextlib.suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return Writer.NONE


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
