"""The only place that constructs and wires the Resolve executor."""

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

import structlog

from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.core.toolchain import Toolchain
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
from proxx.runtime.clock import Clock, SystemClock
from proxx.runtime.http_endpoint import Readiness
from proxx.runtime.logs import configure_logs
from proxx.runtime.metrics import process_registry
from proxx.runtime.settings import SettingsInvalidError
from proxx.runtime.state import state_directory
from proxx.runtime.supervise import run_process
from proxx.runtime.version import current_version
from proxx_resolve_executor.bridge.host import supervised_resolve
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.host_keeper import HostKeeper, HostState
from proxx_resolve_executor.host_port import HostFacts, ResolveHost
from proxx_resolve_executor.observation import HostMetrics
from proxx_resolve_executor.render_step import SANDBOX_LEVEL
from proxx_resolve_executor.resolve_error import (
    ResolveError,
    ResolveFreeError,
    ResolveNotFoundError,
    ResolveValidationError,
)
from proxx_resolve_executor.resolve_steps import ResolveSteps
from proxx_resolve_executor.settings import ExecutorSettings, read_settings
from proxx_resolve_executor.toolchain import codec_words, with_resolve

SYSTEM_ERROR = 4
SLOTS = 1
"""One render at a time: a machine has one instance of Resolve."""

ACQUIRE_WAIT_SECONDS = 5.0
"""A changed Resolve is told to the scheduler between two calls for work, so none of them waits long."""

PERMANENT = (ResolveNotFoundError, ResolveFreeError, ResolveValidationError)
"""What no waiting mends: at a start the process ends with the reason, as the FFmpeg executor does without FFmpeg."""


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
    log = structlog.stdlib.get_logger("proxx.resolve_executor")
    try:
        runner = required_tool_runner(
            most=settings.sandbox,
            least=settings.require_sandbox,
            loadable=settings.loadable,
            say=lambda reach: log.info("sandbox.level", reached=reach.level.value, missing=list(reach.missing)),
        )
        verifier = await read_toolchain(runner=runner, ffmpeg=settings.ffmpeg)
        await check_tool(runner=runner, tool=settings.ffprobe)
        async with (
            ExecutorClient(settings.scheduler, security=settings.client_security) as client,
            _host(settings) as host,
        ):
            wiring = Wiring(settings=settings, client=client, runner=runner, verifier=verifier, host=host)
            async with _endpoints(settings, wiring) as endpoints:
                ready = {"address": settings.scheduler, "name": settings.name, **endpoints}
                await run_wired(wiring=wiring, drain=drain, ready=ready)
    except (ToolchainError, CallRefusedError, ResolveError, OSError, ValueError) as error:
        log.error("executor.failed", reason=str(error))
        return SYSTEM_ERROR
    log.info("executor.stopped")
    return 0


class Wiring:
    """The parts of one executor, wired; nothing runs yet."""

    def __init__(
        self,
        *,
        settings: ExecutorSettings,
        client: ExecutorClient,
        runner: ToolRunner,
        verifier: Toolchain,
        host: ResolveHost,
    ) -> None:
        """Take the settings, the scheduler, what runs tools, the verifying ffmpeg's toolchain, and the host.

        Raises:
            ValueError: a mount is not absolute.
        """
        self.settings = settings
        self.clock: Clock = SystemClock()
        self._verifier = verifier
        self._host = host
        self._incarnation = uuid.uuid4().hex
        self._mounts = settings.mount_table
        self._facts: HostFacts | None = None
        self.keeper = HostKeeper(
            host=host,
            clock=self.clock,
            changed=self._host_changed,
            look_seconds=settings.resolve_look_seconds,
            retry_seconds=settings.resolve_retry_seconds,
            hold_seconds=settings.resolve_hold_seconds,
        )
        steps = ResolveSteps(
            mounts=self._mounts,
            runner=runner,
            encoder=Encoder(
                name=settings.name,
                incarnation=self._incarnation,
                tools=Tools(ffmpeg=settings.ffmpeg, ffprobe=settings.ffprobe),
                toolchain=verifier,
                memory_limit_bytes=settings.memory_limit_bytes,
            ),
            clock=self.clock,
            host=host,
            keeper=self.keeper,
            project_prefix=settings.resolve_project_prefix,
            probe_concurrency=1,
        )
        self.roots = RootKeeper(mounts=self._mounts, steps=steps, clock=self.clock, changed=self._roots_changed)
        self.executor = Executor(
            port=client,
            description=self.description(None),
            steps=self.roots,
            clock=self.clock,
            settings=LoopSettings(
                acquire_wait_seconds=ACQUIRE_WAIT_SECONDS, drain_grace_seconds=settings.drain_seconds
            ),
        )

    def description(self, facts: HostFacts | None) -> ExecutorDescription:
        """Return what this executor is. Without facts Resolve is in trouble: then it encodes nothing."""
        return ExecutorDescription(
            name=self.settings.name,
            incarnation=self._incarnation,
            engine=Engine.RESOLVE,
            slots=SLOTS,
            roots=self.roots.present,
            toolchain=with_resolve(facts=facts or self._host.facts, verifier=self._verifier),
            sandbox_level=SANDBOX_LEVEL,
            version=str(current_version()),
            planner_version=PLANNER_VERSION,
            codecs=codec_words(facts=facts),
            probe_slots=self.settings.probe_slots,
        )

    def _host_changed(self, facts: HostFacts | None) -> None:
        self._facts = facts
        self.executor.describe(self.description(facts))

    def _roots_changed(self, present: tuple[str, ...]) -> None:
        """Say which roots are there from now on; without any, go away in order."""
        if present:
            self.executor.describe(self.description(self._facts))
        else:
            self.executor.stop()

    def readiness(self) -> Readiness:
        """Return whether it can do its work, and why not."""
        if self.keeper.state is not HostState.READY:
            return Readiness(ready=False, reason=f"Resolve is {self.keeper.state.value}: {self.keeper.reason}")
        return loop_readiness(self.executor)


