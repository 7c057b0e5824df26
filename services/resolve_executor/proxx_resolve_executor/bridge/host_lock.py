"""One executor for one Resolve: a lock file in the state directory that the system frees with its holder."""

import os
import sys
from pathlib import Path
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

    def release(self) -> None:
        """Let it go."""
        ...


class FileHostLock:
    """Implements HostLock with the lock of the system; it is gone with the process that holds it."""

    def __init__(self, directory: Path) -> None:
        """Take the state directory."""
        self._path = directory / LOCK
        self._descriptor: int | None = None

    def hold(self) -> None:
        """Take the lock, or go on holding it.

        Raises:
            ResolveValidationError: another executor has it, or the file cannot be made.
        """
        if self._descriptor is not None:
            return
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise ResolveValidationError(f"{LOCK} in the state directory cannot be made: {error.strerror}") from error
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise ResolveValidationError(
                f"another executor drives the Resolve of this host: it holds {LOCK} in the state directory"
            ) from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Let it go; the file stays."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
