"""The log of events for audits: read letter by letter, damaged or not, and retired prefix by prefix."""

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    LargeBinary,
    Row,
    Select,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)

from proxx.core.audit import AuditRecord, ChainFacts, ChainHead, ChainPiece, Checkpoint, LogPage, LogPlace, LogRange
from proxx.core.audit.chain_rule import NO_HASH
from proxx.core.jobs import TERMINAL_JOB_STATES
from proxx_scheduler.app.records import PrunableChain
from proxx_scheduler.storage import tables as t
from proxx_scheduler.storage.base import TxBase, time_text

PAGE_CHARACTERS = 2 * 1024 * 1024
"""Most characters of further facts on one page: 8 MiB at worst, below the limit of a message."""
PAGE_JOBS = 1000
"""Most jobs on one page that have no record left: there are none but in a damaged log."""
NO_NUMBER = -1
NUMBER_LIMIT = 2**31
TEXTS = ("job_key", "event_time", "actor", "kind", "before", "after", "data_json", "previous_hash", "hash")


class AuditRows(TxBase):
    """The part of a transaction that audits use."""

    def log_page(self, *, within: LogRange, after: LogPlace | None, size: int) -> LogPage:
        places = self._places(within, after=after, size=size)
        kept = places[: _within_budget([row.characters for row in places[:size]])]
        last = None
        if len(places) > len(kept):
            last = LogPlace(job_key=_text(kept[-1].job_key), job_sequence=_number(kept[-1].job_sequence))
        records = self._records([row.sequence for row in kept])
        jobs = self._jobs(within, keys={_text(row.job_key) for row in kept}, after=after, last=last)
        if len(jobs) > PAGE_JOBS:
            jobs = jobs[:PAGE_JOBS]
            last = LogPlace(job_key=jobs[-1].job_key, job_sequence=NUMBER_LIMIT - 1)
            records = [record for record in records if record.job_key <= last.job_key]
        pieces = self._pieces(records, jobs, within=within)
        if after is not None and pieces and pieces[0].facts.job_key == after.job_key and not pieces[0].records:
            pieces = pieces[1:]  # the page before ended with the end of this chain
        return LogPage(pieces=tuple(pieces), next=last, until_sequence=within.until_sequence)

    def _places(self, within: LogRange, *, after: LogPlace | None, size: int) -> Sequence[Any]:
        e = t.events.c
        sequence = e.sequence + 0  # so that no database walks the log by it, and sorts all of it for every page
        asked = [sequence > within.after_sequence, sequence <= within.until_sequence]
        if within.job_key is not None:
            asked.append(e.job_key == within.job_key)
        if after is not None:
            asked.append(tuple_(e.job_key, e.job_sequence) > (after.job_key, after.job_sequence))
        characters = func.length(e.data_json).label("characters")
        query = (
            select(e.sequence, self._letters(e.job_key), e.job_sequence, characters)
            .where(*asked)
            .order_by(e.job_key, e.job_sequence)
            .limit(size + 1)
        )
        return self.connection.execute(query).all()

    def _records(self, sequences: Sequence[int]) -> list[AuditRecord]:
        e = t.events.c
        texts = [self._letters(e[name]) for name in TEXTS]
        query = select(e.sequence, e.job_sequence, e.clip_index, *texts).where(e.sequence.in_(sequences))
        return [_record(row) for row in self.connection.execute(query.order_by(e.job_key, e.job_sequence))]

    def _letters(self, column: Column[str]) -> Any:
        """Return a text column as it can always be read: PostgreSQL holds text that is text, SQLite any bytes."""
        return cast(column, LargeBinary).label(column.name) if self.connection.dialect.name == "sqlite" else column

    def _jobs(
        self, within: LogRange, *, keys: set[str], after: LogPlace | None, last: LogPlace | None
    ) -> Sequence[Any]:
        """Return the rows of the jobs that have records on the page, and of those that should have."""
        j = t.jobs.c
        ended = and_(j.last_sequence > within.after_sequence, j.last_sequence <= within.until_sequence)
        asked = [or_(ended, j.job_key.in_(keys))]
        if within.job_key is not None:
            asked.append(j.job_key == within.job_key)
        if after is not None:
            asked.append(j.job_key >= after.job_key)
        if last is not None:
            asked.append(j.job_key <= last.job_key)
        columns = (j.job_key, j.job_id, j.event_count, j.event_head, j.last_sequence)
        rows = self.connection.execute(
            select(*columns).where(*asked).order_by(j.job_key).limit(PAGE_JOBS + len(keys) + 1)
        ).all()
        return [*self._own(within, keys=keys, after=after), *rows]

    def _own(self, within: LogRange, *, keys: set[str], after: LogPlace | None) -> Sequence[Any]:
        """Return the row of the scheduler's own chain where it has records on the page, or should have."""
        if within.job_key or (after is not None and after.job_key):
            return ()
        o = t.own_chain.c
        query = select(
            literal("").label("job_key"), literal("").label("job_id"), o.event_count, o.event_head, o.last_sequence
        )
        if "" not in keys:
            query = query.where(o.last_sequence > within.after_sequence, o.last_sequence <= within.until_sequence)
        rows = self.connection.execute(query).all()
        if rows or "" not in keys:
            return rows
        nothing = {"job_key": "", "job_id": "", "event_count": 0, "event_head": NO_HASH, "last_sequence": 0}
        return self.connection.execute(select(*(literal(value).label(name) for name, value in nothing.items()))).all()

    def _pieces(self, records: Iterable[AuditRecord], jobs: Sequence[Any], *, within: LogRange) -> list[ChainPiece]:
        chains = {key: tuple(found) for key, found in itertools.groupby(records, key=lambda record: record.job_key)}
        rows = {row.job_key: row for row in jobs}
        keys = sorted(chains.keys() | rows.keys())
        points = self._checkpoints(keys)
        return [
            ChainPiece(
                facts=_facts(key, rows.get(key), within=within, checkpoint=points.get(key)), records=chains.get(key, ())
            )
            for key in keys
        ]

    def _checkpoints(self, job_keys: Sequence[str]) -> dict[str, Checkpoint]:
        c = t.checkpoints.c
        rows = self.connection.execute(
            select(t.checkpoints).where(c.job_key.in_(job_keys)).order_by(c.job_key, c.first_kept)
        )
        return {
            row.job_key: Checkpoint(
                first_kept=row.first_kept, last_hash=row.last_hash, last_sequence=row.last_sequence,
                retire_time=row.retire_time, actor=row.actor, prune_sequence=row.prune_sequence,
            )
            for row in rows
        }  # fmt: skip

    def log_end(self) -> int:
        told = (
            t.events.c.sequence, t.jobs.c.last_sequence, t.own_chain.c.last_sequence, t.checkpoints.c.prune_sequence,
        )  # fmt: skip
        found = (self.connection.execute(select(func.max(column))).scalar() for column in told)
        return max(int(sequence or 0) for sequence in found)

    def newest_prune(self) -> int:
        return int(self.connection.execute(select(func.max(t.checkpoints.c.prune_sequence))).scalar() or 0)

    def retired_through(self, job_keys: tuple[str, ...]) -> int:
        c = t.checkpoints.c
        query = select(func.max(c.last_sequence))
        if job_keys:
            query = query.where(c.job_key.in_(job_keys))
        return int(self.connection.execute(query).scalar() or 0)

    def prunable_counts(self, *, before: datetime, through: int) -> tuple[int, int]:
        found = _prunable(before=before, through=through).subquery()
        query = select(func.count(), func.coalesce(func.sum(found.c.cut - found.c.first), 0))
        jobs, records = self.connection.execute(query.where(found.c.cut > found.c.first)).one()
        return int(jobs), int(records)

    def prunable(
        self, *, before: datetime, through: int, after_key: str, job_key: str | None, limit: int
    ) -> tuple[PrunableChain, ...]:
        query = _prunable(before=before, through=through).where(t.jobs.c.job_key > after_key)
        if job_key is not None:
            query = query.where(t.jobs.c.job_key == job_key)
        found = query.subquery()
        rows = self.connection.execute(
            select(found).where(found.c.cut > found.c.first).order_by(found.c.job_key).limit(limit)
        )
        return tuple(PrunableChain(job_key=row.job_key, first=row.first, cut=row.cut) for row in rows)

    def retire(self, job_key: str, *, first: int, checkpoint: Checkpoint) -> int:
        e = t.events.c
        gone = self.connection.execute(
            delete(t.events).where(
                e.job_key == job_key, e.job_sequence >= first, e.job_sequence < checkpoint.first_kept
            )
        ).rowcount
        self.connection.execute(
            insert(t.checkpoints).values(
                job_key=job_key, first_kept=checkpoint.first_kept, retired=gone, last_hash=checkpoint.last_hash,
                last_sequence=checkpoint.last_sequence, retire_time=checkpoint.retire_time, actor=checkpoint.actor,
                prune_sequence=checkpoint.prune_sequence,
            )
        )  # fmt: skip
        return gone


