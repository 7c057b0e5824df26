"""The log of a real scheduler: damage by SQL is named, and old records go without breaking a chain."""
# ruff: noqa: S608  the statements are made of our own keys

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
import pytest_asyncio

from proxx.api.jobs.v1 import job_service_pb2 as jobs_pb
from proxx.api.operator.v1 import audit_service_pb2 as pb
from proxx.api.operator.v1 import audit_service_pb2_grpc
from proxx.cli.audit_verify import verify_server
from proxx.cli.audit_walk import Progress
from proxx.core.actor import CLAIM_KEY
from proxx.core.audit import Anchor, AuditSummary, FaultKind
from proxx.core.jobs import JobState
from proxx.rpc.client import SchedulerClient
from tests.contract.refusal import refused
from tests.contract.world import PATIENCE_SECONDS, World

EVENTS = 7
"""How many events a job of one clip has."""


@pytest_asyncio.fixture
async def done(world: World) -> list[str]:
    """The keys of two COMPLETED jobs, and an event of the scheduler itself between them."""
    executor = await world.executor()
    keys = []
    for _ in range(2):
        keys.append(await world.admitted(executor))
        await executor.make()
        await world.reached(keys[-1], JobState.COMPLETED)
        await world.client.drain_executor(name="bench-1", request_id="drain", reason="lunch")
        await world.client.undrain_executor(name="bench-1", request_id="undrain")
    return keys


async def verified(world: World, *, job_key: str | None = None, anchors: Iterable[Anchor] = ()) -> AuditSummary:
    return await verify_server(
        audit=world.client.audit,
        job_key=job_key,
        anchors=sorted(anchors, key=lambda anchor: anchor.job_key),
        told=lambda _: None,
        progress=Progress(now=lambda: datetime.now(UTC), word="verified"),
    )


async def kept_head(world: World, key: str) -> Anchor:
    """The head as a result JSON keeps it."""
    result = await world.client.get_job_result(job_key=key)
    return Anchor(job_key=key, job_sequence=0, hash=result.event_chain_head, kept_in="RESULT.json")


async def prune(world: World, request_id: str = "prune") -> tuple[int, int, tuple[str, ...]]:
    now = datetime.now(UTC)
    result = await world.client.audit.prune_events(before=now, request_id=request_id, timeout_seconds=PATIENCE_SECONDS)
    return result.jobs, result.records, result.left


async def test_the_log_of_a_scheduler_verifies_with_the_heads_that_results_keep(world: World, done: list[str]) -> None:
    summary = await verified(world, anchors=[await kept_head(world, key) for key in done])
    assert (summary.fault, summary.chains, summary.records) == (None, 3, 2 * EVENTS + 2)
    assert summary.kept_heads_compared == 2
    pages = await world.client.audit.read_log(page_size=5)
    assert (sum(len(piece.records) for piece in pages.pieces), pages.next is None) == (5, False)


DAMAGE: dict[str, tuple[str, FaultKind, int | None]] = {
    "a value": ("UPDATE events SET actor = 'executor/x' WHERE {job} AND job_sequence = 4", FaultKind.CHANGED, 4),
    "white space": (
        "UPDATE events SET data_json = replace(data_json, '{{', '{{ ') WHERE {job} AND job_sequence = 4",
        *(FaultKind.CHANGED, 4),
    ),
    "one deleted": ("DELETE FROM events WHERE {job} AND job_sequence = 3", FaultKind.MISSING, 3),
    "two swapped": (
        "UPDATE events SET job_sequence = 99 WHERE {job} AND job_sequence = 3;"
        "UPDATE events SET job_sequence = 3 WHERE {job} AND job_sequence = 4;"
        "UPDATE events SET job_sequence = 4 WHERE {job} AND job_sequence = 99",
        *(FaultKind.CHANGED, 3),
    ),
    "the job deleted": ("DELETE FROM jobs WHERE {job}", FaultKind.HEAD_DIFFERS, None),
    "all deleted": ("DELETE FROM events WHERE {job}", FaultKind.MISSING, 1),
    "the tail cut": ("DELETE FROM events WHERE {job} AND job_sequence = 7", FaultKind.HEAD_DIFFERS, None),
}


