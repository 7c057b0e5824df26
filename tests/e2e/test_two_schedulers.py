"""Two real schedulers on one PostgreSQL database: one leads, the other passes calls on, and never do both lead."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import grpc
import pytest

from proxx.api.executors.v1 import executor_service_pb2 as executors_pb
from proxx.api.executors.v1 import executor_service_pb2_grpc
from proxx.core.jobs import JobEvent, JobState, SubmissionOptions
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallError
from proxx_scheduler.database_address import DatabaseAddress
from tests.conftest import new_database
from tests.contract.world import spec_of
from tests.e2e.begun import Begun, until
from tests.e2e.specs import PRORES, proxy_spec
from tests.e2e.workplace import Workplace, media_in, staged_in
from tests.fakes.scripted_executor import ScriptedExecutor
from tests.fakes.stores import run_sql

pytestmark = pytest.mark.process
TAKEOVER_SECONDS = 15.0
AGAIN_SECONDS = 0.1
FIRST_BYTES = 40_000
"""How much is staged before the kill: pictures, so that the encode is under way."""

Answer = TypeVar("Answer")


@pytest.fixture
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAddress:
    return new_database(request, kind="postgresql", directory=tmp_path)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def begin(stack: ExitStack, directory: Path, address: DatabaseAddress, *more: str) -> Begun:
    return process(stack, directory, "proxx_scheduler", "--listen", "127.0.0.1:0", "--database", address.url, *more)


def process(stack: ExitStack, directory: Path, module: str, *words: str) -> Begun:
    argv = [sys.executable, "-P", "-m", module, *words]
    begun = Begun.start(argv, directory=directory, environment=Workplace(directory).environment(), ready=True)
    stack.callback(end, begun)
    return begun


def end(begun: Begun) -> None:
    if begun.process.poll() is None:
        begun.process.send_signal(signal.SIGCONT)
        begun.kill()


async def submit(address: str, request: str) -> JobState:
    async with SchedulerClient(address) as client:
        job, _ = await client.submit_job(
            request_id=request, spec_json=spec_of(output_directory=f"/proxies/{request}"), options=SubmissionOptions()
        )
    return job.state


def requests(database: DatabaseAddress) -> list[str]:
    return [str(row[0]) for row in run_sql(database, "SELECT request_id FROM requests ORDER BY request_id")]


async def renew(channel: grpc.aio.Channel, held: ScriptedExecutor) -> None:
    """Renew with more patience than an executor has, so that the call waits for its leader to wake up."""
    request = executors_pb.RenewLeasesRequest(session_id=held.session_id)
    await executor_service_pb2_grpc.ExecutorServiceStub(channel).RenewLeases(request, timeout=60)


async def again(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Repeat a call until it is answered, as every client of a replicated scheduler does."""
    async with asyncio.timeout(2 * TAKEOVER_SECONDS):
        while True:
            try:
                return await call()
            except CallError:
                await asyncio.sleep(AGAIN_SECONDS)


async def test_one_address_serves_clients_and_executors_through_the_death_of_the_leader(
    stack: ExitStack, shared: DatabaseAddress, tmp_path: Path, long_clip: Path
) -> None:
    old = begin(stack, tmp_path, shared, "--standby")
    old.ready()
    standby = str(begin(stack, tmp_path, shared, "--standby").ready()["address"])
    executor = process(stack, tmp_path, "proxx_ffmpeg_executor", "--scheduler", standby, "--name", "e", "--slots", "1")
    output = tmp_path / "out"
    output.mkdir()
    spec = json.dumps(proxy_spec(sources=[long_clip], output=output, resolution="same", **PRORES))
    events: list[JobEvent] = []
    async with SchedulerClient(standby) as client:
        job, _ = await client.submit_job(request_id="r", spec_json=spec, options=SubmissionOptions())

        async def follow() -> None:
            async for update in client.watch_jobs(job_keys=(job.job_key,)):
                if isinstance(update, JobEvent):
                    events.append(update)
                    if update.clip_index is None and update.after == JobState.COMPLETED:
                        return

        following = asyncio.create_task(follow())
        await asyncio.to_thread(until, lambda: encoding(output), seconds=30, what="the staged file")
        old.kill()
        killed = time.monotonic()
        await again(lambda: client.get_job(job_key=job.job_key))
        assert time.monotonic() - killed < TAKEOVER_SECONDS
        await asyncio.wait_for(following, 30)
    assert executor.process.poll() is None
    assert media_in(output) == [f"{long_clip.stem}_proxy.mov"]
    assert run_sql(shared, "SELECT term FROM leadership") == [(2,)]
    told = [(event.sequence, event.kind) for event in events]
    stored = run_sql(shared, "SELECT sequence, kind FROM events ORDER BY sequence")
    assert told == [tuple(row) for row in stored][-len(told) :]  # a snapshot stands for those before it
    assert run_sql(shared, "SELECT max(epoch) FROM attempts") == [(1,)]  # the work that went on was not begun again


def encoding(output: Path) -> bool:
    return any(path.exists() and path.stat().st_size > FIRST_BYTES for path in staged_in(output))


async def test_a_paused_leader_is_followed_in_time_writes_and_answers_nothing_more_and_ends(
    stack: ExitStack, shared: DatabaseAddress, tmp_path: Path
) -> None:
    old = begin(stack, tmp_path, shared)
    old_address = str(old.ready()["address"])
    new_address = str(begin(stack, tmp_path, shared, "--standby").ready()["address"])
    await submit(new_address, "acknowledged")
    held = await ScriptedExecutor(old_address).open()
    channel = grpc.aio.insecure_channel(old_address)
    await renew(channel, held)  # it is answered before
    in_flight = [asyncio.create_task(submit(old_address, f"in-flight-{number}")) for number in range(20)]
    await asyncio.wait(in_flight, return_when=asyncio.FIRST_COMPLETED)

    old.process.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    late = [asyncio.create_task(submit(old_address, "late")), asyncio.create_task(renew(channel, held))]
    await again(lambda: submit(new_address, "by-the-new"))
    assert time.monotonic() - stopped < TAKEOVER_SECONDS
    stored = requests(shared)

    old.process.send_signal(signal.SIGCONT)
    submitted, renewed = await asyncio.gather(*late, return_exceptions=True)
    assert isinstance(submitted, CallError)
    assert isinstance(renewed, grpc.aio.AioRpcError)
    assert renewed.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)  # the latter: it ended first
    outcomes = await asyncio.gather(*in_flight, return_exceptions=True)
    assert await asyncio.to_thread(old.process.wait, 20) == 4
    await held.disconnect()
    await channel.close()
    assert "leadership_lost" in old.said()
    assert requests(shared) == stored
    told = [f"in-flight-{number}" for number, outcome in enumerate(outcomes) if outcome is JobState.PENDING]
    assert {"acknowledged", "by-the-new", *told} <= set(stored)
    assert run_sql(shared, "SELECT term FROM leadership") == [(2,)]


def test_a_second_scheduler_that_is_no_standby_is_refused_and_told_who_leads(
    stack: ExitStack, shared: DatabaseAddress, tmp_path: Path
) -> None:
    leader = begin(stack, tmp_path, shared)
    leader.ready()
    second = begin(stack, tmp_path, shared)
    assert second.process.wait(timeout=20) == 4
    assert f"process {leader.pid}, term 1" in second.said()
    assert "one scheduler leads a database" in second.said()
