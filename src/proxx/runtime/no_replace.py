"""Giving a file its final name without ever replacing another: the file system's own compare-and-set."""

import contextlib
import ctypes
import errno
import logging
import os
import sys
import uuid
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from proxx.runtime import open_flags
from proxx.runtime.where import Where, held, host_path, lexists, open_at

AT_FDCWD = -2 if sys.platform == "darwin" else -100
RENAME_NOREPLACE = 1
RENAME_EXCL = 4
UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})

_LOG = logging.getLogger("proxx.runtime")


class NoReplaceUnsupportedError(OSError):
    """A file system on which no way of publishing without replacing works."""


def move_no_replace(*, source: Where, target: Where) -> str:
    """Rename `source` to `target`, both on one file system, unless `target` exists; return the method used.

    Raises:
        FileExistsError: something stands at `target`, whatever it is.
        NoReplaceUnsupportedError: neither the platform's exclusive rename nor a hard link works here.
        OSError: any other reason.
    """
    name, rename = _exclusive_rename()
    if rename is not None:
        try:
            rename(source, target)
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
        else:
            return name
    link_no_replace(source=source, target=target)
    return "link"


def link_no_replace(*, source: Where, target: Where) -> None:
    """Do what move_no_replace does where there is no exclusive rename: link, then unlink.

    Once `target` is made the call succeeds: a `source` that cannot be unlinked then stays, and is logged.

    Raises:
        FileExistsError, NoReplaceUnsupportedError, OSError: as move_no_replace.
    """
    try:
        with held(source) as (directory, name), held(target) as (other, wanted):
            os.link(name, wanted, src_dir_fd=directory, dst_dir_fd=other, follow_symlinks=False)
    except OSError as error:
        if error.errno not in UNSUPPORTED | {errno.EPERM, errno.EMLINK}:
            raise
        kind = file_system_of(host_path(target.parent))
        why = f"the file system ({kind}) can neither rename without replacing nor hard-link"
        raise NoReplaceUnsupportedError(error.errno, why, str(target.parent)) from error
    try:
        source.unlink()
    except OSError as error:
        _LOG.error("the staged name stays beside the final one", exc_info=error, extra={"staged": str(source)})


def move_to_own(*, source: Where, target: Where) -> None:
    """Rename `source` to `target`, a name in a directory in which only the caller makes names, so that nobody races it.

    Never links: the second half of a link, done late, would remove whatever then stands at `source`. Where there is no
    exclusive rename, a plain one does the same for a name that is free.

    Raises:
        FileExistsError: something stands at `target`.
        OSError: any other reason; `source` stays.
    """
    _, rename = _exclusive_rename()
    if rename is not None:
        try:
            rename(source, target)
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
        else:
            return
    rename_to_own(source=source, target=target)


def rename_to_own(*, source: Where, target: Where) -> None:
    """Do what move_to_own does where there is no exclusive rename: look, then rename.

    Raises:
        FileExistsError, OSError: as move_to_own.
    """
    if lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    with held(source) as (directory, name), held(target) as (other, wanted):
        os.rename(name, wanted, src_dir_fd=directory, dst_dir_fd=other)


def probe_no_replace(*, directory: Where) -> str:
    """Prove on real files that publishing into `directory` never replaces; return the method that does it.

    Raises:
        NoReplaceUnsupportedError: it does replace, or no method works; the message names the file system.
        OSError: files cannot be made there.
    """
    token = uuid.uuid4().hex
    first, second, target = (directory / f".proxx-check-{token}-{part}" for part in ("1", "2", "target"))
    try:
        _make(first, b"1")
        _make(second, b"2")
        method = move_no_replace(source=first, target=target)
        with contextlib.suppress(FileNotFoundError):
            first.unlink()  # after a hard link too a name must be removable here
        try:
            move_no_replace(source=second, target=target)
        except FileExistsError:
            if _content(target) == b"1":
                return method
        raise NoReplaceUnsupportedError(
            errno.ENOTSUP,
            f"the file system ({file_system_of(host_path(directory))}) replaces existing files",
            str(directory),
        )
    finally:
        for leftover in (first, second, target):
            with contextlib.suppress(OSError):
                leftover.unlink()


def file_system_of(directory: Path) -> str:
    """Return the name of the file system that holds `directory`, as the kernel calls it, or `unknown`."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        place = directory.resolve()
    except OSError:
        return "unknown"
    found = ("", "unknown")
    for line in lines:
        _device, mount, kind, *_rest = line.split(" ")
        mount = mount.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
        if place.is_relative_to(mount) and len(mount) >= len(found[0]):
            found = (mount, kind)
    return found[1]


def _make(path: Where, content: bytes) -> None:
    descriptor = open_at(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags.CLOSE_ON_EXEC | open_flags.AS_BYTES)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _content(path: Where) -> bytes:
    with os.fdopen(open_at(path, open_flags.READ | open_flags.NO_FOLLOW), "rb") as file:
        return file.read(2)


@cache
def _exclusive_rename() -> tuple[str, Callable[[Where, Where], None] | None]:
    if sys.platform == "win32":
        return "rename", lambda source, target: os.rename(host_path(source), host_path(target))  # noqa: PTH104  refuses an existing target
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform.startswith("linux") and hasattr(library, "renameat2"):
        return "renameat2", partial(_rename, library.renameat2, RENAME_NOREPLACE)
    if sys.platform == "darwin" and hasattr(library, "renameatx_np"):
        return "renameatx_np", partial(_rename, library.renameatx_np, RENAME_EXCL)
    return "link", None


def _rename(call: Callable[..., int], flag: int, source: Where, target: Where) -> None:
    with held(source) as (directory, name), held(target) as (other, wanted):
        here, there = (AT_FDCWD if place is None else place for place in (directory, other))
        if call(here, os.fsencode(name), there, os.fsencode(wanted), flag) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(target))
