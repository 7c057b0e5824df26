"""The ledger of a JobSpec folder, typed: which contents became ready, which jobs they made, what came of them."""

from dataclasses import replace
from datetime import datetime
from itertools import islice

from proxx.core.jobs import JobState
from proxx_watcher.app.ports import Clock, Ledger
from proxx_watcher.domain.spec_record import SpecRecord, is_record_key, read_record, record_key


class SpecRecords:
    """Reads the ledger when it is told to, and keeps it and its own indexes together."""

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        """Take the ledger of the folder."""
        self._ledger = ledger
        self._clock = clock
        self.load()

    def load(self) -> None:
        """Take what the ledger holds now in place of what was known."""
        self._known: dict[str, SpecRecord] = {}
        self._newest: dict[str, SpecRecord] = {}
        self._ended: dict[JobState, int] = {}
        self._done: dict[str, SpecRecord] = {}
        self._order = 0
        found = [read_record(plain) for key, plain in self._ledger.records().items() if is_record_key(key)]
        for record in sorted((item for item in found if item is not None), key=lambda item: item.changed_time):
            self._take(record)

    def of(self, *, name: str, sha256: str) -> SpecRecord | None:
        """Return the record of a content under a name."""
        return self._known.get(record_key(name=name, sha256=sha256))

    def newest(self, name: str) -> SpecRecord | None:
        """Return the record of the content that was taken last under a name."""
        return self._newest.get(name)

    def undelivered(self) -> tuple[SpecRecord, ...]:
        """Return every record whose job was acknowledged and whose result was not delivered, in the order of ready."""
        found = [record for record in self._known.values() if record.job_key and not record.delivered]
        return tuple(sorted(found, key=lambda record: record.order))

    def delivered(self) -> tuple[SpecRecord, ...]:
        """Return every record that is done with."""
        return tuple(record for record in self._known.values() if record.delivered)

    def newest_delivered(self, limit: int) -> tuple[SpecRecord, ...]:
        """Return the last `limit` records that came to their end, the last one first."""
        return tuple(islice(reversed(self._done.values()), limit))

    def counts(self) -> dict[JobState, int]:
        """Return how many ended how."""
        return dict(self._ended)

    async def ready(self, *, name: str, sha256: str, generation: int, again: bool) -> SpecRecord:
        """Return the record of a content that is to be submitted, made now where there is none for this generation.

        `again` says that an earlier one, delivered or not, is over.

        Raises:
            OSError: the ledger cannot be written.
        """
        known = self.of(name=name, sha256=sha256)
        if known is not None and not again and known.generation == generation and not known.delivered:
            return known
        return await self._begin(name=name, sha256=sha256, generation=generation, durable=False)

    async def anew(self, *, name: str, sha256: str, generation: int) -> SpecRecord:
        """Keep durably that a content is to be made anew as this generation; one that says so already is returned.

        Raises:
            OSError: the ledger cannot be written.
        """
        known = self.of(name=name, sha256=sha256)
        if known is not None and not known.delivered and not known.job_key and known.generation == generation:
            return known
        return await self._begin(name=name, sha256=sha256, generation=generation, durable=True)

    async def submitted(self, record: SpecRecord, *, generation: int, job_key: str) -> SpecRecord:
        """Keep that the scheduler acknowledged a job.

        Raises:
            OSError: the ledger cannot be written.
        """
        changed = replace(record, generation=generation, job_key=job_key, changed_time=self._now())
        await self._put(changed, durable=True)
        return changed

    async def ended(self, record: SpecRecord, *, outcome: JobState, reason: str) -> SpecRecord:
        """Keep that nothing is left to do for a content.

        Raises:
            OSError: the ledger cannot be written.
        """
        changed = replace(record, outcome=outcome, reason=reason, changed_time=self._now())
        await self._put(changed, durable=True)
        return changed

    async def _begin(self, *, name: str, sha256: str, generation: int, durable: bool) -> SpecRecord:
        now = _iso(self._clock.now())
        record = SpecRecord(
            name=name,
            sha256=sha256,
            generation=generation,
            order=self._order + 1,
            ready_time=now,
            changed_time=now,
        )
        await self._put(record, durable=durable)
        return record

    async def _put(self, record: SpecRecord, *, durable: bool) -> None:
        await self._ledger.put(key=record.key, record=record.plain(), durable=durable)
        self._take(record)

    def _take(self, record: SpecRecord) -> None:
        before = self._known.get(record.key)
        if before is not None and before.outcome is not None:
            self._ended[before.outcome] -= 1
        self._done.pop(record.key, None)
        if record.outcome is not None:
            self._done[record.key] = record
            self._ended[record.outcome] = self._ended.get(record.outcome, 0) + 1
        self._known[record.key] = record
        self._order = max(self._order, record.order)
        newest = self._newest.get(record.name)
        if newest is None or newest.order <= record.order:
            self._newest[record.name] = record

    def _now(self) -> str:
        return _iso(self._clock.now())


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
