"""One executor for one Resolve: a lock file in the state directory that the system frees with its holder."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path, PurePath
from typing import Protocol

from proxx_resolve_executor.resolve_error import ResolveValidationError

LOCK = "resolve.lock"


class HostLock(Protocol):
    """Keeps a second executor away: it would sweep the projects of the first one in mid-render."""

    def hold(self) -> None:
        """Take the lock, or go on holding it.

        Raises:
            ResolveValidationError: another executor has it, or the file cannot be made.
        """
        ...

    def hold_program(self, binary: PurePath) -> None:
        """Keep away an executor that has another state directory and the same Resolve.

        Raises:
            ResolveValidationError: another executor has it, or the file cannot be made.
        """
        ...

    def release(self) -> None:
        """Let all go."""
        ...


class FileHostLock:
    """Implements HostLock with locks of the system; they are gone with the process that holds them."""

    def __init__(self, directory: Path) -> None:
        """Take the state directory."""
        self._path = directory / LOCK
        self._descriptor: int | None = None
        self._program: int | None = None

    def hold(self) -> None:
        """Take the lock, or go on holding it.

        Raises:
            ResolveValidationError: another executor has it, or the file cannot be made.
        """
        if self._descriptor is None:
            self._descriptor = _held(self._path, where=f"{LOCK} in the state directory")

    def hold_program(self, binary: PurePath) -> None:
        """Keep away an executor that has another state directory and the same Resolve.

        Raises:
            ResolveValidationError: another executor has it, or the file cannot be made.
        """
        if self._program is None:
            digest = hashlib.sha256(os.fsencode(str(binary))).hexdigest()[:16]
            path = Path(tempfile.gettempdir()) / f"proxx-resolve-{digest}.lock"
            self._program = _held(path, where=str(path))

    def release(self) -> None:
        """Let all go; the files stay."""
        for descriptor in (self._program, self._descriptor):
            if descriptor is not None:
                os.close(descriptor)
        self._program = self._descriptor = None


def _held(path: Path, *, where: str) -> int:
    """Return a descriptor of the file, locked. One that another user made can be locked, too: it is only read."""
    follow = getattr(os, "O_NOFOLLOW", 0)
    try:
        try:
            descriptor = os.open(path, os.O_RDONLY | follow)
        except FileNotFoundError:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | follow, 0o644)
    except OSError as error:
        raise ResolveValidationError(f"{where} cannot be made: {error.strerror}") from error
    try:
        _lock(descriptor)
    except OSError as error:
        os.close(descriptor)
        raise ResolveValidationError(f"another executor drives the Resolve of this host: it holds {where}") from error
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
