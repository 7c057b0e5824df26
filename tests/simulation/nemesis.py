"""Makes things go wrong until the plan says that it is enough."""

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.network import WORLD
from tests.simulation.plan import Fault
from tests.simulation.sim_steps import END
from tests.simulation.virtual_loop import current_process

if TYPE_CHECKING:
    from tests.simulation.history import World


class Nemesis:
    """Lays out the faults of a history at its beginning, and takes them all back at its quiet time."""

    def __init__(self, *, world: "World", source: random.Random) -> None:
        self._world = world
        self._source = source
        self._finishing = random.Random(f"finishing {world.plan.seed}")
        self._dies_finished = 0.0
        self._engines = random.Random(f"engines {world.plan.seed}")
        self._engine_lost = 0.4 if Fault.ENGINE_LOST in world.plan.faults else 0.0

    async def rage(self) -> None:
        """Run the faults; returns when they have stopped."""
        world, plan, source = self._world, self._world.plan, self._source
        self._set_rates()
        moments: dict[Fault, Callable[[], None]] = {
            Fault.EXECUTOR_CRASH: self._crash_executor,
            Fault.EXECUTOR_STOP: self._stop_executor,
            Fault.DRAIN: self._drain,
            Fault.SCHEDULER_CRASH: self._crash_scheduler,
            Fault.SCHEDULER_STOP: self._stop_scheduler,
            Fault.PARTITION: self._partition,
            Fault.WALL_CLOCK: self._jump,
            Fault.DISK_FULL: self._fill,
            Fault.POWER: self._power,
            Fault.STRANGER: self._stranger,
            Fault.SOURCE_CHANGE: self._change_source,
        }
        for fault in Fault:
            if fault in (Fault.WATCHER_CRASH, Fault.ENGINE_LOST):
                continue  # these have draws of their own
            act = moments.get(fault)
            # drawn for every kind, so that leaving kinds out does not move the others
            times = [source.uniform(0.3, max(plan.quiet_from - 1.0, 0.4)) for _ in range(source.randint(1, 4))]
            if act is not None and fault in plan.faults:
                for moment in times:
                    world.loop.call_at(moment, act, context=WORLD)
        while world.loop.time() < plan.quiet_from and not world.nothing_left:  # noqa: ASYNC110  time is virtual
            await asyncio.sleep(min(1.0, plan.quiet_from - world.loop.time() + 0.001))
        world.network.faults.on = world.disk.faults.on = world.store_faults.on = False
        world.disk.faults.full = False
        self._dies_finished = self._engine_lost = 0.0
        world.network.faults.cut.clear()

    def _set_rates(self) -> None:
        world, faults, source = self._world, self._world.plan.faults, self._source
        network, disk = world.network.faults, world.disk.faults
        network.on = disk.on = world.store_faults.on = bool(faults)
        loss, repeat, delay = source.uniform(0.02, 0.3), source.uniform(0.05, 0.3), source.uniform(0.5, 5.0)
        refuse, kill, stall = source.uniform(0.02, 0.3), source.uniform(0.002, 0.02), source.uniform(0.05, 0.4)
        rename, flush = source.uniform(0.05, 0.5), source.uniform(0.02, 0.2)
        network.loss = loss if Fault.LOSS in faults else 0.0
        network.repeat = repeat if Fault.REPEAT in faults else 0.0
        network.delay = delay if Fault.DELAY in faults else 0.0
        world.store_faults.refuse = refuse if Fault.STORE_REFUSES in faults else 0.0
        disk.kill = kill if Fault.DISK_KILL in faults else 0.0
        disk.stall = stall if Fault.STALL in faults else 0.0
        disk.rename_error = rename if Fault.RENAME_ERROR in faults else 0.0
        disk.flush_error = flush if Fault.FLUSH_ERROR in faults else 0.0
        self._dies_finished = 0.5 if Fault.FINISHED_CRASH in faults else 0.0

    def engine_works(self) -> bool:
        """Whether the Resolve of a host does what it is asked for, once."""
        return self._engine_lost == 0.0 or self._engines.random() > self._engine_lost

    def finished(self, path: str) -> None:
        """An executor has written the journal of this staged file; perhaps it dies now, and perhaps the file decays."""
        process = current_process()
        if process is None or self._dies_finished == 0.0 or self._finishing.random() > self._dies_finished:
            return
        self._world.tell(f"{process.name} dies finished: {path}")
        if self._finishing.random() < 0.25:
            self._world.tell(f"{path} decays")
            inode = self._world.disk.inode(path)
            inode.content = inode.flushed = inode.content.replace(END, b" DECAYED" + END)
        self._world.kill_current()

    def _crash_executor(self) -> None:
        host = self._source.choice(self._world.hosts)
        self._world.tell(f"{host.name} killed")
        host.kill()
        self._world.loop.call_later(self._source.uniform(0.2, 6.0), host.start, context=WORLD)

    def _stop_executor(self) -> None:
        host = self._source.choice(self._world.hosts)
        if host.process is not None and host.up:
            seconds = self._source.uniform(0.5, 12.0)
            self._world.tell(f"{host.name} stopped for {seconds:.1f} s")
            self._world.loop.stop_process(host.process, seconds=seconds)
            if self._source.random() < 0.4:
                self._world.tell(f"{host.name} taken for dead: a twin starts")
                self._world.checker.twin_starts(host.name)
                self._world.loop.call_later(self._source.uniform(0.1, 2.0), host.double, context=WORLD)

    def _drain(self) -> None:
        host = self._source.choice(self._world.hosts)
        self._world.tell(f"{host.name} drains")
        host.drain()

    def _crash_scheduler(self) -> None:
        self._world.kill_scheduler()
        self._world.loop.call_later(self._source.uniform(0.1, 6.0), self._world.start_scheduler, context=WORLD)

    def _stop_scheduler(self) -> None:
        scheduler = self._world.network.scheduler
        if scheduler is not None and scheduler.process.alive:
            seconds = self._source.uniform(0.5, 8.0)
            self._world.tell(f"scheduler stopped for {seconds:.1f} s")
            self._world.loop.stop_process(scheduler.process, seconds=seconds)

    def _partition(self) -> None:
        names = [host.name for host in self._world.hosts] + ["client"]
        cut = set(self._source.sample(names, self._source.randint(1, len(names))))
        seconds = self._source.uniform(0.5, 8.0)
        self._world.tell(f"cut off for {seconds:.1f} s: {sorted(cut)}")
        self._world.network.faults.cut |= cut
        self._world.loop.call_later(seconds, self._world.network.faults.cut.difference_update, cut, context=WORLD)

    def _jump(self) -> None:
        self._world.wall_jump += self._source.choice([-3600.0, 3600.0, -315_360_000.0, 315_360_000.0])
        self._world.tell(f"wall clock jumps to {self._world.wall_jump:+.0f} s")

    def _fill(self) -> None:
        faults = self._world.disk.faults
        faults.full = True
        self._world.tell("disk full")

        def empty() -> None:
            faults.full = False

        self._world.loop.call_later(self._source.uniform(0.5, 5.0), empty, context=WORLD)

    def _power(self) -> None:
        self._world.tell("power lost on every host")
        for host in self._world.hosts:
            host.kill()
            self._world.loop.call_later(self._source.uniform(0.5, 5.0), host.start, context=WORLD)
        self._world.disk.lose_power()

    def _stranger(self) -> None:
        job = self._source.choice(self._world.plan.jobs)
        path = job.output(self._source.randrange(job.clips))
        if path not in self._world.disk.names:
            self._world.tell(f"a stranger makes {path}")
            inode = self._world.disk.put(path, f"STRANGER at {self._world.loop.time():.3f}".encode())
            self._world.checker.stands(inode)

    def _change_source(self) -> None:
        job = self._source.choice(self._world.plan.jobs)
        path = job.source(self._source.randrange(job.clips))
        self._world.tell(f"{path} changes")
        self._world.disk.put(path, f"CHANGED at {self._world.loop.time():.3f}".encode())
