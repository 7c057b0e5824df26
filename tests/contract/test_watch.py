"""WatchJobs: a snapshot, every event in order, resuming without a gap, progress between them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.jobs import ClipProgress, JobEvent, JobState, Snapshot
from proxx.core.steps import Phase, Progress
from tests.contract.refusal import read_refusal, refused
from tests.contract.world import PATIENCE_SECONDS, World


@asynccontextmanager
async def watching(world: World, **request: Any) -> AsyncIterator[Any]:
    """A raw stream that does not come back by itself."""
    stream = world.jobs.WatchJobs(pb.WatchJobsRequest(**request), timeout=PATIENCE_SECONDS)
    try:
        yield stream
    finally:
        stream.cancel()


async def read(stream: Any, count: int) -> list[Any]:
    """Read updates; each as the message inside the oneof."""
    found = []
    for _ in range(count):
        update = await stream.read()
        assert update is not grpc.aio.EOF
        found.append(getattr(update, update.WhichOneof("update")))
    return found


async def first(stream: Any) -> Any:
    (update,) = await read(stream, 1)
    return update


async def test_a_stream_begins_with_the_jobs_that_are_not_finished(world: World) -> None:
    executor = await world.executor()
    done = await world.admitted(executor)
    await executor.make()
    await world.reached(done, JobState.COMPLETED)
    waiting = await world.submit()
    updates = world.client.watch_jobs()
    assert await anext(updates) == Snapshot(sequence=waiting.last_event_sequence, jobs=(waiting,))
    await updates.aclose()


async def test_a_stream_of_one_job_shows_it_even_when_it_is_finished(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await executor.make()
    job = await world.reached(key, JobState.COMPLETED)
    updates = world.client.watch_jobs(job_keys=[key])
    assert await anext(updates) == Snapshot(sequence=job.last_event_sequence, jobs=(job,))
    await updates.aclose()


async def test_a_job_is_told_as_one_chain_of_events_from_submission_to_its_end(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await executor.make()
    job = await world.reached(key, JobState.COMPLETED)
    told = [(event.kind, event.before, event.after, event.actor) for event in world.log.events]
    assert told == [
        ("job.submit", "", "PENDING", "submitter"),
        ("job.admit", "PENDING", "RUNNING", "scheduler"),
        ("clip.grant", "QUEUED", "LEASED", "executor/bench-1"),
        ("clip.start", "LEASED", "RUNNING", "executor/bench-1"),
        ("clip.prepare", "RUNNING", "PUBLISHING", "executor/bench-1"),
        ("clip.complete", "PUBLISHING", "COMPLETED", "executor/bench-1"),
        ("job.finish_completed", "RUNNING", "COMPLETED", "executor/bench-1"),
    ]
    assert [event.job_sequence for event in world.log.events] == list(range(1, 8))
    assert world.log.events[0].previous_hash == "0" * 64
    assert all(later.previous_hash == event.hash for event, later in itertools.pairwise(world.log.events))
    result = await world.client.get_job_result(job_key=key)
    assert (result.event_chain_head, job.last_event_sequence) == (
        world.log.events[-1].hash,
        world.log.events[-1].sequence,
    )


async def test_a_stream_resumes_after_a_sequence_without_a_gap_over_a_restart_of_the_scheduler(world: World) -> None:
    executor = await world.executor()
    async with watching(world) as stream:
        await read(stream, 1)
        key = await world.admitted(executor)
        seen = await read(stream, 2)
    lease = await executor.begin()
    await world.restart()
    await executor.open(held=[lease])
    await executor.finish(lease)
    await world.reached(key, JobState.COMPLETED)
    async with watching(world, after_sequence=seen[-1].sequence) as stream:
        rest = await read(stream, 5)
    expected = [(event.sequence, event.kind, event.hash) for event in world.log.events]
    assert [(event.sequence, event.kind, event.hash) for event in (*seen, *rest)] == expected


async def test_our_own_client_misses_and_doubles_nothing_over_restarts(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    for _ in range(3):
        await world.restart()
        await executor.open()
        await executor.make()
    await world.reached(key, JobState.COMPLETED)
    newest = (await world.client.get_job(job_key=key)).last_event_sequence
    assert [event.sequence for event in world.log.events] == list(range(1, newest + 1))


async def test_a_stream_of_some_jobs_is_silent_about_the_others(world: World) -> None:
    one, other = await world.submit(), await world.submit()
    async with watching(world, job_keys=[one.job_key]) as stream:
        await read(stream, 1)
        await world.client.cancel_job(job_key=other.job_key, request_id="cancel other")
        await world.client.cancel_job(job_key=one.job_key, request_id="cancel one")
        event = await first(stream)
    assert (event.job_key, event.kind) == (one.job_key, "job.cancel")


async def test_progress_rides_between_events_for_those_who_ask_for_it(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    updates = world.client.watch_jobs(job_keys=[key], include_progress=True)
    await anext(updates)
    progress = Progress(fraction=0.25, frames=25, fps=50.0, speed=2.0, eta_seconds=1.5)
    await executor.renew(lease, phase=Phase.ENCODING, progress=progress)
    assert await anext(updates) == ClipProgress(
        job_key=key,
        clip_index=0,
        phase="ENCODING",
        fraction=0.25,
        frames=25,
        fps=50.0,
        speed=2.0,
        eta_seconds=1.5,
    )
    await executor.finish(lease)
    event = await anext(updates)
    assert isinstance(event, JobEvent)
    assert event.kind == "clip.prepare"
    await updates.aclose()


async def test_progress_is_kept_from_those_who_do_not_ask(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    lease = await executor.begin()
    async with watching(world, job_keys=[key]) as stream:
        await read(stream, 1)
        await executor.renew(lease, progress=Progress(fraction=0.5, frames=50, fps=50.0, speed=2.0, eta_seconds=None))
        await executor.finish(lease)
        event = await first(stream)
    assert event.kind == "clip.prepare"


async def test_many_watchers_see_the_same(world: World) -> None:
    executor = await world.executor()
    job = await world.submit(clips=2)
    streams = [world.jobs.WatchJobs(pb.WatchJobsRequest(), timeout=PATIENCE_SECONDS) for _ in range(20)]
    for stream in streams:
        await read(stream, 1)
    await executor.answer_probes()
    await executor.make()
    await executor.make()
    await world.reached(job.job_key, JobState.COMPLETED)
    expected = [event.sequence for event in world.log.events[1:]]
    for stream in streams:
        assert [event.sequence for event in await read(stream, len(expected))] == expected
        stream.cancel()


async def test_watching_an_unknown_job_is_refused(world: World) -> None:
    async with watching(world, job_keys=["nobody"]) as stream:
        refusal = await refused(stream.read())
    assert (refusal.reason, refusal.metadata) == ("JOB_NOT_FOUND", {"job_key": "nobody"})


async def test_a_sequence_ahead_of_the_log_is_refused(world: World) -> None:
    await world.submit()
    async with watching(world, after_sequence=900) as stream:
        refusal = await refused(stream.read())
    assert (refusal.reason, refusal.metadata) == ("CURSOR_TRUNCATED", {"after_sequence": "900", "newest": "1"})


async def test_a_negative_sequence_is_refused(world: World) -> None:
    await world.submit()
    async with watching(world, after_sequence=-1) as stream:
        refusal = await refused(stream.read())
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "after_sequence")


async def test_a_scheduler_that_stops_ends_its_streams_with_the_advice_to_come_back(world: World) -> None:
    async with watching(world) as stream:
        await read(stream, 1)
        stopping = asyncio.create_task(world.stop())
        try:
            await stream.read()
        except grpc.aio.AioRpcError as error:
            refusal = read_refusal(error)
        await stopping
    assert (refusal.code, refusal.reason, refusal.retry_seconds) == (grpc.StatusCode.UNAVAILABLE, "DRAINING", 1)
