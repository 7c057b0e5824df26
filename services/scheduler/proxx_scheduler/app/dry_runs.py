"""Probing that no job asked for: PlanJob and ProbeSource. The same steps and leases, kept in memory, stored nowhere."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, Engine
from proxx.core.failure import Failure, FailureKind
from proxx.core.jobs import CollisionPolicy
from proxx.core.leases import ExecutorDescription, Lease, LeaseOutcome
from proxx.core.roots import RootPath
from proxx.core.steps import InspectReport, InspectWork, ProbeItem, ProbeReport, ProbeWork, StepKind
from proxx_scheduler.app.ports import Clock, Ids
from proxx_scheduler.app.unprobed import unprobed
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.domain.losing import why_given_up

BATCH = 16
TAKEN_SECONDS = 3.0
"""So long an INSPECT of a dry run waits for a Resolve executor to begin."""


@dataclass(slots=True)
class _Task:
    lease: Lease
    roots: frozenset[str]
    done: "asyncio.Future[LeaseOutcome]"
    engine: Engine | None = None
    deadline: float = 0.0
    losses: int = 0
    session_id: str = ""


class DryRuns:
    """Hands probe work to executors and collects what they find."""

    def __init__(
        self, *, clock: Clock, ids: Ids, lease_seconds: float, wake: Wake, source_matrix: int = DEFAULT_SOURCE_MATRIX
    ) -> None:
        """Take time, ids, the life of a lease, what wakes waiting executors, and the site's source matrix."""
        self._clock = clock
        self._ids = ids
        self._lease_seconds = lease_seconds
        self._wake = wake
        self._source_matrix = source_matrix
        self._waiting: list[_Task] = []
        self._granted: dict[str, _Task] = {}

    async def probe(
        self,
        *,
        items: tuple[ProbeItem, ...],
        output_directory: RootPath | None,
        policy: CollisionPolicy = CollisionPolicy.FAIL,
    ) -> ProbeReport:
        """Probe `items` on any executor that mounts them. The caller's deadline ends it."""
        batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
        tasks = [
            self._task(batch, output_directory if position == 0 else None, policy)
            for position, batch in enumerate(batches)
        ]
        self._waiting.extend(tasks)
        self._wake.set()
        try:
            outcomes = await asyncio.gather(*(task.done for task in tasks))
        finally:
            self._forget(tasks)
        reports = [
            outcome.probe or _failed(task, outcome.failure) for task, outcome in zip(tasks, outcomes, strict=True)
        ]
        return ProbeReport(
            sources=tuple(source for report in reports for source in report.sources),
            output_directory_violations=tuple(
                violation for report in reports for violation in report.output_directory_violations
            ),
        )

    async def inspect(self, works: Sequence[InspectWork]) -> Mapping[int, InspectReport | Failure]:
        """Have Resolve look at clips, by their index. The caller's deadline ends it.

        Those that no Resolve executor began with are left out once none of the others was under way for TAKEN_SECONDS:
        it may render for hours, or be gone.
        """
        tasks = [self._inspect_task(work) for work in works]
        self._waiting.extend(tasks)
        self._wake.set()
        pending = {task.done for task in tasks}
        try:
            while pending:
                done, pending = await asyncio.wait(pending, timeout=TAKEN_SECONDS)
                if not done and not any(task in self._granted.values() for task in tasks):
                    break
        finally:
            self._forget(tasks)
        outcomes = {
            work.clip_index: task.done.result() for work, task in zip(works, tasks, strict=True) if task.done.done()
        }
        return {index: outcome.inspect or outcome.failure or _nothing() for index, outcome in outcomes.items()}

    def _inspect_task(self, work: InspectWork) -> _Task:
        lease = Lease(
            lease_id=self._ids.new_key(),
            step_id=self._ids.new_step_id(),
            epoch=0,
            kind=StepKind.INSPECT,
            job_key="",
            job_id="",
            clip_index=work.clip_index,
            inspect=work,
        )
        done: asyncio.Future[LeaseOutcome] = asyncio.get_running_loop().create_future()
        return _Task(lease=lease, roots=frozenset({work.source.root}), done=done, engine=Engine.RESOLVE)

    def _forget(self, tasks: Sequence[_Task]) -> None:
        mine = {id(task) for task in tasks}
        self._waiting = [task for task in self._waiting if id(task) not in mine]
        self._granted = {key: task for key, task in self._granted.items() if id(task) not in mine}

    def _task(self, batch: tuple[ProbeItem, ...], output_directory: RootPath | None, policy: CollisionPolicy) -> _Task:
        roots = {item.source.root for item in batch}
        roots |= {item.output.root for item in batch if item.output is not None}
        work = ProbeWork(
            items=batch,
            output_directory=output_directory,
            create_output_directory=False,
            source_matrix=self._source_matrix,
            report_suffixes=policy is CollisionPolicy.SUFFIX,
            report_existing=policy is CollisionPolicy.OVERWRITE,
        )
        lease = Lease(
            lease_id=self._ids.new_key(),
            step_id=self._ids.new_step_id(),
            epoch=0,
            kind=StepKind.PROBE,
            job_key="",
            job_id="",
            clip_index=0,
            probe=work,
        )
        return _Task(lease=lease, roots=frozenset(roots), done=asyncio.get_running_loop().create_future())

    def take(
        self, *, session_id: str, description: ExecutorDescription, grants: int, probes: int = 0
    ) -> tuple[Lease, ...]:
        """Grant work that the executor of a session can do: PROBEs beside its slots where it has room for them there,
        up to `probes`.

        A grant not renewed in time goes back.
        """
        taken: list[Lease] = []
        apart = description.probe_slots > 0
        room = {StepKind.PROBE: probes if apart else grants, StepKind.INSPECT: grants}
        for task in list(self._waiting):
            able = task.engine in (None, description.engine) and task.roots <= set(description.roots)
            used = sum(lease.kind is task.lease.kind for lease in taken) if apart else len(taken)
            if able and used < room[task.lease.kind]:
                self._waiting.remove(task)
                epoch = task.lease.epoch + 1
                task.lease = replace(task.lease, lease_id=self._ids.new_key(), epoch=epoch)
                task.deadline = self._clock.monotonic() + self._lease_seconds
                task.session_id = session_id
                self._granted[task.lease.lease_id] = task
                taken.append(task.lease)
        return tuple(taken)

    @property
    def waiting(self) -> bool:
        """Whether any work waits for an executor."""
        return bool(self._waiting)

    def holder(self, lease_id: str) -> str | None:
        """Return the session that holds a live lease of a dry run, None when this is none."""
        task = self._granted.get(lease_id)
        return None if task is None else task.session_id

    def holds(self, lease_id: str) -> bool:
        """Whether this is a live lease of a dry run; renews it."""
        task = self._granted.get(lease_id)
        if task is None:
            return False
        task.deadline = self._clock.monotonic() + self._lease_seconds
        return True

    def complete(self, outcome: LeaseOutcome) -> bool:
        """Take an outcome. Returns False when the lease is not one of a live dry run."""
        task = self._granted.pop(outcome.lease_id, None)
        if task is None:
            return False
        if not task.done.done():
            task.done.set_result(outcome)
        return True

    def give_back(self, lease_id: str) -> bool:
        """Queue a lease's work again."""
        task = self._granted.pop(lease_id, None)
        if task is None:
            return False
        self._waiting.insert(0, task)
        self._wake.set()
        return True

    def expire(self) -> None:
        """Queue again what was not renewed in time; what was lost too often fails."""
        now = self._clock.monotonic()
        for lease_id, task in list(self._granted.items()):
            if task.deadline > now:
                continue
            task.losses += 1
            given_up = why_given_up(losses=task.losses)
            if given_up:
                failure = Failure(kind=FailureKind.EXECUTOR_LOST, message=given_up)
                self.complete(LeaseOutcome(lease_id=lease_id, epoch=task.lease.epoch, failure=failure))
            else:
                self.give_back(lease_id)


def _failed(task: _Task, failure: Failure | None) -> ProbeReport:
    why = (failure or _nothing()).message
    items = task.lease.probe.items if task.lease.probe is not None else ()
    return ProbeReport(
        sources=tuple(unprobed(clip_index=item.clip_index, path=item.source.path, why=why) for item in items),
        output_directory_violations=(),
    )


def _nothing() -> Failure:
    return Failure(kind=FailureKind.EXECUTOR_ERROR, message="the executor reported nothing")
