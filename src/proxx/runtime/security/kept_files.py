"""Files that may change while a process runs: the newest version that can be used counts, a broken one never."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from proxx.runtime.security.options import SecurityError

Value = TypeVar("Value")
_Stamp = tuple[tuple[int, int, int, int, int], ...]


class KeptFiles(Generic[Value]):
    """What `load` makes of some files, as of their newest version that it could use.

    `what` names them in the log: access, tls. `trouble` says why the version on disk is not in force, "" when it is.
    """

    def __init__(self, *, what: str, paths: tuple[Path, ...], load: Callable[[], Value]) -> None:
        """Load for the first time.

        Raises:
            SecurityError: a file cannot be used.
        """
        self.what = what
        self.trouble = ""
        self._paths = paths
        self._load = load
        self._log = structlog.stdlib.get_logger("proxx.security")
        self._seen = self._stamp()
        self._doubtful: _Stamp | None = None
        self._told: _Stamp | None = None
        self.value = load()

    def refresh(self) -> bool:
        """Look at the files and load them when they changed. Returns whether the value is a new one.

        A version that cannot be used is looked at a second time before the log says so: several files are never
        replaced in one moment.
        """
        found: _Stamp = ()
        try:
            found = self._stamp()
            if found == self._seen:
                self._doubtful, self._told, self.trouble = None, None, ""
                return False
            if found == self._told:
                return False
            value = self._load()
        except SecurityError as error:
            self._failed(found, error)
            return False
        self.value, self._seen = value, found
        self._doubtful, self._told, self.trouble = None, None, ""
        self._log.info("security.reloaded", what=self.what, files=self._names)
        return True

    def _failed(self, found: _Stamp, error: SecurityError) -> None:
        if found == self._told:
            return
        if found != self._doubtful:
            self._doubtful = found
            return
        self._told, self.trouble = found, str(error)
        self._log.error(
            "security.reload_failed",
            what=self.what,
            files=self._names,
            reason=self.trouble,
            rule="the version before it stays in force until the files are corrected",
        )

    @property
    def _names(self) -> list[str]:
        return [str(path) for path in self._paths]

    def _stamp(self) -> _Stamp:
        stamps = []
        for path in self._paths:
            try:
                status = path.stat()
            except OSError as error:
                raise SecurityError(f"{self.what}: {path}: cannot be read: {error.strerror}") from error
            # The time of the change counts, too: rights may change alone, and a copy may keep the date.
            stamps.append((status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev))
        return tuple(stamps)
