"""Two operators who prune at once: what one of them retires is no damage to the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from proxx.core.audit import ChainPiece, Checkpoint, LogPage, LogPlace, PruneResult
from proxx_scheduler.app.audit_desk import AuditDesk
from proxx_scheduler.app.records import PrunableChain
from tests.fakes.audit_log import KEYS, checkpoint_before, facts_of, log_of

KEY = KEYS[0]
CHAIN = log_of([KEY] * 4)[KEY]
NOW = datetime(2026, 11, 20, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@dataclass
class ScriptedLog:
    """A store and its transaction: one job with three records to retire, and the pages of its chain in turn."""

    pages: list[LogPage]
    asked: list[str] = field(default_factory=list)

    async def read(self, work: Callable[[Any], Any]) -> Any:
        return work(self)

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return work(self)

    def request(self, request_id: str) -> None:
        return None

    def add_request(self, *, request_id: str, body_digest: str, job_key: str) -> None:
        self.asked.append(request_id)

    def newest_sequence(self) -> int:
        return 5

    def prunable(self, *, after_key: str, **_: object) -> tuple[PrunableChain, ...]:
        return () if after_key else (PrunableChain(job_key=KEY, first=1, cut=4),)

    def log_page(self, **_: object) -> LogPage:
        return self.pages.pop(0)


def page(first: int, last: int, *, checkpoint: Checkpoint | None) -> LogPage:
    facts = facts_of(KEY, CHAIN, checkpoint=checkpoint)
    after = None if last == 4 else LogPlace(job_key=KEY, job_sequence=last)
    piece = ChainPiece(facts=facts, records=tuple(CHAIN[first - 1 : last]))
    return LogPage(pieces=(piece,), next=after, until_sequence=5)


POINT = checkpoint_before(CHAIN[3], last=CHAIN[2], pruned=5)


@pytest.mark.parametrize(
    ("pages", "left"),
    [
        ([page(1, 2, checkpoint=None), page(4, 4, checkpoint=POINT)], ()),
        ([page(4, 4, checkpoint=POINT)], ()),
        (
            [page(1, 2, checkpoint=None), page(4, 4, checkpoint=None)],
            (
                f"job {KEY}, record 3: a record is missing (MISSING);   expected: record 3;"
                "   found:    record 4 (sequence 4)",
            ),
        ),
    ],
    ids=["retired between two pages", "retired before the first page", "deleted between two pages"],
)
async def test_a_chain_that_somebody_else_prunes_is_passed_over(pages: list[LogPage], left: tuple[str, ...]) -> None:
    desk = AuditDesk(store=ScriptedLog(pages), clock=FixedClock())  # type: ignore[arg-type]  # what a prune asks for
    found = await desk.prune(before=NOW, through=0, request_id="prune", actor="operator")
    assert found == PruneResult(jobs=0, records=0, left=left)
