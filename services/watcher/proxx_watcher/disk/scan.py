"""The scan of a media folder: names, kinds and stat values, links never followed. Blocks.

A directory whose modification time is what it was is not listed again between full scans, and of its files only those
that are not settled are looked at: so an idle tree of 100,000 files costs one stat for each directory.
"""

import os
import stat
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from proxx.runtime.where import Where, held, listed
from proxx_watcher.app.media_ports import FolderScan
from proxx_watcher.disk.below import below
from proxx_watcher.disk.stat_sighting import sighting_of
from proxx_watcher.domain.selection import Interest, Selector
from proxx_watcher.domain.sighting import Sighting, path_order

_COARSE_NANOSECONDS = 3 * 10**9
"""A directory changed less than this before it was listed may have changed again within one tick of its clock."""


@dataclass(slots=True, kw_only=True)
class _Directory:
    stamp: tuple[int, int, int, int]
    listed_ns: int
    directories: list[str] = field(default_factory=list)
    files: dict[str, Interest] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    settled_parts: set[str] = field(default_factory=set)

    def settle(self, file: str) -> None:
        interest = self.files.pop(file, None)
        if interest is not None:
            (self.settled_parts if interest is Interest.PART else self.settled).add(file)

    def reopen(self, file: str) -> None:
        for settled, interest in ((self.settled_parts, Interest.PART), (self.settled, Interest.MEDIA)):
            if file in settled:
                settled.discard(file)
                self.files[file] = interest


class FolderScanner:
    """Scans one folder again and again; keeps the listings of its directories between scans."""

    def __init__(self, *, root: Path, selector: Selector) -> None:
        """Take the folder, absolute and real, and what is looked for."""
        self._root = root
        self._selector = selector
        self._known: dict[str, _Directory] = {}

    def scan(self, *, settled: Collection[str], reopened: Collection[str], full: bool) -> FolderScan:
        """Return what the folder holds. See MediaDisk.scan.

        Raises:
            OSError: the folder itself cannot be listed.
        """
        self._settle(settled)
        self._reopen(reopened)
        groups: dict[Interest, list[Sighting]] = {interest: [] for interest in Interest}
        faults: list[tuple[str, str]] = []
        known: dict[str, _Directory] = {}
        pending = [""]
        while pending:
            path = pending.pop()
            try:
                directory = self._directory(path, full=full)
            except (FileNotFoundError, NotADirectoryError):
                if not path:
                    raise
                continue
            except OSError as error:
                if not path:
                    raise
                faults.append((path, error.strerror or type(error).__name__))
                continue
            known[path] = directory
            pending += directory.directories
            for sighting, interest in self._sightings(path, directory.files, faults):
                groups[interest].append(sighting)
        self._known = known
        quiet = (file for item in known.values() for file in item.settled_parts)
        return FolderScan(
            media=_ordered(groups[Interest.MEDIA]),
            parts=_ordered(groups[Interest.PART]),
            temporary=_ordered(groups[Interest.TEMPORARY]),
            markers=_ordered(groups[Interest.MARKER]),
            lists=_ordered(groups[Interest.LIST]),
            quiet_parts=frozenset(quiet),
            faults=tuple(sorted(faults)),
        )

    def _settle(self, files: Collection[str]) -> None:
        for file in files:
            directory = self._known.get(file.rpartition("/")[0])
            if directory is not None:
                directory.settle(file)

    def _reopen(self, files: Collection[str]) -> None:
        for file in files:
            directory = self._known.get(file.rpartition("/")[0])
            if directory is not None:
                directory.reopen(file)

    def _directory(self, path: str, *, full: bool) -> _Directory:
        """Return the listing of a directory, the known one where nothing happened to it."""
        place = self._at(path)
        listed_ns = time.time_ns()
        state = place.lstat() if path else self._root.stat()
        if not stat.S_ISDIR(state.st_mode):
            raise NotADirectoryError(20, os.strerror(20), str(place))
        stamp = (state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_dev)
        before = self._known.get(path)
        same = before is not None and before.stamp == stamp and not full
        if before is not None and same and abs(before.listed_ns - state.st_mtime_ns) > _COARSE_NANOSECONDS:
            return before
        found = _Directory(stamp=stamp, listed_ns=listed_ns)
        for entry, inner in self._entries(path, place):
            if entry.is_dir(follow_symlinks=False):
                if self._selector.descends(path=inner):
                    found.directories.append(inner)
            elif entry.is_file(follow_symlinks=False):
                interest = self._selector.interest(path=inner)
                if interest is not Interest.NONE:
                    found.files[inner] = interest
        return found

    def _entries(self, path: str, place: Where) -> Iterator[tuple["os.DirEntry[str]", str]]:
        with listed(place) as entries:
            for entry in entries:
                yield entry, f"{path}/{entry.name}" if path else entry.name

    def _sightings(
        self, path: str, names: Mapping[str, Interest], faults: list[tuple[str, str]]
    ) -> Iterator[tuple[Sighting, Interest]]:
        """Yield the sightings of the files of one directory, which is held open for all of them."""
        if not names:
            return
        try:
            with held(self._at(path) / "any") as (directory, _):
                for file, interest in names.items():
                    try:
                        sighting = self._sighting(file, directory)
                    except OSError as error:
                        faults.append((file, error.strerror or type(error).__name__))
                        continue
                    if sighting is not None:
                        yield sighting, interest
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            faults += [(file, error.strerror or type(error).__name__) for file in names]

    def _sighting(self, path: str, directory: int | None) -> Sighting | None:
        """Return the sighting of a file in an open directory; None when it is gone, or no regular file any more."""
        try:
            if directory is None:
                state = self._at(path).lstat()
            else:
                state = os.stat(path.rpartition("/")[2], dir_fd=directory, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return sighting_of(path=path, state=state) if stat.S_ISREG(state.st_mode) else None

    def _at(self, path: str) -> Where:
        return below(root=self._root, path=path)


def _ordered(sightings: list[Sighting]) -> tuple[Sighting, ...]:
    return tuple(sorted(sightings, key=lambda sighting: path_order(sighting.path)))