async def test_damage_by_sql_is_named(world: World) -> None:
    executor = await world.executor()
    keys = {}
    for name in DAMAGE:
        keys[name] = await world.admitted(executor)
        await executor.make()
        await world.reached(keys[name], JobState.COMPLETED)
    for name, (statements, _, _) in DAMAGE.items():
        for statement in statements.split(";"):
            world.sql(statement.format(job=f"job_key = '{keys[name]}'"))
    found = {}
    for name, key in keys.items():
        fault = (await verified(world, job_key=key)).fault
        found[name] = None if fault is None else (fault.kind, fault.job_key, fault.job_sequence)
    assert found == {name: (kind, keys[name], number) for name, (_, kind, number) in DAMAGE.items()}
    whole = (await verified(world)).fault
    assert whole is not None
    assert whole.job_key == min(keys.values())


async def test_bytes_that_are_no_text_and_numbers_that_are_none_are_named(
    world: World, done: list[str], database_kind: str
) -> None:
    if database_kind != "sqlite":
        pytest.skip("PostgreSQL stores neither")
    job = f"job_key = '{done[1]}'"
    world.sql(f"UPDATE events SET clip_index = 'x' WHERE {job} AND job_sequence = 5")
    fault = (await verified(world)).fault
    assert fault is not None
    assert (fault.kind, fault.job_sequence) == (FaultKind.CHANGED, 5)
    world.sql(f"UPDATE events SET actor = CAST(x'ff' AS TEXT) WHERE {job} AND job_sequence = 4")
    fault = (await verified(world)).fault
    assert fault is not None
    assert (fault.kind, fault.job_sequence) == (FaultKind.CHANGED, 4)


async def test_a_tail_cut_with_the_row_of_its_job_is_shown_by_the_head_in_the_result_alone(
    world: World, done: list[str]
) -> None:
    kept = await kept_head(world, done[1])
    job = f"job_key = '{done[1]}'"
    newest = f"(SELECT max(job_sequence) FROM events WHERE {job})"
    world.sql(f"DELETE FROM events WHERE job_key = '' OR ({job} AND job_sequence = {newest})")
    # every event after it is gone too, so that the log has no hole
    world.sql(
        f"UPDATE jobs SET event_count = {newest}, last_sequence = (SELECT max(sequence) FROM events),"
        f" event_head = (SELECT hash FROM events WHERE {job} AND job_sequence = {newest}) WHERE {job}"
    )
    only = await verified(world, job_key=done[1])
    assert only.fault is None
    with_head = (await verified(world, job_key=done[1], anchors=[kept])).fault
    assert with_head is not None
    assert (with_head.kind, with_head.job_key) == (FaultKind.HEAD_DIFFERS, done[1])


@pytest.mark.parametrize("later", [False, True], ids=["at the end of the log", "before another event"])
async def test_the_newest_event_of_the_scheduler_itself_is_missed(world: World, done: list[str], later: bool) -> None:
    await world.client.drain_executor(name="bench-1", request_id="last", reason="lunch")
    world.sql("DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)")
    if later:
        await world.client.undrain_executor(name="bench-1", request_id="later")
    fault = (await verified(world)).fault
    assert fault is not None
    expected = (FaultKind.MISSING, "", 3) if later else (FaultKind.HEAD_DIFFERS, "", None)
    assert (fault.kind, fault.job_key, fault.job_sequence) == expected
    only = (await verified(world, job_key="")).fault
    assert only == fault


