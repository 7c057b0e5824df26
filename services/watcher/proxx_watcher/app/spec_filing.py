"""Delivering what came of a JobSpec: its result file, the manifest, and the spec in its final place.

Every step can be taken again after a crash at any moment: it first looks whether it was taken. Nothing is overwritten;
what stands in the way is kept under the first free number.
"""

from datetime import datetime
from pathlib import Path

import structlog

from proxx.core.jobs import JobResult, JobState
from proxx.core.suffixes import MAX_SUFFIX
from proxx.core.violation import Violation
from proxx_watcher.app.folder_guard import FolderGuard
from proxx_watcher.app.ports import Clock, FileRead, FileTroubleError, SpecDisk
from proxx_watcher.app.result_stamps import ResultStamps
from proxx_watcher.app.spec_intake import OF_THE_FILE, SPEC_LIMIT_BYTES, content_digest
from proxx_watcher.app.spec_records import SpecRecords
from proxx_watcher.domain.manifest import (
    ManifestEntry,
    ManifestInvalidError,
    ManifestText,
    read_manifest,
    status_word,
)
from proxx_watcher.domain.sighted_name import SightedName
from proxx_watcher.domain.spec_names import numbered, result_name
from proxx_watcher.domain.spec_places import Places, below
from proxx_watcher.domain.spec_record import SpecRecord, next_generation
from proxx_watcher.domain.spec_result import ResultOrigin, ResultSaid, read_result, refusal_text, result_text
from proxx_watcher.domain.spec_rules import Past, ResultFile

RESULT_LIMIT_BYTES = 256 * 1024 * 1024
_RACES = 5
_OUTCOMES = (JobState.COMPLETED, JobState.FAILED)


