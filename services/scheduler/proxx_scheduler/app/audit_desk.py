"""AuditService: the log for whoever checks it, and the retirement of old records that never breaks a chain."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from proxx.core.audit import (
    PRUNE_KIND,
    ChainCheck,
    ChainHead,
    Checkpoint,
    LogPage,
    LogPlace,
    LogRange,
    PrunePlan,
    PruneResult,
)
from proxx.core.canonical import digest
from proxx_scheduler.app.errors import (
    CursorTruncatedError,
    JobNotFoundError,
    LogPrunedError,
    RequestInvalidError,
    RequestReusedError,
)
from proxx_scheduler.app.ports import Clock, Store, Tx
from proxx_scheduler.app.records import PrunableChain
from proxx_scheduler.app.verbs import check_request_id

log = logging.getLogger("proxx.scheduler")
READ_PAGE = 500
BATCH_JOBS = 100
"""Most jobs in one transaction: the event that records it names each."""
BATCH_RECORDS = 5_000
"""About how many records one transaction deletes, so that nobody waits long for it."""
LEFT_LIMIT = 100
"""Most damaged chains that one answer names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A chain, and the newest of its records that are to go, as they were read and checked."""

    job_key: str
    first: int
    last: ChainHead


class AuditDesk:
    """Reads the log and prunes it."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        """Take the store and time."""
        self._store = store
        self._clock = clock

    async def read(self, *, within: LogRange, after: LogPlace | None, size: int) -> LogPage:
        """Return a page of the log; `until_sequence` 0 means: up to the newest record.

        Raises:
            CursorTruncatedError: the range lies ahead of the log.
            LogPrunedError: it ends before the newest retirement, so what it held is not known any more.
            JobNotFoundError: the one chain that was asked for does not exist.
            RequestInvalidError: a number is out of its limits.
        """
        if within.after_sequence < 0 or within.until_sequence < 0:
            raise RequestInvalidError(field="after_sequence, until_sequence", message="0 or a sequence is needed")

        def work(tx: Tx) -> LogPage:
            newest = tx.newest_sequence()
            if not 0 < within.until_sequence <= newest:
                newest = tx.log_end()
            until = within.until_sequence or newest
            if max(within.after_sequence, until) > newest:
                raise CursorTruncatedError(after_sequence=max(within.after_sequence, until), newest=newest)
            if (pruned := tx.newest_prune()) > until:
                raise LogPrunedError(until_sequence=until, pruned=pruned)
            bounded = LogRange(after_sequence=within.after_sequence, until_sequence=until, job_key=within.job_key)
            page = tx.log_page(within=bounded, after=after, size=size)
            if within.job_key and not page.pieces and after is None and tx.job_view(within.job_key) is None:
                raise JobNotFoundError(job_key=within.job_key)
            return page

        return await self._store.read(work)

    async def plan_prune(self, *, before: datetime | None, through: int) -> PrunePlan:
        """Say what a prune would retire. Raises RequestInvalidError as `prune`."""
        moment = self._checked(before, through)

        def work(tx: Tx) -> PrunePlan:
            jobs, records = tx.prunable_counts(before=moment, through=through)
            return PrunePlan(jobs=jobs, records=records, newest_sequence=tx.newest_sequence())

        return await self._store.read(work)

    async def prune(self, *, before: datetime | None, through: int, request_id: str, actor: str) -> PruneResult:
        """Retire the oldest records of jobs that ended before a moment, in small transactions.

        Every prefix is read and checked first, without holding anybody up; a damaged one stays where it is.

        Raises:
            RequestInvalidError: `before` is absent or lies in the future, or the request_id cannot be kept.
            RequestReusedError: the request_id was used with another body.
        """
        moment = self._checked(before, through)
        check_request_id(request_id)
        await self._store.write(lambda tx: _remember(tx, request_id, moment, through))
        jobs: set[str] = set()
        records = 0
        left: list[str] = []
        after_key = ""
        while True:
            chains = await self._store.read(
                lambda tx, key=after_key: tx.prunable(  # type: ignore[misc]  # the default binds the loop's value
                    before=moment, through=through, after_key=key, job_key=None, limit=BATCH_JOBS
                )
            )
            if not chains:
                break
            cuts, after_key = await self._checked_cuts(chains, after_key, left)
            done = await self._store.write(
                lambda tx, cuts=cuts: self._retire(tx, cuts, moment, through, actor)  # type: ignore[misc]  # as above
            )
            jobs.update(key for key, count in done.items() if count)
            records += sum(done.values())
        log.info("events pruned", extra={"before": moment.isoformat(), "jobs": len(jobs), "records": records})
        return PruneResult(jobs=len(jobs), records=records, left=tuple(left))

    def _checked(self, before: datetime | None, through: int) -> datetime:
        if before is None:
            raise RequestInvalidError(field="before", message="a moment is needed")
        now = self._clock.now()
        if before > now:
            rule = f"it must not lie in the future, got {before.isoformat()}, now is {now.isoformat()}"
            raise RequestInvalidError(field="before", message=rule)
        if through < 0:
            raise RequestInvalidError(field="through_sequence", message=f"0 or a sequence is needed, got {through}")
        return before

    async def _checked_cuts(
        self, chains: Sequence[PrunableChain], after_key: str, left: list[str]
    ) -> tuple[list[_Cut], str]:
        """Check the prefixes of chains up to a batch. Returns what may go, and the key after which to go on.

        A chain that is longer than the rest of the batch is cut in part, and comes again.
        """
        cuts: list[_Cut] = []
        room = BATCH_RECORDS
        for chain in chains:
            cut = min(chain.cut, chain.first + room)
            found = await self._prefix(chain, cut)
            if isinstance(found, str):
                left.extend([found] if len(left) < LEFT_LIMIT else [])
            elif found is not None:
                cuts.append(found)
                room -= cut - chain.first
                if cut < chain.cut:
                    break
            after_key = chain.job_key
            if room <= 0:
                break
        return cuts, after_key

    async def _prefix(self, chain: PrunableChain, cut: int) -> _Cut | str | None:
        """Read the records that are to go, and the one after them. Returns why they must stay, if they must.

        None: somebody else prunes the chain meanwhile. What is missing then was retired, not lost.
        """
        within = LogRange(after_sequence=0, until_sequence=2**62, job_key=chain.job_key)
        place: LogPlace | None = None
        check: ChainCheck | None = None
        last: ChainHead | None = None
        while True:
            page = await self._store.read(
                lambda tx, place=place: tx.log_page(within=within, after=place, size=READ_PAGE)  # type: ignore[misc]  # binds the loop's value
            )
            for piece in page.pieces:
                point = piece.facts.checkpoint
                if point is not None and point.first_kept != chain.first:
                    return None
                check = check or ChainCheck(facts=piece.facts, within=within)
                for record in piece.records:
                    check.feed(record)
                    if check.fault is not None:
                        return "; ".join(check.fault.sentences)
                    if record.job_sequence == cut - 1:
                        last = check.head
                    elif record.job_sequence == cut and last is not None:
                        return _Cut(job_key=chain.job_key, first=chain.first, last=last)
            if page.next is None or not page.pieces:
                return f"job {chain.job_key}: record {cut} is missing"
            place = page.next

    def _retire(self, tx: Tx, cuts: Sequence[_Cut], before: datetime, through: int, actor: str) -> dict[str, int]:
        """Retire what was checked, where it still may go. Returns how many records of each job went."""
        now = self._clock.now()
        recorded = tx.newest_sequence() + 1
        done: dict[str, int] = {}
        kept: dict[str, int] = {}
        for cut in cuts:
            first_kept = cut.last.job_sequence + 1
            still = tx.prunable(before=before, through=through, after_key="", job_key=cut.job_key, limit=1)
            if not still or still[0].first != cut.first or still[0].cut < first_kept:
                continue  # its job was retried, or somebody else pruned it
            point = Checkpoint(
                first_kept=first_kept, last_hash=cut.last.hash, last_sequence=cut.last.sequence,
                retire_time=now.isoformat(timespec="microseconds"), actor=actor, prune_sequence=recorded,
            )  # fmt: skip
            gone = tx.retire(cut.job_key, first=cut.first, checkpoint=point)
            if gone != first_kept - cut.first:
                raise RuntimeError(f"job {cut.job_key}: {first_kept - cut.first} records were to go, {gone} were there")
            done[cut.job_key], kept[cut.job_key] = gone, first_kept
        if done:
            data = {"before": before.isoformat(), "records": sum(done.values()), "first_kept": kept}
            tx.note_executor(kind=PRUNE_KIND, before="", after="", data=data, actor=actor, now=now)
        return done


def _remember(tx: Tx, request_id: str, before: datetime, through: int) -> None:
    body = digest({"verb": "prune_events", "before": before.isoformat(), "through_sequence": through})
    known = tx.request(request_id)
    if known is None:
        tx.add_request(request_id=request_id, body_digest=body, job_key="")
    elif known[0] != body:
        raise RequestReusedError(request_id=request_id, stored=known[0], received=body)
