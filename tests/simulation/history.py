"""One history: a world made from a seed, run under faults, then without, and judged."""

import asyncio
import gc
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proxx.core.detection import Engine
from proxx.core.jobs import JobState
from proxx.core.leases import Lease
from proxx_scheduler.app.records import Effect, EventAppended
from tests.simulation.checker import Checker
from tests.simulation.client import Client
from tests.simulation.disk_calls import engine_on_model_disk
from tests.simulation.executor_process import ExecutorHost
from tests.simulation.memo import forget_documents, memoised
from tests.simulation.model_disk import DiskFaults, ModelDisk
from tests.simulation.nemesis import Nemesis
from tests.simulation.network import WORLD, Network
from tests.simulation.plan import Fault, HistoryPlan, JobPlan, draw_plan
from tests.simulation.scheduler_process import SchedulerProcess
from tests.simulation.sim_clock import SimClock, SimIds
from tests.simulation.sim_steps import Footage, ToolLog
from tests.simulation.sim_store import Backend, StoreFaults
from tests.simulation.virtual_loop import Process, VirtualLoop, current_process
from tests.simulation.watcher_process import WatcherHost

PATIENCE_SECONDS = 90.0
LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: its short name, what was seen, and when (virtual seconds)."""

    name: str
    text: str
    at: float


@dataclass(slots=True)
class Outcome:
    """How a history ended."""

    plan: HistoryPlan
    violations: list[Violation] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0
    events: int = 0
    hashes: tuple[str, ...] = ()
    stalls: int = 0
    states: tuple[str, ...] = ()


class World:
    """Everything of one history."""

    def __init__(self, plan: HistoryPlan, backend: Backend, *, trace: bool) -> None:
        self.plan = plan
        self.backend = backend
        self.outcome = Outcome(plan=plan)
        self.tracing = trace
        seeds = {
            name: random.Random(f"{name} {plan.seed}")
            for name in ("net", "disk", "store", "ids", "hosts", "nemesis", "thread", "client", "tools")
        }
        self.loop = VirtualLoop(thread_delay=lambda: 0.0005 + seeds["thread"].random() * 0.01)
        self.loop.may_stall = lambda: (
            self.disk.faults.on and self.disk.faults.stall > 0 and seeds["thread"].random() < 0.6
        )
        self.wall_jump = 0.0
        self.clock = SimClock(wall_jump=lambda: self.wall_jump, time=self.loop.time)
        self.ids = SimIds(seeds["ids"])
        self.disk = ModelDisk(source=seeds["disk"], faults=DiskFaults())
        self.disk.now_ns = lambda: int(self.loop.time() * 1e9)
        self.disk.tell = self.tell
        self.disk.kill = self.kill_current
        self.disk.hang = self._hang_current
        self.checker = Checker(plan=plan, disk=self.disk, fail=self.fail)
        self.network = Network(loop=self.loop, source=seeds["net"], defect=lambda text: self.fail("defect", text))
        self.store_faults = StoreFaults()
        self._store_source = seeds["store"]
        self._schedulers = 0
        self.bad = {job.source(index) for job in plan.jobs for index in job.bad}
        raw = {job.source(index) for job in plan.jobs if job.raw for index in range(job.clips)}
        low, high = plan.encode_seconds
        footage = Footage(
            bad=lambda source: source in self.bad,
            encode_seconds=lambda: seeds["tools"].uniform(low, high),
            bit_exact=plan.bit_exact,
            finished=lambda path: self.nemesis.finished(path),
            raw=raw.__contains__,
            engine_works=lambda: self.nemesis.engine_works(),
        )
        self.hosts = [
            ExecutorHost(
                name=f"host-{number}",
                slots=plan.slots,
                probe_slots=plan.probe_slots[number],
                engine=Engine.RESOLVE if number in plan.resolve else Engine.FFMPEG,
                loop=self.loop,
                network=self.network,
                disk=self.disk,
                clock=self.clock,
                source=seeds["hosts"],
                footage=footage,
                log=ToolLog(
                    tool_started=self._tool_started,
                    probed=self.checker.probed,
                    inspected=self._engine_asked,
                    engine_lost=self._engine_lost,
                ),
                ended=self._executor_ended,
            )
            for number in range(plan.hosts)
        ]
        self.client = Client(world=self, source=seeds["client"])
        self.nemesis = Nemesis(world=self, source=seeds["nemesis"])
        self.watcher: WatcherHost | None = None
        if plan.watched:
            self.watcher = WatcherHost(world=self, source=random.Random(f"watcher {plan.seed}"), path=Path("/drops"))

    # --- what others tell --------------------------------------------------------------------------------------------

    def tell(self, text: str) -> None:
        """Write a line of the trace."""
        if self.tracing:
            self.outcome.trace.append(f"{self.loop.time():9.3f}  {text}")

    def fail(self, name: str, text: str) -> None:
        """Keep a violation and end the history."""
        self.tell(f"VIOLATION {name}: {text}")
        self.outcome.violations.append(Violation(name, text, self.loop.time()))
        self.loop.stop()

    def committed(self, effects: list[Effect]) -> None:
        """A transaction holds."""
        for effect in effects:
            if isinstance(effect, EventAppended):
                event = effect.event
                if event.kind == "job.submit":
                    self.checker.job_known(event.job_key, self._plan_of(event.job_key))
                if self.tracing:
                    where = "" if event.clip_index is None else f" clip {event.clip_index}"
                    self.tell(
                        f"event {event.kind}{where} {event.before}->{event.after} by {event.actor} {event.data_json}"
                    )
        self.checker.committed(effects)
        for effect in effects:
            if isinstance(effect, EventAppended) and effect.event.kind in ("job.admit", "job.admitted"):
                clips, _ = self.backend.read(lambda tx, key=effect.event.job_key: tx.clip_page(key, after=-1, size=100))  # type: ignore[misc]  # the default binds the value
                self.checker.placed(effect.event.job_key, [clip.output_path for clip in clips])

    def _plan_of(self, job_key: str) -> JobPlan:
        view = self.backend.read(lambda tx: tx.job_view(job_key))
        assert view is not None
        return next(job for job in self.plan.jobs if job.job_id == view.job_id)

    def _tool_started(self, lease: Any) -> None:
        self.tell(f"{current_process().name}: tool for clip {lease.clip_index} epoch {lease.epoch} {lease.lease_id}")  # type: ignore[union-attr]  # tools run in processes
        self.checker.tool_started(lease)
        self._engine_asked(lease)

    def _engine_asked(self, lease: Lease) -> None:
        """An executor begins an INSPECT or ENCODE."""
        process = current_process()
        assert process is not None
        resolve = self._host_of(process).engine is Engine.RESOLVE
        self.checker.engine_asked(lease, process=process.name, resolve=resolve)

    def _engine_lost(self, lease: Lease) -> None:
        process = current_process()
        assert process is not None
        self.tell(f"{process.name}: no engine for clip {lease.clip_index} {lease.kind} epoch {lease.epoch}")
        self.checker.engine_lost(lease, process=process.name)

    def _executor_ended(self, host: ExecutorHost, why: str) -> None:
        self.tell(f"{host.name} ended {why}")
        if why:
            self.fail("executor_failed", f"{host.name}: {why}")
        self.loop.call_later(1.0, host.start, context=WORLD)

    def kill_current(self) -> None:
        process = current_process()
        assert process is not None
        process.kill()
        self.loop.call_later(1.0, self._host_of(process).start, context=WORLD)

    def _host_of(self, process: Process) -> ExecutorHost:
        return next(host for host in self.hosts if host.runs(process))

    def _hang_current(self, seconds: float) -> None:
        process = current_process()
        assert process is not None
        name = self._host_of(process).name
        cut = self.network.faults.cut
        if name not in cut:
            cut.add(name)
            self.loop.call_later(seconds, cut.discard, name, context=WORLD)

    # --- life --------------------------------------------------------------------------------------------------------

    def start_scheduler(self) -> None:
        """Start a scheduler, unless one lives."""
        if self.network.scheduler is not None and self.network.scheduler.process.alive:
            return
        self._schedulers += 1
        scheduler = SchedulerProcess(
            number=self._schedulers,
            backend=self.backend,
            clock=self.clock,
            ids=self.ids,
            source=self._store_source,
            store_faults=self.store_faults,
            lease_seconds=self.plan.lease_seconds,
            fence_after=self.plan.fence_after,
            staging_budget=self.plan.staging_budget,
            committed=self.committed,
            failed=self._scheduler_failed,
        )
        self.network.scheduler = scheduler
        scheduler.process.context.run(scheduler.start, self.loop)
        self.tell("scheduler started")

    def _scheduler_failed(self) -> None:
        self.kill_scheduler()
        self.loop.call_later(1.0, self.start_scheduler, context=WORLD)

    def kill_scheduler(self) -> None:
        """SIGKILL of the scheduler."""
        if self.network.scheduler is not None:
            self.network.scheduler.process.kill()
            self.network.scheduler_died()
            self.tell("scheduler killed")

    async def run(self) -> None:
        """Run the history to its end."""
        self._set_the_scene()
        self.start_scheduler()
        for host in self.hosts:
            host.start()
        submitting = self._submitting = [
            self.loop.spawn(self.client.process, self.client.submit(job)) for job in self.plan.jobs
        ]
        if self.watcher is not None:
            self.watcher.start()
        await self.nemesis.rage()
        self.tell("faults stop")
        self.start_scheduler()
        for host in self.hosts:
            host.start()
        for task in submitting:
            await task
        await self._until(
            self._at_rest, "no_rest", "without a fault and without an operator a job neither ends nor waits for one"
        )
        self.tell("the operator tidies up")
        tidying = self.loop.spawn(self.client.process, self.client.tidy())
        await self._until(self._all_ended, "no_end", "with an operator at hand a job does not end")
        tidying.cancel()
        await self._until(self._no_work, "work_left", "every job has ended, and executors still hold leases")
        if self.watcher is not None:
            await self._until(lambda: self.watcher.has_filed, "not_filed", "a drop whose job has ended is not filed")  # type: ignore[union-attr]  # it does not go away
        self._judge_the_end()

    @property
    def nothing_left(self) -> bool:
        """Whether every job was submitted and has ended: further faults would find nothing to disturb."""
        return all(task.done() for task in self._submitting) and self._all_ended()

    def _set_the_scene(self) -> None:
        for job in self.plan.jobs:
            for index in range(job.clips):
                self.disk.put(job.source(index), f"SOURCE {job.number} {index}".encode())
            self.disk.put(f"/proxies/{job.number}/readme.txt", b"here")
            for index in job.standing:
                inode = self.disk.put(job.output(index), f"STANDS {job.number} {index}".encode())
                self.checker.stands(inode)

    def _at_rest(self) -> bool:
        for raw in {job.raw for job in self.plan.jobs}:
            able = [host.name for host in self.hosts if (host.engine is Engine.RESOLVE) is raw]
            if self.checker.fenced.issuperset(able):
                return True  # it is an operator's word that lets executors work again
        resting = (JobState.PAUSED, JobState.RECOVERY_REQUIRED)
        return all(
            record.state.terminal or record.state in resting or (record.state is JobState.PENDING and record.plan.hold)
            for record in self.checker.jobs.values()
        )

    def _all_ended(self) -> bool:
        return all(record.state.terminal for record in self.checker.jobs.values())

    def _no_work(self) -> bool:
        return all(host.idle for host in self.hosts)

    async def _until(self, reached: Callable[[], bool], name: str, text: str) -> None:
        end = self.loop.time() + PATIENCE_SECONDS
        while not reached():
            if self.loop.time() > end:
                states = {
                    key: (record.state, [clip.state for clip in record.clips])
                    for key, record in self.checker.jobs.items()
                }
                self.fail(name, f"{text}: {states}")
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _judge_the_end(self) -> None:
        for request_id, job_key in self.client.acknowledged.items():
            if self.backend.read(lambda tx, key=job_key: tx.job_view(key)) is None:  # type: ignore[misc]  # the default binds the value
                self.fail("submission_lost", f"{request_id} was acknowledged as {job_key}, which does not exist")
        if self.watcher is not None and not self.outcome.violations:
            self.watcher.judge()
        died = {Fault.EXECUTOR_CRASH, Fault.DISK_KILL, Fault.POWER, Fault.DRAIN}
        self.checker.end(clean=not self.plan.faults & died)


class _Ear(logging.Handler):
    """Hears what the product logs as an error of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.world: World | None = None

    def emit(self, record: logging.LogRecord) -> None:
        expected = (
            "could not be stored",
            "not recorded",
            "in doubt",
            "leftovers",
            "could not be removed",
            "gave up",
            "cannot take",
            "a release was refused",
        )
        text = record.getMessage()
        error = record.exc_info[1] if record.exc_info else None
        if self.world is None or (
            any(part in text for part in expected) and type(error).__name__ != "IllegalTransitionError"
        ):
            return
        self.world.fail("logged_defect", f"{text}: {error!r}")


