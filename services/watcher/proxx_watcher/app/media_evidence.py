"""Completion evidence of a media folder: temporary names, markers and checksum lists, as the scans show them."""

from dataclasses import dataclass

import structlog

from proxx.core.quoting import quote
from proxx_watcher.app.media_ports import FolderScan, Form, MediaDisk
from proxx_watcher.domain.checksum_list import ChecksumListError, Listed
from proxx_watcher.domain.evidence import Digests, EvidenceRules, ListedFile, Marker, Require, Statement, weigh
from proxx_watcher.domain.readiness import ReadinessRules
from proxx_watcher.domain.selection import temporary_origin
from proxx_watcher.domain.sighting import History, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    form: Form
    entries: tuple[tuple[str, Listed], ...] = ()
    fault: str = ""


class MediaEvidence:
    """What was seen beside the media of one folder."""

    def __init__(self, *, disk: MediaDisk, rules: EvidenceRules, readiness: ReadinessRules) -> None:
        """Take the folder and what it asks for."""
        self._disk = disk
        self._rules = rules
        self._readiness = readiness
        self._temporary: dict[tuple[int, int], Sighting] = {}
        self._former: dict[str, tuple[tuple[int, int], str]] = {}
        self._markers: dict[str, tuple[Form, Marker]] = {}
        self._folder_markers: dict[str, Marker] = {}
        self._lists: dict[str, _List] = {}
        self._listed: dict[str, ListedFile] = {}
        self._digests: dict[str, tuple[Form, dict[str, str]]] = {}

    async def see(self, *, scan: FolderScan, now: float) -> None:
        """Take in a scan."""
        self._see_names(scan)
        markers: dict[str, tuple[Form, Marker]] = {}
        for sighting in scan.markers:
            known = self._markers.get(sighting.path)
            if known is None or known[0] != sighting.form:
                known = (sighting.form, Marker(path=sighting.path, first_seen=now))
            markers[sighting.path] = known
        self._markers = markers
        self._folder_markers = {
            path.rpartition("/")[0]: marker
            for path, (_, marker) in markers.items()
            if path.rpartition("/")[2].casefold() == self._rules.folder_marker.casefold()
        }
        await self._see_lists(scan)

    def statement(self, *, history: History) -> Statement:
        """Return what is said about a file."""
        path = history.newest.path
        listed = self._listed.get(path)
        unsized = self._readiness.require is Require.CHECKSUM and listed is not None and listed.entry.size is None
        return weigh(
            history=history,
            former_name=self._former_name(history.newest),
            marker=self._marker(path),
            listed=listed,
            digests=self._computed(history.newest),
            verify=self._readiness.verify_digests or unsized,
        )

    def learned(self, *, path: str, form: Form, algorithm: str, value: str) -> None:
        """Keep the digest that was computed of a file."""
        known = self._digests.get(path)
        values = known[1] if known is not None and known[0] == form else {}
        self._digests[path] = (form, {**values, algorithm: value})

    def forget(self, *, path: str) -> None:
        """Drop what is kept of a file that has its job, or is gone."""
        self._digests.pop(path, None)
        self._former.pop(path, None)

    @property
    def faults(self) -> tuple[str, ...]:
        """Return the lists that cannot be read, each with its reason."""
        return tuple(
            f"{quote(text=path, limit=120)} {found.fault}" for path, found in self._lists.items() if found.fault
        )

    def _see_names(self, scan: FolderScan) -> None:
        """Remember inodes under temporary names, and which final names they came to bear."""
        for sighting in (*scan.media, *scan.parts):
            identity = (sighting.device, sighting.inode)
            known = self._former.get(sighting.path)
            if known is not None and known[0] != identity:
                del self._former[sighting.path]
            before = self._temporary.get(identity)
            if before is not None and _renamed(before, sighting):
                self._former[sighting.path] = (identity, before.name)
        self._temporary = {(sighting.device, sighting.inode): sighting for sighting in scan.temporary}

    def _former_name(self, sighting: Sighting) -> str:
        known = self._former.get(sighting.path)
        return known[1] if known is not None and known[0] == (sighting.device, sighting.inode) else ""

    def _marker(self, path: str) -> Marker | None:
        suffix = self._rules.marker_suffix
        found = self._markers.get(f"{path}{suffix}") if suffix else None
        if found is not None:
            return found[1]
        directories = path.split("/")[:-1]
        places = ("/".join(directories[:depth]) for depth in range(len(directories), -1, -1))
        return next((self._folder_markers[place] for place in places if place in self._folder_markers), None)

    async def _see_lists(self, scan: FolderScan) -> None:
        changed = False
        lists: dict[str, _List] = {}
        for sighting in scan.lists:
            known = self._lists.get(sighting.path)
            if known is None or known.form != sighting.form:
                known, changed = await self._read(sighting), True
            lists[sighting.path] = known
        if changed or len(lists) != len(self._lists):
            self._listed = {
                target: ListedFile(source=source, entry=entry)
                for source, found in lists.items()
                for target, entry in found.entries
            }
        self._lists = lists

    async def _read(self, sighting: Sighting) -> _List:
        try:
            entries = await self._disk.checksum_list(path=sighting.path)
        except (OSError, ChecksumListError) as error:
            log = structlog.stdlib.get_logger("proxx.watcher")
            log.warning("checksum_list.unreadable", path=quote(text=sighting.path), reason=str(error))
            return _List(form=sighting.form, fault=str(error))
        return _List(form=sighting.form, entries=entries)

    def _computed(self, sighting: Sighting) -> Digests:
        known = self._digests.get(sighting.path)
        return Digests(values=known[1]) if known is not None and known[0] == sighting.form else Digests()


def _renamed(before: Sighting, after: Sighting) -> bool:
    """Whether the inode kept its content and got a final name; file systems give inodes of removed files out again."""
    return after.size >= before.size and temporary_origin(temporary=before.name, final=after.name)
