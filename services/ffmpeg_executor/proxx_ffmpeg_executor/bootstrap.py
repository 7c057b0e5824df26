"""The only place that constructs and wires the FFmpeg executor."""

import asyncio
import contextlib
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog

from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.core.toolchain import Toolchain
from proxx.engine.asset_cache import AssetCache
from proxx.engine.encoder import Encoder
from proxx.engine.executor_metrics import ExecutorMetrics
from proxx.engine.executor_process import loop_readiness, serve_health, serve_metrics, work
from proxx.engine.fingerprint import ToolchainError, check_tool, read_toolchain
from proxx.engine.lease_loop import Executor, LoopSettings
from proxx.engine.measure import Tools
from proxx.engine.mounts import StorageUnavailableError
from proxx.engine.root_keeper import RootKeeper, keeping_roots
from proxx.engine.tool import ToolRunner
from proxx.engine.tool_runners import required_tool_runner
from proxx.rpc.executor_client import ExecutorClient
from proxx.rpc.executor_errors import CallRefusedError
from proxx.runtime.clock import SystemClock
from proxx.runtime.logs import configure_logs
from proxx.runtime.metrics import process_registry
from proxx.runtime.settings import SettingsInvalidError
from proxx.runtime.supervise import run_process
from proxx.runtime.version import current_version
from proxx_ffmpeg_executor.ffmpeg_steps import FfmpegSteps
from proxx_ffmpeg_executor.settings import ExecutorSettings, read_settings

SYSTEM_ERROR = 4


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
    try:
        runner = required_tool_runner(
            most=settings.sandbox,
            least=settings.require_sandbox,
            loadable=settings.loadable,
            say=lambda reach: log.info("sandbox.level", reached=reach.level.value, missing=list(reach.missing)),
        )
        toolchain = await read_toolchain(runner=runner, ffmpeg=settings.ffmpeg)
        await check_tool(runner=runner, tool=settings.ffprobe)
        async with (
            ExecutorClient(settings.scheduler, security=settings.client_security) as client,
            _private_directory() as private,
        ):
            executor, roots = build_executor(
                settings=settings, client=client, runner=runner, toolchain=toolchain, private=private
            )
            async with keeping_roots(roots), _endpoints(settings, executor) as endpoints:
                ready = {"address": settings.scheduler, "name": settings.name, **endpoints}
                await work(executor=executor, drain=drain, log=log, ready=ready, ready_fd=settings.ready_fd)
            if not roots.present:
                raise StorageUnavailableError(roots.trouble)
    except (ToolchainError, CallRefusedError, OSError, ValueError) as error:
        log.error("executor.failed", reason=str(error))
        return SYSTEM_ERROR
    log.info("executor.stopped")
    return 0


def build_executor(
    *, settings: ExecutorSettings, client: ExecutorClient, runner: ToolRunner, toolchain: Toolchain, private: Path
) -> tuple[Executor, RootKeeper]:
    """Return the executor that the settings describe, not yet running, and who watches its roots.

    `private` is a directory of its own.

    Raises:
        ValueError: a mount is not absolute.
    """
    clock = SystemClock()
    mounts = settings.mount_table
    incarnation = uuid.uuid4().hex
    encoder = Encoder(
        name=settings.name,
        incarnation=incarnation,
        tools=Tools(ffmpeg=settings.ffmpeg, ffprobe=settings.ffprobe),
        toolchain=toolchain,
        memory_limit_bytes=settings.memory_limit_bytes,
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
        probe_slots=settings.probe_slots,
    )
    steps = FfmpegSteps(
        mounts=mounts,
        runner=runner,
        encoder=encoder,
        clock=clock,
        probe_concurrency=settings.slots,
        assets=AssetCache(port=client, directory=private, clock=clock),
    )
    roots = RootKeeper(
        mounts=mounts, steps=steps, clock=clock, changed=lambda present: _offer(executor, description, present)
    )
    executor = Executor(
        port=client,
        description=description,
        steps=roots,
        clock=clock,
        settings=LoopSettings(drain_grace_seconds=settings.drain_seconds),
    )
    return executor, roots


def _offer(executor: Executor, description: ExecutorDescription, roots: tuple[str, ...]) -> None:
    """Say which roots are there from now on; without any, go away in order."""
    if roots:
        executor.describe(replace(description, roots=roots))
    else:
        executor.stop()


@contextlib.asynccontextmanager
async def _private_directory() -> AsyncIterator[Path]:
    """A place for a directory that nobody else can name; whatever stands there is gone with the block."""
    path = Path(tempfile.gettempdir()) / f"proxx-executor-{uuid.uuid4().hex}"
    try:
        yield path
    finally:
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)


@contextlib.asynccontextmanager
async def _endpoints(settings: ExecutorSettings, executor: Executor) -> AsyncIterator[Mapping[str, str | None]]:
    """Serve metrics and health while the block runs; yields their bound addresses, None where they are off."""
    registry = process_registry(component="ffmpeg_executor", version=current_version())
    slots, probe_slots = settings.slots, settings.probe_slots
    ExecutorMetrics(registry=registry, slots=slots, probe_slots=probe_slots, status=executor.status)
    ready = partial(loop_readiness, executor)
    security = settings.server_security.load(registry=registry)
    shown, reflection = settings.health, settings.reflection
    async with (
        serve_metrics(listen=settings.metrics, registry=registry, readiness=ready, security=security) as metrics,
        serve_health(listen=shown, reflection=reflection, readiness=ready, security=security) as health,
    ):
        yield {"metrics": metrics, "health": health}
