"""Reports of attempts that are not the live one: never applied, recorded once by attempt and kind, counted always."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from proxx.core.jobs import JobState, LostPolicy
from proxx.core.leases import LeaseOutcome, ReleaseReason, ReportStatus
from proxx.core.steps import Directive, Phase, StepKind
from proxx_scheduler.database_address import DatabaseAddress
from tests.contract.free_address import free_address
from tests.contract.refusal import refused
from tests.contract.test_server import http
from tests.contract.world import World
from tests.fakes.scripted_executor import sha256_of


@pytest_asyncio.fixture
async def measured(tmp_path: Path, database: DatabaseAddress) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=60, metrics=free_address(), database=database) as found:
        yield found


async def counted(world: World) -> dict[str, float]:
    _, text = await http(world.metrics, "/metrics")
    return {
        sample.labels["kind"]: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "proxx_stale_reports_total" and sample.value
    }


def recorded(world: World, key: str) -> list[dict[str, Any]]:
    """What each stale report that was recorded says, without what differs from run to run."""
    found = []
    for event in world.log.events:
        if event.job_key == key and event.kind == "clip.stale_report":
            assert (event.before, event.clip_index) == (event.after, 0)
            found.append({**json.loads(event.data_json), "actor": event.actor})
    return found


async def test_every_kind_of_late_report_is_recorded_once_and_counted_each_time(measured: World) -> None:
    executor = await measured.executor("gone")
    key = await measured.admitted(executor)
    lease = await executor.begin()
    output = executor.output_of(lease)
    await executor.open()  # without the lease: it is lost
    before = await measured.reached(key, JobState.RECOVERY_REQUIRED)
    for _ in range(3):
        assert await executor.directive(lease, phase=Phase.STARTING) is Directive.REVOKED
        assert (await refused(executor.prepare(lease, output))).reason == "LEASE_SUPERSEDED"
        assert await executor.fail(lease) is ReportStatus.STALE
        assert await executor.release(lease, ReleaseReason.DRAINED) is ReportStatus.STALE
    assert await counted(measured) == {"start": 3, "prepare": 3, "complete": 3, "release": 3}
    common = {
        "step": "ENCODE",
        "epoch": 1,
        "current_epoch": 1,
        "lease_id": lease.lease_id,
        "attempt": "lost",
        "actor": "executor/gone",
    }
    await measured.log.until(lambda event: '"report":"release"' in event.data_json)
    assert recorded(measured, key) == [
        {**common, "report": "start", "said": {}},
        {
            **common,
            "report": "prepare",
            "said": {"prepared": output.sha256, "size_bytes": 1234, "staged": output.staged.path},
        },
        {
            **common,
            "report": "complete",
            "said": {"failed": "TOOL_EXIT_NONZERO", "message": "FFmpeg exited with code 1"},
        },
        {**common, "report": "release", "said": {"released": "DRAINED"}},
    ]
    after = await measured.client.get_job(job_key=key)
    assert (after.state, after.revision, await measured.states(key)) == (
        before.state,
        before.revision,
        ["INTERRUPTED"],
    )


async def test_a_late_report_names_the_epoch_that_works_now(world: World) -> None:
    gone, other = await world.executor("gone"), await world.executor("other")
    key = await world.admitted(gone, on_executor_lost=LostPolicy.REQUEUE)
    lease = await gone.begin()
    await gone.open()
    await other.swept(await other.begin(StepKind.SWEEP))
    newest = await other.begin()
    assert await gone.published(lease, sha256="f" * 900) is ReportStatus.STALE
    await other.finish(newest)
    await world.reached(key, JobState.COMPLETED)
    (found,) = recorded(world, key)
    assert (found["epoch"], found["current_epoch"], found["said"]) == (
        1,
        2,
        {"published": "f" * 64, "size_bytes": 1234},
    )


async def test_a_late_probe_changes_nothing_and_is_recorded(world: World) -> None:
    gone, other = await world.executor("gone"), await world.executor("other")
    job = await world.submit(clips=2)
    lease = await gone.start(await gone.take_one(StepKind.PROBE))
    await gone.open()
    assert await gone.report_probe(lease) is ReportStatus.STALE
    await other.answer_probes()
    await world.decided(job.job_key)
    (found,) = recorded(world, job.job_key)
    assert (found["report"], found["step"], found["said"], found["last_clip"], found["current_epoch"]) == (
        "probe",
        "PROBE",
        {"probed": 2},
        1,
        1,
    )


async def test_reports_that_a_finished_attempt_repeats_are_not_stale(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    lease = await executor.make()
    assert await executor.directive(lease, phase=Phase.STARTING) is Directive.REVOKED
    assert await executor.published(lease) is ReportStatus.RECORDED
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    assert recorded(world, key) == []


async def test_what_somebody_else_reports_about_a_live_lease_is_recorded_with_his_name(world: World) -> None:
    owner, stranger = await world.executor("owner"), await world.executor("stranger")
    key = await world.admitted(owner)
    lease = await owner.begin()
    assert await stranger.published(lease, sha256=sha256_of(lease)) is ReportStatus.STALE
    await owner.finish(lease)
    await world.reached(key, JobState.COMPLETED)
    (found,) = recorded(world, key)
    assert (found["actor"], found["attempt"], found["report"]) == ("executor/stranger", "live", "complete")


async def test_a_report_about_a_lease_that_never_was_is_counted_and_has_no_job_to_tell(measured: World) -> None:
    executor = await measured.executor()
    assert await executor.complete(LeaseOutcome(lease_id="nobody", epoch=1)) is ReportStatus.STALE
    assert await counted(measured) == {"complete": 1}
    assert [event for event in measured.log.events if event.kind == "clip.stale_report"] == []
