"""A scheduler with executors that do nothing, and clients that submit to it: what the scheduler's benchmarks share."""

import asyncio
import contextlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.lone_scheduler import LoneScheduler
from proxx.core.jobs import FailurePolicy, JobState, SubmissionOptions
from proxx.rpc.client import SchedulerClient

ROOT = Path(__file__).resolve().parent.parent
CALLERS = 8
POLL_SECONDS = 0.05
CALL_SECONDS = 120.0
INDEPENDENT = SubmissionOptions(failure_policy=FailurePolicy.CONTINUE, max_parallel_clips=64)
"""Clips that do not wait for each other, as the tasks of a task queue do not."""


@contextlib.contextmanager
def executors(
    address: str, *, count: int, slots: int, flags: Sequence[str] = ()
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Run executors, each a process of its own, while the block runs; yields them."""
    argv = [sys.executable, "-m", "bench.no_op_executor", address]
    started = [subprocess.Popen([*argv, f"bench-{number}", str(slots), *flags], cwd=ROOT) for number in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


@contextlib.contextmanager
def databases(kind: str, directory: Path) -> Iterator[str]:
    """Yield a fresh database: a file, or one of a PostgreSQL server that runs while the block runs."""
    if kind == "sqlite":
        yield str(directory / "proxx.db")
        return
    from tools.postgres_server import postgres_server  # only here: SQLite needs no server

    with postgres_server() as server:
        yield server.create()


@contextlib.contextmanager
def running(kind: str, directory: Path) -> Iterator[LoneScheduler]:
    """Run a scheduler on a fresh database."""
    place = directory / kind
    place.mkdir()
    with databases(kind, place) as database, LoneScheduler(directory=place, database=database) as scheduler:
        yield scheduler


def spec_of(*, name: str, clips: int) -> str:
    """Return a JobSpec of so many sources, none of which exists."""
    return json.dumps(
        {
            "jobspec_version": "2.1", "sources": [f"/in/{name}/A001C{index:05d}.mov" for index in range(clips)],
            "output_directory": f"/out/{name}", "codec": "h264", "container": "mp4", "resolution": "half",
            "naming_template": "{source_name}_proxy", "proxy_profile": "proxy_h264_low",
        }
    )  # fmt: skip


async def submit(
    client: SchedulerClient, *, jobs: int, clips: int, options: SubmissionOptions = INDEPENDENT
) -> list[str]:
    """Submit jobs of so many clips each, several calls at a time. Returns their keys."""
    batch = uuid.uuid4().hex[:12]
    turn = asyncio.Semaphore(CALLERS)

    async def one(number: int) -> str:
        async with turn:
            name = f"{batch}-{number}"
            spec = spec_of(name=name, clips=clips)
            job, _ = await client.submit_job(request_id=name, spec_json=spec, options=options)
            return job.job_key

    return list(await asyncio.gather(*(one(number) for number in range(jobs))))


async def all_completed(client: SchedulerClient, *, by: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Wait until these executors have completed every job.

    Raises:
        RuntimeError: a job did not complete, or an executor ended.
    """
    while (await client.list_jobs(states=(JobState.PENDING, JobState.RUNNING), page_size=1)).items:
        check_running(by)
        await asyncio.sleep(POLL_SECONDS)
    bad = tuple(state for state in JobState if state.terminal and state is not JobState.COMPLETED)
    failed = (await client.list_jobs(states=(*bad, JobState.RECOVERY_REQUIRED), page_size=1)).items
    if failed:
        raise RuntimeError(f"job {failed[0].job_key} is {failed[0].state}: {failed[0].reason}")


def check_running(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """See that executors still run.

    Raises:
        RuntimeError: one ended; what it had to say stands on standard error.
    """
    for process in processes:
        if process.poll() is not None:
            raise RuntimeError(f"an executor ended with exit code {process.returncode}")
