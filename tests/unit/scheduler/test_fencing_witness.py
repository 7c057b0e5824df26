"""Who is a witness against an executor that fails clips: one that finishes the same job's clips behind them."""

from typing import Any

import pytest

from proxx.core.failure import FailureKind
from proxx.core.jobs import JobEvent
from proxx.core.steps import StepKind
from proxx_scheduler.app.fencing import Fencing
from proxx_scheduler.app.records import EventAppended, LeaseRecord
from proxx_scheduler.domain.fencing import RECORDS_KEPT, Mark, Row
from tests.fakes.new_jobs import NOW, a_new_job
from tests.simulation.hand_clock import HandClock
from tests.simulation.memory_backend import MemoryBackend

EXIT, LOST = FailureKind.TOOL_EXIT_NONZERO, FailureKind.EXECUTOR_LOST


class Judge:
    """Transactions in which executors fail and finish clips of two jobs of nine."""

    def __init__(self, *, fence_after: int = 9) -> None:
        self.backend = MemoryBackend()
        self.fencing = Fencing(clock=HandClock(), fence_after=fence_after)
        for key in ("bad", "good"):
            self.run(lambda tx, key=key: tx.add_job(a_new_job(key=key, clips=9), step_ids=(f"step-of-{key}",)))

    def run(self, work: Any) -> None:
        (outcome,) = self.backend.run([work])
        assert outcome.error is None

    def fail(self, name: str, clip: int, job: str = "bad", kind: FailureKind = EXIT) -> None:
        self.run(lambda tx: self.fencing.failed(tx, name=name, lease=a_lease(job, clip), kind=kind))

    def finish(self, name: str, clip: int, job: str = "bad", kind: StepKind = StepKind.ENCODE) -> None:
        self.run(lambda tx: self.fencing.finished(tx, name=name, lease=a_lease(job, clip, kind)))

    def witnessed(self, name: str) -> list[bool]:
        return [mark.others_finished for mark in self.backend.records[name].marks]


def a_lease(job: str, clip: int, kind: StepKind = StepKind.ENCODE) -> LeaseRecord:
    return LeaseRecord(
        lease_id="lease", step_id="step", epoch=1, job_key=job, clip_index=clip, last_clip=clip, kind=kind,
        session_id="session", live=True, started=True, outcome="STARTED", answer=None, cancelled=False,
        acquire_sequence=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("finished_clip", "speaks"), [(2, False), (3, False), (4, True)], ids=["before it", "the same", "behind it"]
)
def test_only_a_clip_behind_the_first_one_that_failed_speaks_against_its_host(finished_clip: int, speaks: bool) -> None:
    row = Row(3)
    row.finished_by_another(finished_clip)
    row.finished_by_another(0)
    assert row.witnessed is speaks


def test_a_clip_of_the_same_job_that_another_makes_fences_and_one_of_another_job_does_not() -> None:
    judge = Judge(fence_after=3)
    judge.fail("a", 0)
    judge.finish("b", 8, job="good")
    judge.fail("a", 1)
    judge.fail("a", 2)
    assert (judge.witnessed("a"), judge.fencing.fenced, judge.backend.records["a"].fenced) == (
        [False] * 3,
        set(),
        False,
    )
    judge.finish("b", 4)
    judge.fail("a", 3)
    assert (judge.witnessed("a"), judge.backend.records["a"].fenced) == ([False, False, False, True], True)


def test_who_finishes_a_clip_begins_a_new_row() -> None:
    judge = Judge()
    judge.fail("a", 0)
    judge.finish("b", 2)
    judge.finish("a", 1)
    judge.fail("a", 3)
    judge.fail("a", 4)
    assert judge.witnessed("a") == [False, False, False]


def test_to_publish_what_was_made_before_is_no_witness() -> None:
    judge = Judge()
    judge.fail("a", 0)
    judge.finish("b", 2, kind=StepKind.PUBLISH)
    judge.fail("a", 3)
    assert judge.witnessed("a") == [False, False]


def test_a_lost_lease_begins_no_row_as_it_says_nothing_of_the_footage() -> None:
    judge = Judge()
    judge.fail("a", 0, kind=LOST)
    judge.finish("b", 2)
    judge.fail("a", 3)
    assert judge.witnessed("a") == [False, False]


def test_what_commits_tell_is_for_the_event_loop_and_changes_no_judgement() -> None:
    judge = Judge()
    judge.fail("a", 0)
    event = JobEvent(
        sequence=1, job_sequence=1, job_key="bad", clip_index=2, event_time=NOW, actor="executor/b",
        kind="clip.complete", before="", after="", data_json="{}", previous_hash="", hash="",
    )  # fmt: skip
    judge.fencing.observe(EventAppended(event=event))
    judge.fail("a", 3)
    assert judge.witnessed("a") == [False, False]


def test_no_more_executors_are_remembered_than_the_limit_says_however_many_fail() -> None:
    judge = Judge()
    for number in range(RECORDS_KEPT + 20):
        judge.fail(f"pod-{number}", 0, kind=FailureKind.TOOL_NOT_FOUND)
    assert len(judge.backend.records) == RECORDS_KEPT + 1
    assert judge.fencing._suspects == set(judge.backend.records)


def test_a_failure_reads_only_what_is_held_for_the_same_job_or_source() -> None:
    judge = Judge()
    judge.fail("a", 0)
    judge.fail("b", 0, job="good")
    own = judge.backend.records["a"]
    (mark,) = own.marks
    assert isinstance(mark, Mark)

    def look(tx: Any) -> Any:
        by_job = tx.related_records(job_key="bad", source="none")
        by_source = tx.related_records(job_key="none", source=mark.sources[0])
        return by_job, by_source, tx.related_records(job_key="none", source="none")

    assert judge.backend.read(look) == ((own,), (own,), ())
