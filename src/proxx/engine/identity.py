"""Which bytes a source has: read by every step that reads the source, before and after."""

import errno
import hashlib
import os
import stat

from proxx.core.facts import SourceIdentity
from proxx.core.roots import RootPath
from proxx.runtime import open_flags
from proxx.runtime.read_at import read_at
from proxx.runtime.where import Where, open_at

EDGE_BYTES = 1024 * 1024


def open_source(*, path: Where, follow_links: bool = True) -> int:
    """Return a descriptor of the file at `path`, for reading. It may be no regular file.

    Raises:
        OSError: it cannot be opened, or is a symbolic link that is not to be followed.
    """
    # NO_WAIT: opening a named pipe must not wait for a writer.
    flags = open_flags.READ | open_flags.NO_WAIT | open_flags.NO_TERMINAL
    try:
        return open_at(path, flags if follow_links else flags | open_flags.NO_FOLLOW)
    except OSError as error:
        if follow_links or error.errno != errno.ELOOP:
            raise
        raise OSError(None, "a symbolic link, not a regular file", str(path)) from error


def read_identity(*, path: Where, source: RootPath, follow_links: bool = True) -> SourceIdentity:
    """Return the identity of the file at `path`, known as `source`. Blocks for two reads of 1 MiB.

    Raises:
        OSError: it cannot be read, is no regular file, or is a symbolic link that is not to be followed.
    """
    descriptor = open_source(path=path, follow_links=follow_links)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise OSError(None, "not a regular file", str(path))
        edges = hashlib.sha256()
        if state.st_size <= 2 * EDGE_BYTES:
            edges.update(read_at(descriptor=file.fileno(), offset=0, length=state.st_size))
        else:
            edges.update(read_at(descriptor=file.fileno(), offset=0, length=EDGE_BYTES))
            edges.update(read_at(descriptor=file.fileno(), offset=state.st_size - EDGE_BYTES, length=EDGE_BYTES))
    return SourceIdentity(
        path=source.path,
        size_bytes=state.st_size,
        mtime_ns=state.st_mtime_ns,
        inode=state.st_ino,
        edge_sha256=edges.hexdigest(),
    )


def identity_difference(*, expected: SourceIdentity, actual: SourceIdentity) -> str | None:
    """Return what differs between two identities of one source, one sentence, or None."""
    for name, before, after in (
        ("size", expected.size_bytes, actual.size_bytes),
        ("modification time (ns)", expected.mtime_ns, actual.mtime_ns),
        ("inode", expected.inode, actual.inode),
        ("digest of the first and last MiB", expected.edge_sha256, actual.edge_sha256),
        ("path", expected.path, actual.path),
    ):
        if before != after:
            return f"{name} was {before}, is {after}"
    return None
