"""Walks the log of a server chain by chain, page by page, in constant memory."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say
from proxx.core.audit import AuditRecord, ChainFacts, LogPage, LogPlace, LogRange
from proxx.embedded.audit_port import AuditPort

TOLD_EVERY = timedelta(seconds=5)


class LogVisitor(Protocol):
    """What a walk hands the log to. The walk ends at the end of a chain when `enough` is true."""

    @property
    def enough(self) -> bool:
        """Whether nothing more is to be read."""
        ...

    def open(self, facts: ChainFacts) -> None:
        """Take the beginning of a chain."""
        ...

    def feed(self, record: AuditRecord) -> None:
        """Take its next record."""
        ...

    def close(self) -> None:
        """Take its end."""
        ...


Visitor = TypeVar("Visitor", bound=LogVisitor)


class Progress:
    """Says on stderr how far a long walk is."""

    def __init__(self, *, now: Callable[[], datetime], word: str) -> None:
        """Take the clock, and what is done to records, for example "verified"."""
        self._now = now
        self._word = word
        self._told = now()
        self._records = 0

    def tell(self, records: int, until: int) -> None:
        """Count records that are through; say so if it is time. `until` is about how many there are."""
        self._records += records
        now = self._now()
        if now - self._told >= TOLD_EVERY:
            self._told = now
            say(f"{self._word} {self._records} of about {until} records")


async def walk(
    *,
    audit: AuditPort,
    job_key: str | None,
    after_sequence: int,
    begin: Callable[[LogRange], Visitor],
    progress: Progress,
) -> Visitor:
    """Read the log and hand it to what `begin` returns for its range. Returns that.

    Raises:
        CommandError: the server does not get on with the log.
        RefusedCallError: there is no such chain, or records were retired meanwhile.
    """
    visitor: Visitor | None = None
    key: str | None = None
    async for page in _pages(audit, job_key, after_sequence):
        if visitor is None:
            within = LogRange(after_sequence=after_sequence, until_sequence=page.until_sequence, job_key=job_key)
            visitor = begin(within)
        for piece in page.pieces:
            if piece.facts.job_key != key:
                if key is not None:
                    visitor.close()
                    if visitor.enough:
                        return visitor
                visitor.open(piece.facts)
                key = piece.facts.job_key
            for record in piece.records:
                visitor.feed(record)
        progress.tell(sum(len(piece.records) for piece in page.pieces), page.until_sequence - after_sequence)
    if visitor is None:
        raise RuntimeError("a log has a first page")
    if key is not None:
        visitor.close()
    return visitor


async def _pages(audit: AuditPort, job_key: str | None, after_sequence: int) -> AsyncIterator[LogPage]:
    place: LogPlace | None = None
    until = 0
    while True:
        page = await audit.read_log(job_key=job_key, after_sequence=after_sequence, until_sequence=until, after=place)
        yield page
        if page.next is None:
            return
        if place is not None and _order(page.next) <= _order(place):
            raise CommandError(
                f"the server does not get on after {place}: the database holds a place that is none",
                exit_code=ExitCode.FAILED,
            )
        until, place = page.until_sequence, page.next


def _order(place: LogPlace) -> tuple[str, int]:
    return place.job_key, place.job_sequence
