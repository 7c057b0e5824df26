"""A real scheduler on a real port with a real database, and what the tests of the contract do with it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
import psycopg

from proxx.api.executors.v1 import executor_service_pb2_grpc
from proxx.api.jobs.v1 import job_service_pb2_grpc
from proxx.api.operator.v1 import operator_service_pb2_grpc
from proxx.api.profiles.v1 import profile_service_pb2_grpc
from proxx.core.detection import Detection
from proxx.core.jobs import ClipState, JobEvent, JobState, JobView, Snapshot, SubmissionOptions
from proxx.rpc.client import SchedulerClient
from proxx.runtime.profile_files import builtin_library
from proxx_scheduler.bootstrap import scheduler
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.settings import SchedulerSettings
from tests.fakes.measured import STANDARD
from tests.fakes.scripted_executor import Answer, ScriptedExecutor
from tests.fakes.specs import SEED_2_1, text_of

PATIENCE_SECONDS = 20.0
LIBRARY = builtin_library()
LARGE_MESSAGES = (("grpc.max_receive_message_length", 16 * 1024 * 1024),)
"""What a client of another language sets, too: gRPC itself stops at 4 MiB."""


def spec_of(clips: int = 1, **changes: object) -> str:
    """A good JobSpec of `clips` sources as JSON text."""
    sources = [f"/footage/A{index + 1:03d}.mov" for index in range(clips)]
    return text_of(SEED_2_1, **{"sources": sources, "output_directory": "/proxies", **changes})


class EventLog:
    """Every event since the world began, in order, across restarts of the scheduler."""

    def __init__(self) -> None:
        self.events: list[JobEvent] = []
        self._grown = asyncio.Event()

    def add(self, event: JobEvent) -> None:
        self.events.append(event)
        self._grown.set()

    async def until(self, wanted: Callable[[JobEvent], bool]) -> JobEvent:
        """Return the first event that is wanted, waiting for it."""
        seen = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for event in self.events[seen:]:
                    if wanted(event):
                        return event
                seen = len(self.events)
                self._grown.clear()
                await self._grown.wait()

    def lines(self, job_key: str) -> list[str]:
        """The events of one job as short text: `kind`, `kind N` for a clip."""
        return [
            event.kind if event.clip_index is None else f"{event.kind} {event.clip_index}"
            for event in self.events
            if event.job_key == job_key
        ]


class World:
    """A scheduler that can be stopped and started again on the same database and port."""

    def __init__(
        self,
        directory: Path,
        *,
        lease_seconds: float,
        metrics: str = "off",
        source_matrix: int = 1,
        database: DatabaseAddress | None = None,
        rules: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.rules = dict(rules or {})
        self.directory = directory
        self.database = database or database_address(str(directory / "proxx.db"))
        self.lease_seconds = lease_seconds
        self.metrics = metrics
        self.source_matrix = source_matrix
        self.address = "127.0.0.1:0"
        self.log = EventLog()
        self._running: AsyncExitStack | None = None
        self._stack = AsyncExitStack()
        self._jobs = 0

    def sql(self, statement: str) -> None:
        """Change the database behind the scheduler's back."""
        if self.database.path is None:
            with psycopg.connect(self.database.url) as connection:
                connection.execute(statement.encode())
            return
        file = sqlite3.connect(self.database.path, isolation_level=None)
        file.execute(statement)
        file.close()

    async def start(self) -> None:
        settings = SchedulerSettings(
            listen=self.address,
            database=self.database,
            lease_seconds=self.lease_seconds,
            metrics=self.metrics,
            source_matrix=self.source_matrix,
            grace_seconds=5,
            **self.rules,
        )
        running = AsyncExitStack()
        self.address = await running.enter_async_context(scheduler(settings=settings, library=LIBRARY))
        self._running = running

    async def stop(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            await running.aclose()

    async def restart(self) -> None:
        """Stop and start: nothing of the old scheduler is left but its database."""
        await self.stop()
        await self.start()
        await self.client.wait_ready(timeout_seconds=PATIENCE_SECONDS)
        await asyncio.wait_for(self.channel.channel_ready(), PATIENCE_SECONDS)

    async def __aenter__(self) -> Self:
        await self.start()
        self.client = await self._stack.enter_async_context(SchedulerClient(self.address))
        self.channel = await self._stack.enter_async_context(
            grpc.aio.insecure_channel(self.address, options=LARGE_MESSAGES)
        )
        self.jobs = job_service_pb2_grpc.JobServiceStub(self.channel)
        self.executors = executor_service_pb2_grpc.ExecutorServiceStub(self.channel)
        self.operator = operator_service_pb2_grpc.OperatorServiceStub(self.channel)
        self.profiles = profile_service_pb2_grpc.ProfileServiceStub(self.channel)
        await self._stack.enter_async_context(self._recording())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()
        await self.stop()

    @asynccontextmanager
    async def _recording(self) -> AsyncIterator[None]:
        began = asyncio.Event()

        async def record() -> None:
            async for update in self.client.watch_jobs():
                if isinstance(update, Snapshot):
                    began.set()
                elif isinstance(update, JobEvent):
                    self.log.add(update)

        task = asyncio.create_task(record())
        await asyncio.wait_for(began.wait(), PATIENCE_SECONDS)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def executor(self, name: str = "bench-1", **options: Any) -> ScriptedExecutor:
        """An executor with an open session."""
        executor = ScriptedExecutor(self.address, name=name, **options)
        self._stack.push_async_callback(executor.disconnect)
        return await executor.open()

    async def submit(self, text: str | None = None, *, clips: int = 1, **options: Any) -> JobView:
        """Submit a job of its own output directory and request_id."""
        self._jobs += 1
        job, created = await self.client.submit_job(
            request_id=f"request-{self._jobs}",
            spec_json=spec_of(clips, output_directory=f"/proxies/{self._jobs}") if text is None else text,
            options=SubmissionOptions(**options),
        )
        assert created
        return job

    async def admitted(
        self, executor: ScriptedExecutor, *, clips: int = 1, answer: Answer | Detection = STANDARD, **options: Any
    ) -> str:
        """Submit a job and answer its probes; returns its key."""
        job = await self.submit(clips=clips, **options)
        await executor.answer_probes(answer)
        await self.decided(job.job_key)
        return job.job_key

    async def decided(self, job_key: str) -> JobView:
        """Wait until a job was admitted or rejected."""
        decisions = ("job.admit", "job.admitted", "job.reject")
        await self.log.until(lambda event: event.job_key == job_key and event.kind in decisions)
        return await self.client.get_job(job_key=job_key)

    async def reached(self, job_key: str, state: JobState) -> JobView:
        """Wait until a job enters a state, and return it as it is then or later."""
        await self.log.until(
            lambda event: event.job_key == job_key and event.clip_index is None and event.after == state
        )
        return await self.client.get_job(job_key=job_key)

    async def clip_event(self, job_key: str, index: int, kind: str) -> JobEvent:
        return await self.log.until(
            lambda event: (event.job_key, event.clip_index, event.kind) == (job_key, index, kind)
        )

    async def states(self, job_key: str) -> list[str]:
        """The states of the clips in order; SKIPPED carries its reason."""
        page = await self.client.list_clips(job_key=job_key)
        return [
            f"{clip.state}({clip.reason})" if clip.state is ClipState.SKIPPED else str(clip.state)
            for clip in page.items
        ]


async def call(method: Any, request: Any, *, timeout_seconds: float = PATIENCE_SECONDS) -> Any:
    """Make one raw call, as a client of another language would."""
    return await method(request, timeout=timeout_seconds)