def bridge_options(*, settings: ExecutorSettings, state: Path) -> ResolveOptions:
    """Return what the bridge is told. `state` is the executor's own directory where the settings name none."""
    presets = settings.resolve_preset_directory
    return ResolveOptions(
        state_directory=settings.resolve_state_directory or state,
        preset_directory=presets if presets is not None else Path(str(resources.files("proxx.render_presets"))),
        project_prefix=settings.resolve_project_prefix,
        parking_project=f"{settings.resolve_project_prefix}parking",
        resolve_path=settings.resolve_path,
        script_api_path=settings.resolve_script_api_path,
        take_over=settings.resolve_take_over,
        start_seconds=settings.resolve_start_seconds,
        answer_seconds=settings.resolve_answer_seconds,
        call_seconds=settings.resolve_call_seconds,
        import_seconds=settings.resolve_import_seconds,
        stop_seconds=settings.resolve_stop_seconds,
        poll_seconds=settings.resolve_poll_seconds,
        restarts=settings.resolve_restarts,
        restart_window_seconds=settings.resolve_restart_window_seconds,
        python=settings.resolve_python or Path(sys.executable),
    )


async def run_wired(*, wiring: Wiring, drain: asyncio.Event, ready: Mapping[str, object]) -> None:
    """Wait until Resolve is ready for the first time, then work until the drain; `ready` is said in between.

    Raises:
        ResolveError: Resolve is not ready, and no waiting mends that.
        CallRefusedError: the scheduler refuses this executor for good.
    """
    async with keeping_roots(wiring.roots):
        if await _first_ready(wiring, drain):
            await _work(wiring, drain, ready)
    if not wiring.roots.present:
        raise StorageUnavailableError(wiring.roots.trouble)


@contextlib.asynccontextmanager
async def _host(settings: ExecutorSettings) -> AsyncIterator[ResolveHost]:
    """The host, and the end of what it started when the block ends."""
    options = bridge_options(settings=settings, state=state_directory() / "resolve_executor")
    options.state_directory.mkdir(parents=True, exist_ok=True)
    host = supervised_resolve(options=options, clock=SystemClock())
    try:
        yield host
    finally:
        await host.close()


async def _first_ready(wiring: Wiring, drain: asyncio.Event) -> bool:
    """Wait until Resolve is ready for the first time; False when the process is told to stop before that.

    Raises:
        ResolveError: something that no waiting mends.
    """
    stopping = asyncio.create_task(drain.wait())
    try:
        while not drain.is_set():
            checking = asyncio.create_task(wiring.keeper.check())
            await asyncio.wait((checking, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not checking.done():
                checking.cancel()
                await asyncio.gather(checking, return_exceptions=True)
                return False
            try:
                checking.result()
            except PERMANENT:
                raise
            except ResolveError:
                sleeping = asyncio.create_task(wiring.clock.sleep(wiring.settings.resolve_retry_seconds))
                await asyncio.wait((sleeping, stopping), return_when=asyncio.FIRST_COMPLETED)
                sleeping.cancel()
            else:
                return True
        return False
    finally:
        stopping.cancel()


async def _work(wiring: Wiring, drain: asyncio.Event, ready: Mapping[str, object]) -> None:
    """Run the lease loop, and beside it what keeps Resolve ready."""
    log = structlog.stdlib.get_logger("proxx.resolve_executor")
    try:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(wiring.keeper.keep())
            await work(executor=wiring.executor, drain=drain, log=log, ready=ready, ready_fd=wiring.settings.ready_fd)
            keeping.cancel()
    except ExceptionGroup as failures:  # the group's wrapping only: the failure itself goes on
        raise failures.exceptions[0] from failures


@contextlib.asynccontextmanager
async def _endpoints(settings: ExecutorSettings, wiring: Wiring) -> AsyncIterator[Mapping[str, str | None]]:
    """Serve metrics and health while the block runs; yields their bound addresses, None where they are off."""
    registry = process_registry(component="resolve_executor", version=current_version())
    ExecutorMetrics(registry=registry, slots=SLOTS, probe_slots=settings.probe_slots, status=wiring.executor.status)
    HostMetrics(registry=registry, keeper=wiring.keeper)
    security, ready = settings.server_security.load(registry=registry), wiring.readiness
    shown, reflection = settings.health, settings.reflection
    async with (
        serve_metrics(listen=settings.metrics, registry=registry, readiness=ready, security=security) as metrics,
        serve_health(listen=shown, reflection=reflection, readiness=ready, security=security) as health,
    ):
        yield {"metrics": metrics, "health": health}
