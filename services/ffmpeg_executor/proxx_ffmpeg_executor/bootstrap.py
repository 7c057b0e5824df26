"""The only place that constructs and wires the FFmpeg executor."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import structlog

from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.core.toolchain import Toolchain
from proxx.engine.asset_cache import AssetCache
from proxx.engine.encode_step import Encoder
from proxx.engine.lease_loop import Executor, LoopSettings
from proxx.engine.measure import Tools
from proxx.engine.mounts import MountTable
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.tool import ToolRequest, ToolRunner
from proxx.rpc.executor_client import ExecutorClient
from proxx.rpc.executor_errors import CallRefusedError
from proxx.rpc.server import RpcServer, ServerSettings
from proxx.runtime.clock import SystemClock
from proxx.runtime.http_endpoint import HttpEndpoint, Readiness
from proxx.runtime.logs import configure_logs
from proxx.runtime.metrics import process_registry
from proxx.runtime.settings import SettingsInvalidError
from proxx.runtime.supervise import run_process
from proxx.runtime.version import current_version
from proxx_ffmpeg_executor.ffmpeg_steps import FfmpegSteps
from proxx_ffmpeg_executor.fingerprint import ToolchainError, read_toolchain
from proxx_ffmpeg_executor.observation import ExecutorMetrics
from proxx_ffmpeg_executor.settings import ExecutorSettings, read_settings

SYSTEM_ERROR = 4
_READY_POLL_SECONDS = 0.02
_HEALTH_POLL_SECONDS = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the executor until it is told to stop. Returns the exit code."""
    try:
        settings = read_settings(sys.argv[1:] if arguments is None else arguments)
        configure_logs(level=settings.log_level, console=settings.log_format == "console")
    except SettingsInvalidError as error:
        sys.stderr.write(f"{error}\n")
        return SYSTEM_ERROR
    return run_process(lambda drain: _serve(settings, drain))


async def _serve(settings: ExecutorSettings, drain: asyncio.Event) -> int:
    log = structlog.stdlib.get_logger("proxx.ffmpeg_executor")
    runner = ProcessToolRunner()
    try:
        toolchain = await read_toolchain(runner=runner, ffmpeg=settings.ffmpeg)
        await _check_ffprobe(runner, settings.ffprobe)
        async with ExecutorClient(settings.scheduler) as client, _private_directory() as private:
            executor = build_executor(
                settings=settings, client=client, runner=runner, toolchain=toolchain, private=private
            )
            async with _endpoint(settings, executor) as metrics, _health(settings, executor) as health:
                ready = {"address": settings.scheduler, "name": settings.name, "metrics": metrics, "health": health}
                await _work(executor, drain, ready=ready, ready_fd=settings.ready_fd)
    except (ToolchainError, CallRefusedError, OSError, ValueError) as error:
        log.error("executor.failed", reason=str(error))
        return SYSTEM_ERROR
    log.info("executor.stopped")
    return 0


def build_executor(
    *, settings: ExecutorSettings, client: ExecutorClient, runner: ToolRunner, toolchain: Toolchain, private: Path
) -> Executor:
    """Return the executor that the settings describe, not yet running. `private` is a directory of its own.

    Raises:
        ValueError: a mount is not absolute.
    """
    clock = SystemClock()
    mounts = MountTable(settings.mounts)
    incarnation = uuid.uuid4().hex
    memory = settings.memory_limit_mib
    encoder = Encoder(
        name=settings.name,
        incarnation=incarnation,
        tools=Tools(ffmpeg=settings.ffmpeg, ffprobe=settings.ffprobe),
        toolchain=toolchain,
        memory_limit_bytes=None if memory is None else memory * 1024 * 1024,
    )
    description = ExecutorDescription(
        name=settings.name,
        incarnation=incarnation,
        engine=Engine.FFMPEG,
        slots=settings.slots,
        roots=mounts.roots,
        toolchain=toolchain,
        sandbox_level=runner.sandbox_level,
        version=str(current_version()),
        planner_version=PLANNER_VERSION,
    )
    steps = FfmpegSteps(
        mounts=mounts,
        runner=runner,
        encoder=encoder,
        clock=clock,
        probe_concurrency=settings.slots,
        assets=AssetCache(port=client, directory=private, clock=clock),
    )
    return Executor(
        port=client,
        description=description,
        steps=steps,
        clock=clock,
        settings=LoopSettings(drain_grace_seconds=settings.drain_seconds),
    )


