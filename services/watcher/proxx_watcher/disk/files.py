"""The blocking work on a folder's files: whole or not at all, durable, never over anything. Plain functions."""

import errno
import os
import stat
import uuid
from pathlib import Path

from proxx.runtime.durable import sync_directory
from proxx.runtime.no_replace import move_no_replace, move_to_own
from proxx.runtime.where import Where, listed, open_at, replace_at
from proxx_watcher.app.ports import FileRead
from proxx_watcher.disk.samples import writer_of
from proxx_watcher.disk.stat_sighting import sighting_of
from proxx_watcher.domain.readiness import Writer
from proxx_watcher.domain.root_identity import RootIdentity
from proxx_watcher.domain.sighted_name import NameKind, SightedName
from proxx_watcher.domain.spec_names import name_order

TEMPORARY_PREFIX = ".proxx-watch-"
TEMPORARY_ENDING = ".tmp"
_KINDS = {stat.S_IFREG: NameKind.FILE, stat.S_IFDIR: NameKind.DIRECTORY, stat.S_IFLNK: NameKind.SYMLINK}


def identity_of(root: Path) -> RootIdentity | None:
    """Return which directory stands at `root`; None when none does.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        found = root.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return RootIdentity(device=found.st_dev, inode=found.st_ino) if stat.S_ISDIR(found.st_mode) else None


def names_in(directory: Where) -> tuple[SightedName, ...]:
    """Return everything in a directory, by the bytes of the names. What vanishes meanwhile is left out."""
    found = []
    with listed(directory) as entries:
        for entry in entries:
            try:
                found.append(_sighted(entry.name, entry.stat(follow_symlinks=False)))
            except FileNotFoundError:
                continue
    return tuple(sorted(found, key=lambda item: name_order(item.name)))


def look_at(path: Where) -> SightedName | None:
    """Return what stands at a path, links not followed; None when nothing does."""
    try:
        return _sighted(path.name, path.lstat())
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_file(*, path: Where, limit: int) -> FileRead:
    """Read a regular file, not through a link, and look at it again afterwards.

    Raises:
        FileNotFoundError: it is gone. OSError: it cannot be read, or is no regular file.
    """
    # O_NONBLOCK: opening a pipe must not wait for its writer
    descriptor = open_at(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        data = file.read(limit + 1)
        writing = writer_of(descriptor) is Writer.OPEN
        after = os.fstat(descriptor)
    there = look_at(path)
    first, last = sighting_of(path=path.name, state=before), sighting_of(path=path.name, state=after)
    replaced = there is None or there.sighting is None or there.sighting.form != last.form
    return FileRead(
        data=data if len(data) <= limit else None,
        sighting=last,
        torn=replaced or first.form != last.form or (len(data) <= limit and len(data) != last.size),
        writing=writing,
    )


def make_directory(path: Where) -> None:
    """Make a directory durably; one that stands there already is fine.

    Raises:
        FileExistsError: something else stands there, a link too. OSError: it cannot be made.
    """
    try:
        path.mkdir()
    except FileExistsError:
        if not stat.S_ISDIR(path.lstat().st_mode):
            raise FileExistsError(
                errno.EEXIST, "a directory is needed here and something else stands", str(path)
            ) from None
        return
    sync_directory(path.parent)


def write_new(*, path: Where, text: str) -> None:
    """Write a file whole or not at all, durably, under a name that must be free.

    Raises:
        FileExistsError: the name is taken. OSError: it cannot be written.
    """
    temporary = _write_temporary(path.parent, text)
    try:
        move_no_replace(source=temporary, target=path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def write_over(*, path: Where, text: str) -> None:
    """Replace a file whole or not at all, durably.

    Raises:
        OSError: it cannot be written.
    """
    temporary = _write_temporary(path.parent, text)
    try:
        replace_at(source=temporary, target=path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def move(*, source: Where, target: Where) -> None:
    """Move a file durably to a name that must be free, where nobody else makes names.

    Never by a link: a drop that is renamed onto `source` before the link's second half would be unlinked unseen.

    Raises:
        FileNotFoundError: the source is gone. FileExistsError: the name is taken. OSError: it cannot be moved.
    """
    move_to_own(source=source, target=target)
    _sync_both(source, target)


def put_back(*, source: Where, target: Where) -> None:
    """Move a file durably, from where nobody else makes names, to a name that must be free where others make them.

    Raises:
        FileNotFoundError: the source is gone. FileExistsError: the name is taken. OSError: it cannot be moved.
    """
    move_no_replace(source=source, target=target)
    _sync_both(source, target)


def sweep(directory: Where) -> None:
    """Remove unfinished files of an earlier life. The folder's lock is held, so nobody writes them now."""
    with listed(directory) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        if name.startswith(TEMPORARY_PREFIX) and name.endswith(TEMPORARY_ENDING):
            (directory / name).unlink(missing_ok=True)


def _sync_both(source: Where, target: Where) -> None:
    sync_directory(target.parent)
    if source.parent != target.parent:
        sync_directory(source.parent)


def _write_temporary(directory: Where, text: str) -> Where:
    path = directory / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}{TEMPORARY_ENDING}"
    descriptor = open_at(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _sighted(name: str, found: os.stat_result) -> SightedName:
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), NameKind.OTHER)
    sighting = sighting_of(path=name, state=found) if kind is NameKind.FILE else None
    return SightedName(name=name, kind=kind, sighting=sighting)
