"""Which kind of file system an open file lies on. The table of mounts is parsed anew only when it changed."""

import os
import select
import threading
from functools import cache
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")
_CHANGED = select.POLLPRI | select.POLLERR


class MountTable:
    """The kinds of all mounts by their number, as the kernel tells them; it tells of changes as well (proc(5))."""

    def __init__(self, *, table: Path = _TABLE) -> None:
        """Take the file of the table; it is opened when the first kind is asked for."""
        self._table = table
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._kinds: dict[str, str] = {}
        self.parsed = 0

    def kind_of(self, descriptor: int) -> str:
        """Return the kind of file system that an open file lies on; empty when this system does not tell."""
        try:
            facts = Path(f"/proc/self/fdinfo/{descriptor}").read_text(encoding="ascii")
            mount = next((line.split()[1] for line in facts.splitlines() if line.startswith("mnt_id:")), "")
            with self._lock:
                if self._changed():
                    self._parse()
                return self._kinds.get(mount, "")
        except OSError:
            return ""

    def _changed(self) -> bool:
        if self._descriptor is None:
            self._descriptor = os.open(self._table, os.O_RDONLY | os.O_CLOEXEC)
            return True
        poll = select.poll()
        poll.register(self._descriptor, select.POLLPRI)
        return any(events & _CHANGED for _, events in poll.poll(0))

    def _parse(self) -> None:
        with self._table.open(encoding="utf-8", errors="surrogateescape") as lines:
            halves = [line.partition(" - ") for line in lines]
        self._kinds = {mount.split(" ", 1)[0]: kind.split(" ", 1)[0] for mount, _, kind in halves}
        self.parsed += 1


@cache
def mounts() -> MountTable:
    """Return the one table of this process."""
    return MountTable()