async def test_the_row_of_the_schedulers_own_chain_is_missed(world: World, done: list[str]) -> None:
    world.sql("DELETE FROM own_chain")
    fault = (await verified(world)).fault
    assert fault is not None
    assert (fault.kind, fault.job_key) == (FaultKind.HEAD_DIFFERS, "")
    await world.client.drain_executor(name="bench-1", request_id="later", reason="lunch")
    assert (await verified(world, job_key="")).records == 3  # the scheduler goes on all the same


async def test_pruning_retires_old_records_of_finished_jobs_and_every_chain_still_verifies(
    world: World, done: list[str]
) -> None:
    waiting = await world.submit()
    kept = [await kept_head(world, key) for key in done]
    plan = await world.client.audit.plan_prune(before=datetime.now(UTC))
    assert (plan.jobs, plan.records) == (2, 2 * (EVENTS - 1))
    assert await prune(world) == (2, 2 * (EVENTS - 1), ())
    summary = await verified(world, anchors=kept)
    assert (summary.fault, summary.retired, summary.kept_heads_compared) == (None, 2 * (EVENTS - 1), 2)
    assert summary.records == 2 + 2 + 1 + 1  # heads, drains, the job that waits, the prune
    assert await prune(world, "again") == (0, 0, ())
    page = await world.client.audit.read_log()
    (noted,) = [record for record in page.pieces[0].records if record.kind == "audit.prune"]
    assert all(f'"{key}":{EVENTS}' in noted.data_json for key in done)
    point = page.pieces[1].facts.checkpoint
    assert point is not None
    assert (point.first_kept, point.prune_sequence, point.actor) == (EVENTS, noted.sequence, "operator")
    assert (await world.client.get_job(job_key=waiting.job_key)).state is JobState.PENDING


