"""The names of one directory that matter, read anew only when something happened to the directory. Blocks.

A flat folder keeps a result for each JobSpec that it ever had: reading 100,000 names at each look would cost a quarter
of a core. The files that matter are looked at each time, so a change in place is seen at once.
"""

import time
from collections.abc import Callable, Mapping

from proxx.runtime.where import Where, listed
from proxx_watcher.disk.files import look_at
from proxx_watcher.domain.sighted_name import SightedName
from proxx_watcher.domain.spec_names import name_order

_COARSE_NANOSECONDS = 3 * 10**9
"""A directory changed less than this before it was read may have changed again within one tick of its clock."""
_LONGEST_SECONDS = 30.0
_LONGEST_SHARE = 200
"""However quiet its times are, a directory is read again after 30 s, or 200 times what reading it takes."""


class Listing:
    """Looks at one directory again and again."""

    def __init__(self, *, directory: Where, matters: Callable[[str], bool]) -> None:
        """Take the directory, absolute, and which names are of interest."""
        self._directory = directory
        self._matters = matters
        self._names: dict[str, int] = {}
        self._stamp: tuple[int, int, int, int] | None = None
        self._read_ns = 0
        self._next_read = 0.0

    def look(self) -> tuple[SightedName, ...]:
        """Return what stands under the names that matter, by their bytes. What vanishes meanwhile is left out.

        Raises:
            OSError: the directory cannot be read.
        """
        found = (look_at(self._directory / name) for name in self.names())
        return tuple(item for item in found if item is not None)

    def names(self) -> Mapping[str, int]:
        """Return the names that matter, by their bytes, and the inode of each; no file is looked at.

        Raises:
            OSError: the directory cannot be read.
        """
        now_ns, now = time.time_ns(), time.monotonic()
        state = self._directory.stat()
        stamp = (state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_dev)
        latest_ns = max(state.st_mtime_ns, state.st_ctime_ns)  # a copy tool may set back the one, never the other
        quiet = stamp == self._stamp and abs(self._read_ns - latest_ns) > _COARSE_NANOSECONDS
        if not quiet or now >= self._next_read:
            self._stamp = None
            with listed(self._directory) as entries:
                found = {entry.name: entry.inode() for entry in entries if self._matters(entry.name)}
            self._names = dict(sorted(found.items(), key=lambda item: name_order(item[0])))
            took = time.monotonic() - now
            self._stamp, self._read_ns = stamp, now_ns
            self._next_read = now + max(_LONGEST_SECONDS, took * _LONGEST_SHARE)
        return self._names