class SpecFiling:
    """The final places of one folder."""

    def __init__(
        self,
        *,
        folder: str,
        root: Path,
        disk: SpecDisk,
        guard: FolderGuard,
        places: Places,
        records: SpecRecords,
        clock: Clock,
    ) -> None:
        """Take the folder's name and path, which results state, and where to write.

        `guard` is asked again before anything is delivered: the directory may have been swapped since the pass began.
        """
        self._folder = folder
        self._root = root
        self._disk = disk
        self._guard = guard
        self._places = places
        self._records = records
        self._clock = clock
        self._manifest: dict[str, ManifestEntry] = {}
        self._manifest_form: object = None
        self._manifest_text = ManifestText()

    async def refresh(self) -> None:
        """Read the manifest when it is not the one that was read or written last; an operator may remove it.

        One that cannot be read is kept under a number and made anew from the ledger.

        Raises:
            OSError: the folder cannot be read or written.
        """
        path = self._places.manifest
        if not path:
            return
        there = await self._disk.look(path=path)
        form = None if there is None else (there.kind, there.sighting and there.sighting.form)
        if form == self._manifest_form:
            return
        self._manifest, self._manifest_form = {}, form
        if there is None:
            return
        file = await self._disk.read(path=path, limit=RESULT_LIMIT_BYTES)
        try:
            if file.data is None:
                raise ManifestInvalidError(f"it has more than {RESULT_LIMIT_BYTES} bytes")
            self._manifest = read_manifest(file.data.decode("utf-8"))
        except ValueError as error:
            kept = await self._make_way(path)
            log = structlog.stdlib.get_logger("proxx.watcher")
            log.error("manifest.damaged", folder=self._folder, reason=str(error), kept_as=kept)
            for record in self._records.delivered():
                self._enter(record.name, record, record.outcome or JobState.FAILED, record.since)
            await self._write_manifest()

    @property
    def has_manifest(self) -> bool:
        """Whether the layout has a manifest at all."""
        return bool(self._places.manifest)

    def past(self, *, name: str, sha256: str) -> Past | None:
        """Return what the manifest says of a content under a name."""
        entry = self._manifest.get(self._path_of(name))
        if entry is None or entry.sha256 != sha256:
            return None
        return Past(outcome=entry.outcome, generation=entry.generation, job_key=entry.job_key)

    async def results(self) -> ResultStamps:
        """Return which results stand in the folder now, as one value to be asked for many names.

        Raises:
            OSError: the folder cannot be read.
        """
        directories = dict.fromkeys(self._places.results(outcome=outcome) for outcome in _OUTCOMES)
        return ResultStamps(tuple([await self._disk.results(directory=directory) for directory in directories]))

    async def result_of(self, *, name: str, sha256: str) -> ResultFile:
        """Return what stands under the name of a spec's result.

        Raises:
            OSError: the folder cannot be read.
        """
        found = ResultFile.NONE
        for path in self._result_paths(name):
            said = await self._said(path)
            if said is None:
                continue
            if said.received_digest == sha256:
                return ResultFile.SAME
            found = ResultFile.OTHER if said.received_digest else ResultFile.UNKNOWN
        return found

    async def is_filed(self, *, name: str, sha256: str) -> bool:
        """Return whether a file with this content stands in a final place under its own name.

        Raises:
            OSError: the folder cannot be read.
        """
        for directory in (self._places.good, self._places.bad):
            if await self._holds(below(directory, name), sha256):
                return True
        return False

    async def deliver(self, *, record: SpecRecord, result: JobResult, evidence: str) -> SpecRecord:
        """Write the result of a job that ended and file its spec.

        Raises:
            OSError: something cannot be written; calling again goes on.
        """
        origin = self._origin(record, evidence)
        text = result_text(
            result=result, origin=origin, now=self._clock.now(), seed_words=self._places.results_in_inbox
        )
        said = ResultSaid(
            received_digest=result.received_digest,
            job_key=result.job_key,
            generation=record.generation,
            run_number=result.run_number,
        )
        return await self._finish(record, result.final_status, text, said, result.reason)

    async def refuse(self, *, record: SpecRecord, violations: tuple[Violation, ...], evidence: str) -> SpecRecord:
        """Write the result of a JobSpec that no job was made of, and file it.

        Raises:
            OSError: something cannot be written; calling again goes on.
        """
        origin = self._origin(record, evidence)
        text = refusal_text(
            violations=violations, origin=origin, now=self._clock.now(), seed_words=self._places.results_in_inbox
        )
        said = ResultSaid(received_digest=record.sha256, job_key="", generation=record.generation, run_number=0)
        reason = violations[0].message if violations else "refused"
        return await self._finish(record, JobState.REJECTED, text, said, reason)

    async def clear(self, *, name: str) -> None:
        """Keep every result of this name under a number and drop it from the manifest, so that it can be made anew.

        Raises:
            OSError: something cannot be moved or written.
        """
        for path in self._result_paths(name):
            if await self._disk.look(path=path) is not None:
                await self._make_way(path)
        if self._manifest.pop(self._path_of(name), None) is not None:
            await self._write_manifest()

    async def next_generation(self, *, name: str, sha256: str) -> int | None:
        """Return the first generation of this content of which results and manifest tell no job; None for no word.

        Raises:
            OSError: the folder cannot be read.
        """
        entry = self._manifest.get(self._path_of(name))
        found = []
        if entry is not None and entry.sha256 == sha256:
            found.append(next_generation(generation=entry.generation, job_key=entry.job_key))
        for path in self._result_paths(name):
            said = await self._said(path)
            if said is not None and said.received_digest == sha256:
                found.append(next_generation(generation=said.generation, job_key=said.job_key))
        return max(found, default=None)

    async def file(self, *, name: str, sha256: str, outcome: JobState) -> None:
        """Move a spec with this content to its final place, from wherever it stands; nothing when it is gone.

        Raises:
            OSError: it cannot be moved.
        """
        target = below(self._places.filed(outcome=outcome), name)
        for directory in dict.fromkeys((self._places.work, self._places.inbox)):
            source = below(directory, name)
            if await self._holds(source, sha256):
                await self._disk.make_directory(path=self._places.filed(outcome=outcome))
                await self._move_clearing(source, target)
                if not await self._holds(target, sha256):
                    await self._give_back(target, name)
                return

    async def _finish(
        self, record: SpecRecord, outcome: JobState, text: str, said: ResultSaid, reason: str
    ) -> SpecRecord:
        directory = self._places.results(outcome=outcome)
        await self._guard.check()
        if directory:
            await self._disk.make_directory(path=directory)
        await self._write_result(below(directory, result_name(record.name)), text, said)
        if self._places.manifest:
            self._enter(record.name, record, outcome, self._clock.now())
            await self._write_manifest()
        await self.file(name=record.name, sha256=record.sha256, outcome=outcome)
        await self._guard.check()
        return await self._records.ended(record, outcome=outcome, reason=reason)

    async def _write_result(self, path: str, text: str, said: ResultSaid) -> None:
        for _ in range(_RACES):
            there = await self._said(path)
            if there == said:
                return  # an earlier life came as far as this
            if there is not None:
                await self._make_way(path)
            try:
                await self._disk.write_new(path=path, text=text)
            except FileExistsError:
                continue
            return
        raise FileTroubleError(f"somebody makes {path!r} again and again while its result is to be written")

    async def _move_clearing(self, source: str, target: str) -> None:
        for _ in range(_RACES):
            if await self._disk.look(path=target) is not None:
                await self._make_way(target)
            try:
                await self._disk.move(source=source, target=target)
            except FileExistsError:
                continue
            return
        raise FileTroubleError(f"somebody makes {target!r} again and again while a spec is to be moved there")

    async def _give_back(self, target: str, name: str) -> None:
        """What was moved is not what was looked at: somebody replaced it in between. It is a drop of its own."""
        places = [name, *(numbered(name=name, number=number) for number in range(1, MAX_SUFFIX + 1))]
        for place in places:
            try:
                await self._disk.put_back(source=target, target=below(self._places.inbox, place))
            except FileExistsError:
                continue
            return
        raise FileTroubleError(f"{target!r} is a new JobSpec, and no name is free to put it back")

    async def _make_way(self, path: str) -> str:
        directory, _, name = path.rpartition("/")
        for number in range(1, MAX_SUFFIX + 1):
            target = below(directory, numbered(name=name, number=number))
            try:
                await self._disk.move(source=path, target=target)
            except FileExistsError:
                continue
            except FileNotFoundError:
                return path
            return target
        raise FileTroubleError(f"{MAX_SUFFIX} earlier files of the name {path!r} are kept already: move some away")

    async def _holds(self, path: str, sha256: str) -> bool:
        there = await self._disk.look(path=path)
        if there is None or there.sighting is None:
            return False
        file = await self._read(path, SPEC_LIMIT_BYTES)
        return file is not None and content_digest(file) == sha256

    async def _said(self, path: str) -> ResultSaid | None:
        there: SightedName | None = await self._disk.look(path=path)
        if there is None:
            return None
        if there.sighting is None:
            return read_result("")
        file = await self._read(path, RESULT_LIMIT_BYTES)
        if file is None:
            return None
        return read_result("" if file.data is None else file.data.decode("utf-8", "replace"))

    async def _read(self, path: str, limit: int) -> FileRead | None:
        """Read a file; None when it is gone. One that cannot be read is its own trouble, not the folder's."""
        try:
            return await self._disk.read(path=path, limit=limit)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno not in OF_THE_FILE:
                raise
            raise FileTroubleError(f"{path!r} cannot be read: {error.strerror}") from error

    async def _write_manifest(self) -> None:
        await self._disk.write_over(path=self._places.manifest, text=self._manifest_text.of(self._manifest))
        there = await self._disk.look(path=self._places.manifest)
        self._manifest_form = None if there is None else (there.kind, there.sighting and there.sighting.form)

    def _enter(self, name: str, record: SpecRecord, outcome: JobState, moment: datetime) -> None:
        entry = ManifestEntry(
            sha256=record.sha256,
            processed_at=moment.isoformat(timespec="seconds"),
            result_status=status_word(outcome),
            job_key=record.job_key,
            generation=record.generation,
        )
        self._manifest[self._path_of(name)] = entry

    def _origin(self, record: SpecRecord, evidence: str) -> ResultOrigin:
        return ResultOrigin(
            folder=self._folder,
            spec_path=self._path_of(record.name),
            sha256=record.sha256,
            generation=record.generation,
            evidence=evidence,
        )

    def _path_of(self, name: str) -> str:
        return f"{self._root}/{below(self._places.inbox, name)}"

    def _result_paths(self, name: str) -> tuple[str, ...]:
        paths = (below(self._places.results(outcome=outcome), result_name(name)) for outcome in _OUTCOMES)
        return tuple(dict.fromkeys(paths))
