"""Under every quirk a job ends in a correct result or an explicit reason, with no leftover project and no half file.

PROXX_LONG=1 tries all of them, else those marked short. docs/RESOLVE.md has the table.
"""

import asyncio
import os
from dataclasses import fields, replace
from pathlib import Path

import pytest

from proxx.core.jobs import JobState, JobView
from proxx_resolve_executor.host_keeper import HostState
from tests.resolve.clip_quirks import PROJECT_QUIRKS, RENDER_QUIRKS
from tests.resolve.host_quirks import HOST_QUIRKS
from tests.resolve.output_quirks import OUTPUT_QUIRKS
from tests.resolve.quirk_case import Ending, QuirkCase, table
from tests.resolve.studio import ENDED, LOOK_SECONDS, PATIENCE_SECONDS, Studio, studio
from tests.resolve_simulator.quirks import Quirks

CASES = (*HOST_QUIRKS, *PROJECT_QUIRKS, *RENDER_QUIRKS, *OUTPUT_QUIRKS)
LONG = os.environ.get("PROXX_LONG") == "1"
CHOSEN = [case for case in CASES if LONG or case.short]
DOCUMENT = Path("docs/RESOLVE.md")
PARKING = ["proxx_parking"]
NO_BEHAVIOUR = frozenset({"log_calls", "fail_error", "output_timecode"})
"""Switches that only say what another one writes."""

pytestmark = pytest.mark.process


@pytest.mark.media
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CHOSEN])
async def test_a_job_ends_well_or_says_why(tmp_path: Path, case: QuirkCase) -> None:
    async with studio(tmp_path) as place:
        place.installation.set_quirks(case.quirks)
        source = place.source(**case.facts)
        async with place.executor(**case.settings) as working:
            key = await place.submit(source)
            job = await _ending(place, key, case, working)
            reason = await _reason(place, job, case, working)
            assert (case.says in reason, reason) == (True, reason)
            if case.recovers:
                place.installation.set_quirks(Quirks())
                place.installation.kill()
                job = await place.until(key, lambda job: job.state in ENDED)
                assert job.state is JobState.COMPLETED
            if case.ending is not Ending.STOPS and case.kind != "NO_EXECUTOR":
                await _no_leftover(place)
        proxy = [f"{source.stem}_proxy.mov"] if job.state is JobState.COMPLETED else []
        assert place.left() == proxy
        assert set(place.installation.projects()) <= set(PARKING)


def test_every_switch_has_a_case() -> None:
    rest = Quirks()
    tried = {
        item.name
        for case in CASES
        for item in fields(Quirks)
        if getattr(case.quirks, item.name) != getattr(rest, item.name)
    }
    assert {item.name for item in fields(Quirks)} - tried - NO_BEHAVIOUR - {"save_untitled_hangs"} == set()


def test_every_case_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_short_run_is_a_cut_through_all_endings() -> None:
    assert {case.ending for case in CASES if case.short} >= {Ending.COMPLETED, Ending.FAILED, Ending.REJECTED}
    assert 6 <= sum(case.short for case in CASES) <= 12


def test_the_document_has_the_table() -> None:
    assert table(CASES) in DOCUMENT.read_text(encoding="utf-8")


async def _ending(place: Studio, key: str, case: QuirkCase, working: "asyncio.Task[None]") -> JobView:
    """Wait for the ending that the case names; another ending fails the test at once."""

    def is_there(job: JobView) -> bool:
        if case.ending is Ending.STOPS:
            return working.done() or job.state in ENDED
        if case.ending is Ending.WAITS:
            waiting = job.waiting_reason is not None and job.waiting_reason.code.value == case.kind
            said = case.kind != "NO_EXECUTOR" or place.keeper.state is HostState.UNAVAILABLE
            return (waiting and said) or job.state in ENDED or working.done()
        return job.state in ENDED or working.done()

    if case.once:
        await _trouble(place)
        place.installation.set_quirks(replace(case.quirks, hang_calls=(), crash_calls=()))
    job = await place.until(key, is_there)
    states = {
        Ending.COMPLETED: {JobState.COMPLETED},
        Ending.FAILED: {JobState.FAILED},
        Ending.REJECTED: {JobState.REJECTED},
        Ending.WAITS: {JobState.PENDING, JobState.RUNNING},
        Ending.STOPS: {JobState.PENDING},
    }
    assert (job.state in states[case.ending], working.done()) == (True, case.ending is Ending.STOPS), job
    return job


async def _trouble(place: Studio) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not place.keeper.troubles:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)


async def _reason(place: Studio, job: JobView, case: QuirkCase, working: "asyncio.Task[None]") -> str:
    """What people are told, wherever this ending says it."""
    if case.ending is Ending.STOPS:
        return str(working.exception())
    if case.ending is Ending.REJECTED:
        return "; ".join(violation.message for violation in job.violations)
    if case.ending is Ending.WAITS:
        assert job.waiting_reason is not None
        return job.waiting_reason.detail if case.kind == "NO_CODEC" else place.keeper.reason
    (clip,) = (await place.client.get_job_result(job_key=job.job_key)).clips
    if case.ending is Ending.COMPLETED:
        assert clip.verdict is not None
        assert clip.verdict.passed
        return ""
    assert clip.failure is not None
    assert clip.failure.kind.value == case.kind, clip.failure
    return clip.failure.message


async def _no_leftover(place: Studio) -> None:
    """Wait until Resolve is there again and has been swept."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while place.installation.projects() != PARKING:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
