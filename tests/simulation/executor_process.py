"""One host on which executor processes live, die and are started again, each as a new incarnation.

Whoever supervises the host may take a stopped process for dead and start another: then both run, the old one as a twin.
"""

import random
from collections.abc import Callable

from proxx.core.detection import Engine
from proxx.core.leases import ExecutorDescription
from proxx.core.plan import PLANNER_VERSION
from proxx.engine.lease_loop import Executor, LoopSettings
from tests.fakes.leases import TOOLCHAIN
from tests.simulation.model_disk import ModelDisk
from tests.simulation.network import WORLD, ExecutorPort, Network
from tests.simulation.sim_clock import SimClock
from tests.simulation.sim_steps import Footage, SimSteps, ToolLog
from tests.simulation.virtual_loop import Process, VirtualLoop

SETTINGS = LoopSettings(acquire_wait_seconds=4.0, drain_grace_seconds=2.0, settle_seconds=3.0)


class ExecutorHost:
    """A host with one executor process, and perhaps twins: the product's lease loop over a model disk."""

    def __init__(
        self,
        *,
        name: str,
        slots: int,
        probe_slots: int,
        engine: Engine,
        loop: VirtualLoop,
        network: Network,
        disk: ModelDisk,
        clock: SimClock,
        source: random.Random,
        footage: Footage,
        log: ToolLog,
        ended: Callable[["ExecutorHost", str], None],
    ) -> None:
        self.name = name
        self._slots = slots
        self._probe_slots = probe_slots
        self.engine = engine
        self._loop = loop
        self._network = network
        self._disk = disk
        self._clock = clock
        self._source = source
        self._footage = footage
        self._log = log
        self._ended = ended
        self.process: Process | None = None
        self.executor: Executor | None = None
        self.lives = 0
        self._twins: dict[Process, Executor] = {}

    @property
    def up(self) -> bool:
        """Whether its executor process lives."""
        return self.process is not None and self.process.alive

    @property
    def idle(self) -> bool:
        """Whether no process on this host holds a lease."""
        executors = [executor for process, executor in self._twins.items() if process.alive]
        if self.up and self.executor is not None:
            executors.append(self.executor)
        return all(executor.status().held_leases == 0 for executor in executors)

    def runs(self, process: Process | None) -> bool:
        """Whether a process is one of this host."""
        return process is not None and (process is self.process or process in self._twins)

    def double(self) -> None:
        """Start another process although the one that is there lives."""
        if self.up and self.process is not None and self.executor is not None:
            self._twins[self.process] = self.executor
            self.process = self.executor = None
            self.start()

    def start(self) -> None:
        """Start an executor process, unless one lives."""
        if self.up:
            return
        self.lives += 1
        incarnation = self.new_incarnation()
        self.process = Process(f"{self.name}#{self.lives}")
        self.executor = self.process.context.run(self._executor, incarnation)
        self._loop.spawn(self.process, self._run(self.process, self.executor))

    def new_incarnation(self) -> str:
        """Return a random id, new with every start."""
        return f"{self._source.getrandbits(128):032x}"

    def _executor(self, incarnation: str) -> Executor:
        return Executor(
            port=ExecutorPort(network=self._network, host=self.name),
            description=ExecutorDescription(
                name=self.name,
                incarnation=incarnation,
                engine=self.engine,
                slots=self._slots,
                roots=("local",),
                toolchain=TOOLCHAIN,
                sandbox_level="process",
                version="0.1.0",
                planner_version=PLANNER_VERSION,
                probe_slots=self._probe_slots,
                codecs=("mov/DNxHRLB",) if self.engine is Engine.RESOLVE else (),
            ),
            steps=SimSteps(
                disk=self._disk, incarnation=incarnation, clock=self._clock, footage=self._footage, log=self._log
            ),
            clock=self._clock,
            settings=SETTINGS,
        )

    async def _run(self, process: Process, executor: Executor) -> None:
        why = ""
        try:
            await executor.run()
        except Exception as error:  # noqa: BLE001  whatever ends an executor is judged by the world
            why = f"{type(error).__name__}: {error}"
        process.kill()
        if process is not self.process:
            why = why and f"{why} (a twin)"
        self._loop.call_soon(self._ended, self, why, context=WORLD)

    def drain(self) -> None:
        """SIGTERM."""
        if self.up and self.executor is not None and self.process is not None:
            self._loop.call_soon(self.executor.stop, context=self.process.context)

    def kill(self) -> None:
        """SIGKILL of everything on the host: the processes and their tools are gone."""
        for process in (*self._twins, *([self.process] if self.process is not None else [])):
            process.kill()
