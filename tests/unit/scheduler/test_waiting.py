"""Why something waits: each reason of the closed list, and which one is named when several hold."""

from dataclasses import replace

import pytest

from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.waiting import WaitingCode
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.records import Job
from proxx_scheduler.domain.rules import QueueRule, Resource, Rules
from proxx_scheduler.domain.waiting import Ahead, Candidate, Line, Site, why_clip_waits
from tests.fakes.board_world import new_job

NEEDS = Needs(engine="ffmpeg", roots=("media", "proxies"), planner_version=2)
FREE = Ahead(higher=0, before=0, next_queue="day")
LINE = Line(queue="day", needs=NEEDS, ahead=FREE)
GOOD = Candidate(
    name="one", engine="ffmpeg", roots=frozenset({"media", "proxies"}), planner_version=2, alive=True, draining=False
)
SITE = Site(candidates=(GOOD,), rules=Rules())
RUNNING = replace(new_job(clips=9, window=3), state=JobState.RUNNING, admitted=True, next_clip=3)
Q, S, LOST = ClipState.QUEUED, ClipState.STAGED, ClipState.INTERRUPTED


def why(
    *, index: int = 0, state: ClipState = Q, job: Job = RUNNING, line: Line | None = LINE, site: Site = SITE
) -> str:
    found = why_clip_waits(index=index, state=state, job=job, line=line, site=site)
    return "" if found is None else f"{found.code}: {found.detail}"


def candidates(*items: Candidate) -> Site:
    return replace(SITE, candidates=items)


CASES = {
    "it is next": ({}, "SLOT: it is next; no executor has asked for it yet"),
    "behind one": (
        {"line": replace(LINE, ahead=replace(FREE, before=1))},
        'TURN: behind 1 clip of queue "day"',
    ),
    "another queue is next": (
        {"line": replace(LINE, ahead=replace(FREE, before=1, next_queue="night"))},
        'FAIR_SHARE: queue "night" is next; queue "day" has had its share',
    ),
    "over the staging budget": (
        {
            "line": replace(LINE, needs=replace(NEEDS, staging="proxies"), expected_bytes=3 * 2**30),
            "site": replace(SITE, rules=Rules(budgets={"proxies": 10 * 2**30}), staged={"proxies": 8 * 2**30}),
        },
        'STAGING_BUDGET: on root "proxies" 8.0 GiB are staged or being made ahead of their turn, this clip is expected'
        " to take 3.0 GiB, and the staging budget is 10.0 GiB; as head it goes without",
    ),
    "within the staging budget": (
        {
            "line": replace(LINE, needs=replace(NEEDS, staging="proxies"), expected_bytes=2 * 2**30),
            "site": replace(SITE, rules=Rules(budgets={"proxies": 10 * 2**30}), staged={"proxies": 8 * 2**30}),
        },
        "SLOT: it is next; no executor has asked for it yet",
    ),
    "higher priority, more than is counted": (
        {"line": replace(LINE, ahead=Ahead(higher=1000, before=5, next_queue="night"))},
        "PRIORITY: behind 1000 or more clips of higher priority",
    ),
    "nobody": ({"site": candidates()}, "NO_EXECUTOR: no ffmpeg executor is healthy"),
    "lost": (
        {"site": candidates(replace(GOOD, alive=False))},
        'NO_EXECUTOR: no ffmpeg executor is healthy: "one" answered no more',
    ),
    "of another engine": (
        {"site": candidates(replace(GOOD, engine="resolve"))},
        "NO_EXECUTOR: no ffmpeg executor is healthy",
    ),
    "root missing": (
        {"site": candidates(replace(GOOD, roots=frozenset({"media"})))},
        'NO_ROOT: no healthy ffmpeg executor mounts root "proxies"',
    ),
    "roots apart": (
        {
            "site": candidates(
                replace(GOOD, roots=frozenset({"media"})), replace(GOOD, name="two", roots=frozenset({"proxies"}))
            )
        },
        'NO_ROOT: no healthy ffmpeg executor mounts "media" and "proxies" together',
    ),
    "planner version": (
        {"site": candidates(replace(GOOD, planner_version=1), replace(GOOD, planner_version=3))},
        "PLANNER_VERSION: it was planned by planner version 2; the executors have 1, 3",
    ),
    "codec": (
        {
            "line": replace(LINE, needs=replace(NEEDS, engine="resolve", codec="mov/DNxHRLB")),
            "site": candidates(
                replace(GOOD, engine="resolve", codecs=frozenset({"mov/H264", "mov/ProRes422P"})),
                replace(GOOD, engine="resolve", name="two"),
                replace(GOOD, engine="resolve", name="elsewhere", roots=frozenset(), codecs=frozenset({"mov/DNxHRLB"})),
            ),
        },
        'NO_CODEC: no healthy resolve executor encodes "mov/DNxHRLB": "one" encodes "mov/H264", "mov/ProRes422P"',
    ),
    "no Resolve answers": (
        {
            "line": replace(LINE, needs=replace(NEEDS, engine="resolve", planner_version=None)),
            "site": candidates(replace(GOOD, engine="resolve"), replace(GOOD, name="two")),
        },
        'NO_EXECUTOR: DaVinci Resolve answers on no executor that could run it: "one"',
    ),
    "the engine of each was unavailable": (
        {"line": replace(LINE, needs=replace(NEEDS, avoid=("one",)))},
        'NO_EXECUTOR: the engine of every executor that could run it was unavailable when it had it: "one"',
    ),
    "the engine of one was unavailable, another is drained": (
        {
            "line": replace(LINE, needs=replace(NEEDS, avoid=("one",))),
            "site": candidates(GOOD, replace(GOOD, name="two", draining=True)),
        },
        'DRAINED: every executor that could run it is drained: "two"',
    ),
    "a probe is anybody's": (
        {
            "line": replace(LINE, needs=replace(NEEDS, engine="either")),
            "site": candidates(replace(GOOD, engine="resolve")),
        },
        "SLOT: it is next; no executor has asked for it yet",
    ),
    "drained": (
        {"site": candidates(replace(GOOD, draining=True))},
        'DRAINED: every executor that could run it is drained: "one"',
    ),
    "fenced": (
        {"site": candidates(replace(GOOD, fenced=True))},
        'FENCED: every executor that could run it is fenced off: "one"',
    ),
    "fenced or drained": (
        {"site": candidates(replace(GOOD, fenced=True), replace(GOOD, name="two", draining=True))},
        'FENCED: every executor that could run it is fenced off or drained: "one", "two"',
    ),
    "one is fenced, another is free": (
        {"site": candidates(replace(GOOD, fenced=True), replace(GOOD, name="two"))},
        "SLOT: it is next; no executor has asked for it yet",
    ),
    "queue limit": (
        {"site": replace(SITE, rules=Rules(queues={"day": QueueRule(limit=2)}), held={"day": 2})},
        'QUEUE_LIMIT: queue "day" runs 2 steps, and its limit is 2',
    ),
    "resource": (
        {
            "line": replace(LINE, needs=replace(NEEDS, resources=("r",))),
            "site": replace(
                SITE, rules=Rules(resources={"r": Resource(name="r", count=1)}), holders={"r": ("clip 3",)}
            ),
        },
        'RESOURCE: all 1 of "r" are in use by clip 3',
    ),
    "storage": (
        {"site": replace(SITE, trouble="database or disk is full")},
        "STORAGE: the database refuses writes: database or disk is full",
    ),
    "outside the window": (
        {"index": 3, "line": None},
        "WINDOW: 3 clips from clip 0 on are open at once (max_parallel_clips)",
    ),
    "outside the window of a CONTINUE job": (
        {"index": 3, "line": None, "job": replace(RUNNING, failure_policy=FailurePolicy.CONTINUE)},
        "WINDOW: 3 clips are open at once (max_parallel_clips)",
    ),
    "blocked by doubt": (
        {"index": 3, "line": None, "job": replace(RUNNING, head=1)},
        "HEAD: clip 1 is in doubt, or a clip after it failed",
    ),
    "staged": (
        {"index": 2, "state": S, "line": None},
        "HEAD: clip 0 is not finished, and files appear in the order of the job",
    ),
    "paused": (
        {"line": None, "job": replace(RUNNING, state=JobState.PAUSED)},
        "PAUSED: the job is paused until it is resumed",
    ),
    "in doubt": (
        {"state": LOST, "line": None, "job": replace(RUNNING, state=JobState.RECOVERY_REQUIRED, reason="lost clip 0")},
        "RECOVERY: lost clip 0",
    ),
    "in doubt while the rest runs": (
        {"state": LOST, "line": None},
        "RECOVERY: its executor was lost: resume or cancel the job",
    ),
    "held": (
        {"line": None, "job": replace(new_job(clips=1), hold=True, admitted=True)},
        "HELD: the job is held until it is started",
    ),
    "held and not yet probed": (
        {"line": None, "job": replace(new_job(clips=1), hold=True)},
        "PROBING: the job's sources are being probed or inspected",
    ),
    "nobody can probe": (
        {"job": new_job(clips=1), "site": candidates()},
        "NO_EXECUTOR: no ffmpeg executor is healthy",
    ),
}