@contextlib.asynccontextmanager
async def _private_directory() -> AsyncIterator[Path]:
    """A place for a directory that nobody else can name; whatever stands there is gone with the block."""
    path = Path(tempfile.gettempdir()) / f"proxx-executor-{uuid.uuid4().hex}"
    try:
        yield path
    finally:
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)


async def _check_ffprobe(runner: ToolRunner, ffprobe: str) -> None:
    result = await runner.run(ToolRequest(argv=(ffprobe, "-version"), timeout_seconds=30.0))
    if not result.ok:
        raise ToolchainError(f"{ffprobe} cannot be asked for its version: {result.end.value}")


@contextlib.asynccontextmanager
async def _endpoint(settings: ExecutorSettings, executor: Executor) -> AsyncIterator[str | None]:
    """Serve metrics and health while the block runs; yields the bound address, None when they are off."""
    if settings.metrics == "off":
        yield None
        return
    registry = process_registry(component="ffmpeg_executor", version=current_version())
    ExecutorMetrics(registry=registry, slots=settings.slots, status=executor.status)

    def readiness() -> Readiness:
        status = executor.status()
        if status.draining:
            return Readiness(ready=False, reason="draining")
        return Readiness(ready=status.session_open, reason="" if status.session_open else "no session yet")

    endpoint = HttpEndpoint(listen=settings.metrics, registry=registry, readiness=readiness)
    try:
        yield await endpoint.start()
    finally:
        await endpoint.stop()


@contextlib.asynccontextmanager
async def _health(settings: ExecutorSettings, executor: Executor) -> AsyncIterator[str | None]:
    """Serve gRPC health and reflection while the block runs; yields the bound address, None when they are off."""
    if settings.health == "off":
        yield None
        return
    server = RpcServer(
        settings=ServerSettings(listen=settings.health, reflection=settings.reflection),
        new_id=lambda: uuid.uuid4().hex,
    )
    address = await server.start()
    following = asyncio.create_task(_follow_health(server, executor))
    try:
        yield address
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await server.stop(grace_seconds=0)


async def _follow_health(server: RpcServer, executor: Executor) -> None:
    """Keep readiness at what the lease loop says."""
    ready = False
    while True:
        status = executor.status()
        if ready is not (status.session_open and not status.draining):
            ready = not ready
            await server.set_ready(ready)
        await asyncio.sleep(_HEALTH_POLL_SECONDS)


async def _work(executor: Executor, drain: asyncio.Event, *, ready: Mapping[str, object], ready_fd: int | None) -> None:
    """Run the lease loop; a drain stops it in order."""
    helpers = [
        asyncio.create_task(_stop_when(drain, executor)),
        asyncio.create_task(_tell_ready(executor, ready, ready_fd)),
    ]
    try:
        await executor.run()
    finally:
        for helper in helpers:
            helper.cancel()
        for ending in await asyncio.gather(*helpers, return_exceptions=True):
            if isinstance(ending, Exception):
                raise ending


async def _stop_when(drain: asyncio.Event, executor: Executor) -> None:
    await drain.wait()
    executor.stop()


async def _tell_ready(executor: Executor, ready: Mapping[str, object], ready_fd: int | None) -> None:
    """Say once that the session is open: in the log, and to whoever started us."""
    while not executor.status().session_open:  # noqa: ASYNC110  the lease loop counts, it does not signal
        await asyncio.sleep(_READY_POLL_SECONDS)
    log = structlog.stdlib.get_logger("proxx.ffmpeg_executor")
    log.info("executor.ready", **ready)
    if ready_fd is not None:
        with os.fdopen(ready_fd, "w", encoding="utf-8") as pipe:
            pipe.write(json.dumps(ready) + "\n")