def _prunable(*, before: datetime, through: int) -> Select[Any]:
    """Return each job that ended before a moment with the records to retire: from `first` to before `cut`.

    They are older than that moment, and the newest record of a job is never among them.
    """
    j, e, c = t.jobs.c, t.events.c, t.checkpoints.c
    moment = time_text(before)
    first = select(func.coalesce(func.max(c.first_kept), 1)).where(c.job_key == j.job_key).scalar_subquery()
    younger = select(func.min(e.job_sequence)).where(e.job_key == j.job_key, e.event_time >= moment).scalar_subquery()
    cut = case((younger < j.event_count, younger), else_=j.event_count)
    query = select(j.job_key, first.label("first"), cut.label("cut"))
    query = query.where(j.state.in_(TERMINAL_JOB_STATES), j.end_time < moment)
    return query.where(j.last_sequence <= through) if through else query


def _within_budget(lengths: Sequence[int]) -> int:
    """Return how many records go on one page: as many as fit into PAGE_CHARACTERS, and at least the first."""
    totals = itertools.accumulate(lengths)
    return max(1, sum(1 for total in totals if total <= PAGE_CHARACTERS))


def _facts(key: str, row: Any | None, *, within: LogRange, checkpoint: Checkpoint | None) -> ChainFacts:
    moved_on = row is not None and row.last_sequence > within.until_sequence
    recorded = None
    if row is not None and not moved_on:
        recorded = ChainHead(job_sequence=row.event_count, sequence=row.last_sequence, hash=row.event_head)
    return ChainFacts(
        job_key=key, job_id="" if row is None else row.job_id, checkpoint=checkpoint, recorded=recorded,
        moved_on=moved_on,
    )  # fmt: skip


def _record(row: Row[Any]) -> AuditRecord:
    texts = {name: _text(row._mapping[name]) for name in TEXTS}
    clip = row.clip_index
    return AuditRecord(
        sequence=row.sequence, job_sequence=_number(row.job_sequence),
        clip_index=None if clip is None else _number(clip), **texts,
    )  # fmt: skip


def _number(value: object) -> int:
    """Return a number of a row; what is none (SQLite keeps anything) is NO_NUMBER, which fits no hash."""
    return value if isinstance(value, int) and 0 <= value < NUMBER_LIMIT else NO_NUMBER


def _text(value: object) -> str:
    """Return a text of a row; bytes that are no text are written out, which fits no hash."""
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