@pytest.mark.parametrize(("how", "expected"), CASES.values(), ids=CASES)
def test_a_waiting_clip_says_why(how: dict[str, object], expected: str) -> None:
    assert why(**how) == expected  # type: ignore[arg-type]  # the cases name the arguments


def test_every_reason_of_the_list_has_a_case() -> None:
    assert {expected.partition(":")[0] for _, expected in CASES.values()} == set(WaitingCode)


@pytest.mark.parametrize(
    "state", [state for state in ClipState if state not in (Q, S, LOST)], ids=lambda state: str(state)
)
def test_what_is_worked_on_or_over_does_not_wait(state: ClipState) -> None:
    assert why(state=state) == ""


def test_what_only_finishes_is_not_held_back_by_a_limit_and_runs_on_any_engine() -> None:
    finishing = Needs(engine="any", roots=("proxies",), planner_version=None)
    site = replace(
        candidates(replace(GOOD, engine="resolve")), rules=Rules(queues={"day": QueueRule(limit=1)}), held={"day": 9}
    )
    assert why(line=replace(LINE, needs=finishing), site=site).startswith("SLOT")


def test_five_holders_are_named_and_the_rest_counted() -> None:
    holders = tuple(f"h{number}" for number in range(7))
    site = replace(SITE, rules=Rules(resources={"r": Resource(name="r", count=7)}), holders={"r": holders})
    line = replace(LINE, needs=replace(NEEDS, resources=("r",)))
    assert why(line=line, site=site) == 'RESOURCE: all 7 of "r" are in use by h0, h1, h2, h3, h4 and 2 more'
