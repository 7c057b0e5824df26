"""A full disk under the database: nothing is acknowledged that is not durable, reads go on, and it ends by itself."""

import asyncio
import ctypes
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from proxx.core.jobs import JobState, SubmissionOptions
from proxx.rpc.errors import CallError
from tests.contract.free_address import free_address
from tests.contract.refusal import read_refusal
from tests.contract.test_server import http
from tests.contract.world import PATIENCE_SECONDS, World, call, spec_of

SIZE = 4 * 1024 * 1024
libc = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four MiB."""
    point = tmp_path / "disk"
    point.mkdir()
    if libc.mount(b"tmpfs", os.fsencode(point), b"tmpfs", 0, f"size={SIZE}".encode()) != 0:
        pytest.skip(f"no file system can be mounted here: {os.strerror(ctypes.get_errno())}")
    yield point
    libc.umount2(os.fsencode(point), 2)


@pytest_asyncio.fixture
async def cramped(small_disk: Path) -> AsyncIterator[World]:
    async with World(small_disk, lease_seconds=60, metrics=free_address()) as found:
        yield found


def fill(disk: Path) -> Callable[[], None]:
    """Take all the space that is left. Returns what gives it back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as stream:
        while True:
            try:
                stream.write(b"\0" * 4096)
            except OSError:
                return filler.unlink


async def submit_until_refused(world: World) -> tuple[list[str], Any]:
    """Submit jobs until one is refused. Returns the requests that were acknowledged and the refusal."""
    acknowledged: list[str] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            request = f"full-{len(acknowledged)}"
            text = spec_of(20, output_directory=f"/proxies/{request}")
            try:
                await world.client.submit_job(request_id=request, spec_json=text, options=SubmissionOptions())
            except CallError as error:
                return acknowledged, read_refusal(error)
            acknowledged.append(request)


async def health(world: World) -> int:
    stub: Any = health_pb2_grpc.HealthStub(world.channel)
    return int((await call(stub.Check, health_pb2.HealthCheckRequest(service="readiness"))).status)


async def until(condition: Callable[[], Any], wanted: object) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await condition() != wanted:  # noqa: ASYNC110  health is asked, it does not tell
            await asyncio.sleep(0.05)


async def test_a_full_disk_refuses_writes_says_so_keeps_reads_and_ends_without_a_restart(cramped: World) -> None:
    before = await cramped.submit()
    give_back = fill(cramped.directory)

    acknowledged, refusal = await submit_until_refused(cramped)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
    assert refusal.message.endswith("database or disk is full")
    await until(lambda: health(cramped), health_pb2.HealthCheckResponse.NOT_SERVING)
    code, body = await http(cramped.metrics, "/readyz")
    assert code == 503
    assert "database or disk is full" in body
    assert (await cramped.client.get_job(job_key=before.job_key)).state is JobState.PENDING

    give_back()
    await until(lambda: health(cramped), health_pb2.HealthCheckResponse.SERVING)
    assert (await http(cramped.metrics, "/readyz"))[0] == 200
    after, created = await cramped.client.submit_job(
        request_id=f"full-{len(acknowledged)}",
        spec_json=spec_of(20, output_directory="/proxies/after"),
        options=SubmissionOptions(),
    )
    assert created

    await cramped.restart()
    kept = [view.job_key for view in (await cramped.client.list_jobs()).items]
    assert len(kept) == len(acknowledged) + 2
    assert {before.job_key, after.job_key} <= set(kept)
