"""Which failures fence an executor: kinds, streaks, excuses and witnesses."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from proxx.core.failure import FailureKind
from proxx_scheduler.domain.fencing import (
    HOST,
    NOBODY,
    OWN,
    RECORDS_KEPT,
    REMEMBERED,
    ExecutorRecord,
    Loss,
    Mark,
    by_name,
    finished,
    released,
    superfluous,
    why_fence,
    with_failure,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXIT, LOST, IO, TOOL = (
    FailureKind.TOOL_EXIT_NONZERO,
    FailureKind.EXECUTOR_LOST,
    FailureKind.IO_ERROR,
    FailureKind.TOOL_NOT_FOUND,
)


class Site:
    """The records of a site: `fail` says who failed what, in order."""

    def __init__(self, *, fence_after: int = 3) -> None:
        self.records: dict[str, ExecutorRecord] = {}
        self.fence_after = fence_after

    def fail(
        self,
        name: str,
        source: str,
        kind: FailureKind = EXIT,
        *,
        job: str = "",
        others: bool = False,
        loss: Loss | None = None,
    ) -> "Site":
        mark = Mark(kind=kind, sources=(source,), job_key=job or source, clip_index=0, others_finished=others)
        self.records |= by_name(with_failure(records=self.records, name=name, mark=mark, loss=loss))
        return self

    def finish(self, name: str) -> "Site":
        self.records[name] = finished(self.records[name])
        return self

    def streak(self, name: str) -> int:
        return len(self.records[name].streak) if name in self.records else 0

    def why(self, name: str) -> str:
        return why_fence(self.records[name], fence_after=self.fence_after)


def test_failures_that_no_footage_causes_fence_a_host_whatever_the_others_do() -> None:
    site = Site().fail("a", "1", TOOL).fail("a", "2", IO)
    assert site.why("a") == ""
    assert site.fail("a", "3", TOOL).why("a") == (
        "3 times in a row it failed or was lost, and finished nothing between: 1 IO_ERROR, 2 TOOL_NOT_FOUND"
    )


@pytest.mark.parametrize("others", [False, True], ids=["nobody else finishes", "others finish"])
def test_failures_that_footage_may_cause_fence_only_against_the_success_of_others(others: bool) -> None:
    site = Site().fail("a", "1").fail("a", "2").fail("a", "3", others=others)
    assert bool(site.why("a")) is others
    assert ("others finished clips of the same job meanwhile" in site.why("a")) is others


def test_what_others_finished_before_the_first_failure_is_no_witness() -> None:
    assert Site().fail("a", "1", others=True).fail("a", "2").fail("a", "3").why("a") == ""


def test_a_finished_clip_ends_the_streak() -> None:
    site = Site().fail("a", "1", TOOL).fail("a", "2", TOOL).finish("a").fail("a", "3", TOOL)
    assert (site.streak("a"), site.why("a")) == (1, "")


def test_the_same_source_again_counts_once() -> None:
    site = Site()
    for _ in range(5):
        site.fail("a", "1", IO)
    assert site.streak("a") == 1


@pytest.mark.parametrize("kind", sorted(NOBODY))
def test_what_every_executor_would_meet_counts_against_nobody(kind: FailureKind) -> None:
    assert Site().fail("a", "1", kind).records == {}


@pytest.mark.parametrize("kind", sorted(set(FailureKind) - NOBODY - OWN))
def test_a_source_that_two_executors_fail_counts_against_neither(kind: FailureKind) -> None:
    site = Site().fail("a", "1", kind, job="x").fail("b", "1", kind, job="y")
    assert (site.streak("a"), site.streak("b")) == (0, 0)


@pytest.mark.parametrize("kind", sorted(OWN))
def test_a_missing_tool_is_the_hosts_own_whoever_else_lacks_it(kind: FailureKind) -> None:
    site = Site().fail("a", "1", kind).fail("b", "1", kind)
    assert (site.streak("a"), site.streak("b")) == (1, 1)


def test_a_job_whose_other_clips_fail_elsewhere_counts_against_neither() -> None:
    site = Site().fail("a", "1", job="card").fail("a", "2", job="card").fail("b", "3", job="card", others=True)
    assert (site.streak("a"), site.streak("b")) == (0, 0)
    assert site.fail("a", "4", job="card", others=True).streak("a") == 0


def test_a_host_that_is_lost_is_not_excused_by_another_clip_of_its_job() -> None:
    site = Site().fail("b", "9", job="card").fail("a", "1", LOST, job="card").fail("a", "2", IO, job="card")
    assert site.streak("a") == 2


def test_an_excuse_outlives_the_next_finished_clip() -> None:
    site = Site().fail("a", "1").finish("a").fail("b", "1")
    assert site.streak("b") == 0


def lost(incarnation: str, granted: int, newest: int) -> Loss:
    return Loss(incarnation=incarnation, granted=granted, newest=newest)


def test_one_death_counts_once_however_many_leases_it_takes() -> None:
    site = Site(fence_after=2)
    for source, granted in (("1", 3), ("2", 4), ("3", 4)):
        site.fail("a", source, LOST, loss=lost("first", granted, 4))
    assert (site.streak("a"), site.records["a"].marks[0].sources) == (1, ("1", "2", "3"))
    site.fail("a", "4", LOST, loss=lost("second", 1, 1))
    assert site.why("a").endswith("2 EXECUTOR_LOST")


def test_a_host_that_hangs_again_under_work_granted_later_counts_again() -> None:
    site = Site().fail("a", "1", LOST, loss=lost("same", 4, 4)).fail("a", "2", LOST, loss=lost("same", 5, 5))
    assert site.streak("a") == 2


def test_a_clip_that_takes_one_host_after_another_with_it_fences_none() -> None:
    site = Site(fence_after=1)
    for name in ("a", "b", "c"):
        site.fail(name, "other of " + name, LOST, loss=lost(name, 1, 2)).fail(
            name, "poison", LOST, loss=lost(name, 2, 2)
        )
    assert [site.why(name) for name in ("a", "b", "c")] == ["", "", ""]


def test_fence_after_0_fences_nobody() -> None:
    site = Site(fence_after=0)
    for number in range(9):
        site.fail("a", str(number), TOOL)
    assert site.why("a") == ""


def test_one_that_is_fenced_is_not_fenced_twice_and_a_finished_clip_does_not_free_it() -> None:
    record = ExecutorRecord(name="a", fence_reason="why", fence_time=NOON)
    site = Site(fence_after=1)
    site.records["a"] = record
    assert site.fail("a", "1", TOOL).why("a") == ""
    assert site.finish("a").records["a"].fenced


def test_one_that_is_released_begins_anew_and_keeps_what_excuses_others() -> None:
    site = Site(fence_after=1).fail("a", "1", IO)
    fenced = replace(site.records["a"], fence_reason="why", fence_time=NOON)
    site.records["a"] = released(fenced)
    assert (site.records["a"].fenced, site.records["a"].fence_reason, site.streak("a")) == (False, "", 0)
    assert site.fail("b", "1", IO).streak("b") == 0


def test_no_more_is_remembered_than_the_limits_say() -> None:
    site = Site()
    for number in range(REMEMBERED + 5):
        site.fail("a", str(number), TOOL)
    assert site.records["a"].marks[0].sources == ("5",)
    many = [ExecutorRecord(name=f"{number:04}") for number in range(RECORDS_KEPT + 1)]
    marked = replace(many[0], marks=site.records["a"].marks)
    fenced = replace(many[1], fence_reason="why", fence_time=NOON)
    assert superfluous([marked, fenced, *many[2:]]) == ("0002",)
    assert superfluous(many[1:]) == ()


def test_what_is_the_hosts_own_is_of_the_host() -> None:
    assert OWN <= HOST
    assert HOST.isdisjoint(NOBODY)
