"""The ledger of a media folder, typed: which clips became jobs, and what came of them."""

from dataclasses import replace
from itertools import islice

from proxx.core.jobs import JobState
from proxx_watcher.app.ports import Clock, Ledger
from proxx_watcher.domain.media_record import ContentForm, MediaRecord, is_media_key, read_media_record
from proxx_watcher.domain.sighting import Sighting


class MediaRecords:
    """Keeps the ledger and its own indexes together."""

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        """Take the ledger of the folder."""
        self._ledger = ledger
        self._clock = clock
        self.load()

    def load(self) -> None:
        """Take the records of the ledger as it stands, after it was read anew."""
        self._known: dict[str, MediaRecord] = {}
        self._by_ends: dict[str, set[str]] = {}
        self._by_request: dict[str, str] = {}
        self._by_file: dict[str, str] = {}
        self._ended: dict[JobState, set[str]] = {}
        self._ended_order: dict[str, None] = {}
        self._order = 0
        for key, plain in self._ledger.records().items():
            record = read_media_record(plain) if is_media_key(key) else None
            if record is not None and record.key == key:
                self._take(record)

    def of(self, path: str) -> MediaRecord | None:
        """Return the record of a clip."""
        return self._known.get(path)

    def of_request(self, request_id: str) -> MediaRecord | None:
        """Return the record that a request made, while it is the newest of its clip."""
        return self._known.get(self._by_request.get(request_id, ""))

    def all(self) -> tuple[MediaRecord, ...]:
        """Return every record in the order of becoming ready."""
        return tuple(sorted(self._known.values(), key=lambda record: record.order))

    def with_ends(self, ends: str) -> tuple[MediaRecord, ...]:
        """Return the records of clips with this size and these ends, first come first."""
        found = (self._known[path] for path in self._by_ends.get(ends, ()))
        return tuple(sorted(found, key=lambda record: record.order))

    def is_settled(self, sighting: Sighting) -> bool:
        """Whether a file stands as it did when a job was made of it."""
        record = self._known.get(self._by_file.get(sighting.path, ""))
        if record is None or not record.job_key:
            return False
        return record.forms.get(sighting.path) == sighting.content_form

    def unended(self) -> tuple[MediaRecord, ...]:
        """Return every record whose job was acknowledged and has not ended, in the order of becoming ready."""
        return tuple(record for record in self.all() if record.job_key and record.outcome is None)

    def counts(self) -> dict[JobState, int]:
        """Return how many ended how."""
        return {outcome: len(paths) for outcome, paths in self._ended.items() if paths}

    def last_ended(self, count: int) -> tuple[tuple[MediaRecord, JobState], ...]:
        """Return the records of jobs that ended, the newest first, at most `count`."""
        found = (self._known[path] for path in reversed(self._ended_order))
        newest = islice(((record, record.outcome) for record in found), count)
        return tuple((record, outcome) for record, outcome in newest if outcome is not None)

    def owner(self, file: str) -> MediaRecord | None:
        """Return the record of the clip that a file was part of."""
        return self._known.get(self._by_file.get(file, ""))

    def new(
        self,
        *,
        path: str,
        digest: str,
        generation: int,
        forms: dict[str, ContentForm],
        request_id: str,
        evidence: str,
        preset: str,
        ends: str = "",
        whole: str = "",
    ) -> MediaRecord:
        """Return a record that is not kept yet."""
        now = self._now()
        return MediaRecord(
            path=path,
            digest=digest,
            generation=generation,
            order=self._order + 1,
            forms=forms,
            request_id=request_id,
            ready_time=now,
            changed_time=now,
            evidence=evidence,
            preset=preset,
            ends=ends,
            whole=whole,
        )

    async def submitted(self, record: MediaRecord, *, job_key: str, output_directory: str) -> MediaRecord:
        """Keep that the scheduler acknowledged the job of a clip.

        Raises:
            OSError: the ledger cannot be written.
        """
        return await self._put(
            replace(record, job_key=job_key, output_directory=output_directory, changed_time=self._now())
        )

    async def started(self, record: MediaRecord) -> MediaRecord:
        """Keep that the job was started.

        Raises:
            OSError: the ledger cannot be written.
        """
        return await self._put(replace(record, started=True, changed_time=self._now()))

    async def ended(self, record: MediaRecord, *, outcome: JobState, reason: str) -> MediaRecord:
        """Keep what came of the job.

        Raises:
            OSError: the ledger cannot be written.
        """
        return await self._put(replace(record, outcome=outcome, reason=reason, changed_time=self._now()))

    async def revived(self, record: MediaRecord) -> MediaRecord:
        """Keep that the job goes on after its end.

        Raises:
            OSError: the ledger cannot be written.
        """
        return await self._put(replace(record, outcome=None, reason="", changed_time=self._now()))

    async def touched(self, record: MediaRecord, *, forms: dict[str, ContentForm]) -> MediaRecord:
        """Keep that the files have new times or numbers and the content that they had.

        Raises:
            OSError: the ledger cannot be written.
        """
        return await self._put(replace(record, forms=forms))

    async def learned(self, record: MediaRecord, *, whole: str) -> MediaRecord:
        """Keep the digest of all bytes that a job was made of.

        Raises:
            OSError: the ledger cannot be written.
        """
        return await self._put(replace(record, whole=whole), durable=False)

    async def _put(self, record: MediaRecord, *, durable: bool = True) -> MediaRecord:
        await self._ledger.put(key=record.key, record=record.plain(), durable=durable)
        self._take(record)
        return record

    def _take(self, record: MediaRecord) -> None:
        before = self._known.get(record.path)
        if before is not None:
            self._by_request.pop(before.request_id, None)
            self._by_ends.get(before.same_ends, set()).discard(before.path)
            for file in before.forms:
                self._by_file.pop(file, None)
            if before.outcome is not None:
                self._ended[before.outcome].discard(before.path)
        self._known[record.path] = record
        self._by_request[record.request_id] = record.path
        self._ended_order.pop(record.path, None)
        if record.outcome is not None:
            self._ended.setdefault(record.outcome, set()).add(record.path)
            self._ended_order[record.path] = None
        self._by_ends.setdefault(record.same_ends, set()).add(record.path)
        for file in record.forms:
            self._by_file[file] = record.path
        self._order = max(self._order, record.order)

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")