async def test_a_pruned_job_that_is_retried_goes_on_and_is_pruned_again(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await executor.fail(await executor.begin())
    await world.reached(key, JobState.FAILED)
    first = await prune(world)
    await world.client.retry_failed_clips(job_key=key, request_id="retry")
    assert await prune(world, "while it runs") == (0, 0, ())
    await executor.answer_probes()
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    second = await prune(world, "again")
    summary = await verified(world, anchors=[await kept_head(world, key)])
    assert (first[0], second[0]) == (1, 1)
    assert (summary.fault, summary.retired) == (None, first[1] + second[1])


async def test_the_head_of_an_earlier_run_is_not_compared_once_it_was_retired(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await executor.fail(await executor.begin())
    await world.reached(key, JobState.FAILED)
    kept = await kept_head(world, key)
    await world.client.retry_failed_clips(job_key=key, request_id="retry")
    await executor.answer_probes()
    await executor.make()
    await world.reached(key, JobState.COMPLETED)
    assert (await verified(world, anchors=[kept])).kept_heads_compared == 1
    await prune(world)
    summary = await verified(world, anchors=[kept])
    assert (summary.fault, summary.kept_heads_compared, summary.kept_heads_unplaced) == (None, 0, 1)


async def test_a_job_that_was_deleted_whole_is_missed_by_its_result(world: World, done: list[str]) -> None:
    kept = await kept_head(world, done[0])
    for table in ("events", "jobs"):
        world.sql(f"DELETE FROM {table} WHERE job_key = '{done[0]}'")
    fault = (await verified(world, job_key=done[0], anchors=[kept])).fault
    assert fault is not None
    assert (fault.kind, fault.job_key) == (FaultKind.HEAD_DIFFERS, done[0])


async def test_a_damaged_chain_is_left_alone(world: World, done: list[str]) -> None:
    world.sql(f"UPDATE events SET actor = 'nobody' WHERE job_key = '{done[0]}' AND job_sequence = 3")
    jobs, records, left = await prune(world)
    assert (jobs, records, len(left)) == (1, EVENTS - 1, 1)
    assert f"job {done[0]}, record 3" in left[0]
    fault = (await verified(world)).fault
    assert fault is not None
    assert (fault.kind, fault.job_key, fault.job_sequence) == (FaultKind.CHANGED, done[0], 3)


async def test_a_checkpoint_made_by_hand_is_found(world: World, done: list[str]) -> None:
    await prune(world)
    job = f"job_key = '{done[0]}'"
    world.sql(f"UPDATE checkpoints SET last_hash = '{'1' * 64}' WHERE {job}")
    fault = (await verified(world)).fault
    assert fault is not None
    assert (fault.kind, fault.job_key) == (FaultKind.CHECKPOINT_DIFFERS, done[0])


async def test_a_stream_that_resumes_among_retired_events_is_told_where_they_are_all_there(
    world: World, done: list[str]
) -> None:
    await prune(world)
    newest = max(event.sequence for event in world.log.events if event.job_key == done[1]) - 1
    stream = world.jobs.WatchJobs(jobs_pb.WatchJobsRequest(after_sequence=2), timeout=PATIENCE_SECONDS)
    refusal = await refused(stream.read())
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.OUT_OF_RANGE, "CURSOR_TRUNCATED")
    assert refusal.metadata["first_available"] == str(newest + 1)
    good: Any = world.jobs.WatchJobs(jobs_pb.WatchJobsRequest(after_sequence=newest), timeout=PATIENCE_SECONDS)
    assert (await good.read()).event.sequence == newest + 1
    good.cancel()


async def test_calls_that_cannot_be_answered_are_refused(world: World, done: list[str]) -> None:
    audit = audit_service_pb2_grpc.AuditServiceStub(world.channel)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    future = pb.PlanPruneRequest()
    future.before.FromDatetime(tomorrow)
    refusals = [
        await refused(audit.PlanPrune(future, timeout=PATIENCE_SECONDS)),
        await refused(audit.PlanPrune(pb.PlanPruneRequest(), timeout=PATIENCE_SECONDS)),
        await refused(audit.ReadLog(pb.ReadLogRequest(page_size=501), timeout=PATIENCE_SECONDS)),
        await refused(audit.ReadLog(pb.ReadLogRequest(after_sequence=-1), timeout=PATIENCE_SECONDS)),
        await refused(audit.ReadLog(pb.ReadLogRequest(until_sequence=900), timeout=PATIENCE_SECONDS)),
        await refused(audit.ReadLog(pb.ReadLogRequest(job_key="nobody"), timeout=PATIENCE_SECONDS)),
    ]
    page = await world.client.audit.read_log()
    await prune(world)
    late = world.client.audit.read_log(until_sequence=page.until_sequence)
    refusals.append(await refused(late))
    assert [refusal.reason for refusal in refusals] == [
        *["REQUEST_INVALID"] * 4,
        *("CURSOR_TRUNCATED", "JOB_NOT_FOUND", "CURSOR_TRUNCATED"),
    ]
    one = {"request_id": "prune", "before": datetime.now(UTC) - timedelta(days=1), "timeout_seconds": 10.0}
    reused = await refused(world.client.audit.prune_events(**one))  # type: ignore[arg-type]  # a call in parts
    assert reused.reason == "REQUEST_ID_REUSED"


async def test_events_say_who_claims_to_have_caused_them(world: World) -> None:
    async with SchedulerClient(world.address, actor="jürgen@\x1bbox") as client:
        job = await world.submit()
        await client.cancel_job(job_key=job.job_key, request_id="cancel")
    await world.reached(job.job_key, JobState.CANCELLED)
    hidden = jobs_pb.CancelJobRequest(job_key=(await world.submit()).job_key, request_id="hidden")
    await world.jobs.CancelJob(hidden, metadata=((CLAIM_KEY, "x" * 300),), timeout=PATIENCE_SECONDS)
    await world.reached(hidden.job_key, JobState.CANCELLED)
    actors = {event.actor for event in world.log.events if event.kind == "job.cancel"}
    assert actors == {"claimed/jürgen@\\u001bbox", f"claimed/{'x' * 200}…"}
    assert {event.actor for event in world.log.events if event.kind == "job.submit"} == {"submitter"}