EAR = _Ear()


@contextmanager
def simulating() -> Iterator[None]:
    """Everything that histories need in place of the host's own, while the block runs."""
    loggers = [logging.getLogger(name) for name in ("proxx.scheduler", "proxx.engine", "proxx.runtime")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
        logger.propagate = False
        logger.addHandler(EAR)
    enabled = gc.isenabled()
    gc.disable()
    known: Any = asyncio.tasks._all_tasks  # type: ignore[attr-defined]  # of asyncio
    known.add = lambda _: None  # no history asks for all tasks, and a weak reference to each is dear
    try:
        with engine_on_model_disk(), memoised():
            yield
    finally:
        del known.add
        if enabled:
            gc.enable()
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagate
            logger.removeHandler(EAR)


def run_history(plan: HistoryPlan, *, backend: Callable[[], Any], trace: bool = False) -> Outcome:
    """Run one history inside `simulating`."""
    forget_documents()
    database = backend()
    world = World(plan, database, trace=trace)
    EAR.world = world
    loop = world.loop
    try:
        asyncio.set_event_loop(loop)
        main = loop.create_task(world.run())
        main.add_done_callback(lambda _: loop.stop())
        loop.run_forever()
        outcome = world.outcome
        if main.done() and not main.cancelled() and main.exception() is not None and not outcome.violations:
            raise RuntimeError(f"seed {plan.seed}: the simulation itself failed") from main.exception()
        if not main.done() and not outcome.violations:
            outcome.violations.append(Violation("endless", f"no end after {loop.steps} steps", loop.time()))
        outcome.steps = loop.steps
        outcome.seconds = loop.time()
        outcome.events = world.checker.events
        outcome.hashes = tuple(record.chain for record in world.checker.jobs.values())
        outcome.stalls = world.disk.stalls
        outcome.states = tuple(record.state for record in world.checker.jobs.values())
        return outcome
    finally:
        EAR.world = None
        loop.dismantle()
        asyncio.set_event_loop(None)
        close = getattr(database, "close", None)
        if close is not None:
            close()


__all__ = ["Outcome", "Process", "Violation", "World", "draw_plan", "run_history", "simulating"]
