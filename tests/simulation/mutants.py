"""Defects put into our own code on purpose. The simulation must catch each within MOST_HISTORIES histories.

Each mutant is one rule of docs/EXECUTOR_PROTOCOL.md or docs/ARCHITECTURE.md taken away, by putting another function in
the place of one of the product's while a block runs.
"""

import asyncio
import contextlib
import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState
from proxx.core.steps import Phase, StepKind
from proxx.core.verdict import Verdict
from proxx.engine import deliver, identity, publish, sweep_step
from proxx.engine.errors import failed
from proxx.engine.lease_work import LeaseWork
from proxx.engine.slot import Slot
from proxx.engine.sweep_step import SweepStep
from proxx.runtime import durable
from proxx_scheduler.app import reporting
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.granting import Granting
from proxx_scheduler.app.reporting import Reporting
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.records import Clip, Job, StopReason
from proxx_scheduler.domain.settling import Settling
from proxx_scheduler.domain.transitions import ClipEvent
from proxx_watcher.app.spec_work import SpecWork
from tests.simulation import delivery_mutants, resolve_mutants, sim_steps
from tests.simulation.executor_process import ExecutorHost
from tests.simulation.history import run_history, simulating
from tests.simulation.memory_backend import MemoryBackend, MemoryTx
from tests.simulation.plan import Fault, draw_plan
from tests.simulation.sim_store import SimStore

MOST_HISTORIES = 500
_DRAWN = itertools.count()
LONG_SECONDS = 15.0
Patch = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule that is taken away. `faults` are added to each history, and clients submit its jobs: the defect shows only
    where they meet, early in the life of a job."""

    name: str
    patch: Patch
    faults: frozenset[Fault] = frozenset()


@dataclass(frozen=True, slots=True)
class Caught:
    """The first history that caught a mutant: how many it took, its seed, and which promise broke."""

    histories: int
    seed: int
    violation: str


def catch(mutant: Mutant, *, first: int = 0, most: int = MOST_HISTORIES) -> Caught | None:
    """Run histories with the mutant until one of them breaks a promise; None when none of `most` does."""
    with simulating(), mutant.patch():
        for count, seed in enumerate(range(first, first + most), start=1):
            plan = draw_plan(seed)
            if mutant.faults:
                faults = plan.faults | mutant.faults
                plan = replace(plan, faults=faults, quiet_from=max(plan.quiet_from, LONG_SECONDS), watched=False)
            outcome = run_history(plan, backend=MemoryBackend)
            if outcome.violations:
                return Caught(count, seed, outcome.violations[0].name)
    return None


@contextmanager
def _in_place(owner: Any, name: str, value: Any) -> Iterator[None]:
    inherited = isinstance(owner, type) and name not in owner.__dict__
    before = None if inherited else vars(owner)[name]
    setattr(owner, name, value)
    try:
        yield
    finally:
        if inherited:
            delattr(owner, name)
        else:
            setattr(owner, name, before)


def _method(owner: Any, name: str, make: Callable[[Any], Any]) -> Patch:
    """Return a patch that puts make(original) in the place of a function or method."""

    def patch() -> AbstractContextManager[None]:
        return _in_place(owner, name, make(getattr(owner, name)))

    return patch


class _AlwaysLive:
    """A transaction to which every lease is still live and its caller's."""

    def __init__(self, tx: Any, session_id: str) -> None:
        self._tx = tx
        self._session_id = session_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def lease(self, lease_id: str) -> Any:
        found = self._tx.lease(lease_id)
        return None if found is None else replace(found, live=True, session_id=self._session_id)


def _taking_stale(original: Any) -> Any:
    def taking(self: Reporting, tx: Any, *, session_id: str, **arguments: Any) -> Any:
        return original(self, _AlwaysLive(tx, session_id), session_id=session_id, **arguments)

    return taking


def _overwriting(_: Any) -> Any:
    def move(*, source: Any, target: Any) -> str:
        source.disk.rename(source.text, target.text, replace=True)
        return "rename"

    return move


def _requeueing(original: Any) -> Any:
    def lost(self: Board, index: int, *, why: str) -> None:
        original(self, index, why=why)
        clip = self.clips[index]
        if clip.state is ClipState.INTERRUPTED and clip.step_kind is None:
            self._open(self._move(clip, ClipEvent.REQUEUE), StepKind.ENCODE)

    return lost


def _impatient(_: Any) -> Any:
    async def pass_barrier(self: Slot) -> None:
        self.phase = Phase.STARTING
        self._wake()

    return pass_barrier


def _cancelling_blindly(original: Any) -> Any:
    def cancel(self: Board, *, now: bool) -> None:
        for clip in self._unfinished():
            if clip.waits_for_sweep:
                self._skip(clip, StopReason.CANCELLED)
        original(self, now=now)

    return cancel


def _adopting_anything(original: Any) -> Any:
    def swept(self: Reporting, tx: Any, board: Any, lease: Any, report: Any, actor: str) -> None:
        prepared = tx.clip_outputs(lease.job_key, clip_index=lease.clip_index).prepared
        if report is not None and report.output_exists and prepared is not None:
            report = replace(report, output_sha256=prepared.sha256)
        original(self, tx, board, lease, report, actor)

    return swept


def _forgetting_requests(original: Any) -> Any:
    async def load(self: Any) -> None:
        self._store._backend.requests.clear()
        await original(self)

    return load


def _loading_nothing(_: Any) -> Any:
    async def load(self: ExecutorDesk) -> None:
        await self._store.write(lambda tx: tx.drop_idle_sessions())

    return load


def _looking_first(original: Any) -> Any:
    def sweep(self: SweepStep, lease: Any, work: Any) -> Any:
        found = sweep_step._look(self._mounts.local(work.output), ())
        done = original(self, lease, work)
        return replace(
            done,
            output_exists=found.output_exists,
            output_sha256=found.output_sha256,
            output_size_bytes=found.output_size_bytes,
        )

    return sweep


def _by_host_name(_: Any) -> Any:
    return lambda self: hashlib.sha256(self.name.encode()).hexdigest()[:32]


def _standing_still(original: Any) -> Any:
    def grant(self: Granting, tx: Any, *, step: Any, **arguments: Any) -> Any:
        return original(self, tx, step=replace(step, epoch=max(step.epoch - 1, 0)), **arguments)

    return grant


def _nothing(_: Any) -> Any:
    return lambda *_arguments, **_named: None


def _leaving_staged(_: Any) -> Any:
    async def discard(self: LeaseWork, slot: Any) -> None:
        return None

    return discard


def _failing_instead(_: Any) -> Any:
    return lambda _final, what, error: failed(FailureKind.IO_ERROR, f"{what}: {error}")


def _without_end(original: Any) -> Any:
    def take_back(self: Board, clip: Any) -> None:
        original(self, replace(clip, requeues=min(clip.requeues, self.job.requeue_limit - 1)))

    return take_back


def _policy_without_sweep(original: Any) -> Any:
    def take_back(self: Board, clip: Any) -> None:
        original(self, clip)
        taken = self.clips[clip.index]
        if taken.step_kind is StepKind.SWEEP:
            self._open(self._move(self._close(taken), ClipEvent.REQUEUE), StepKind.ENCODE)

    return take_back


def _for_every_job(original: Any) -> Any:
    def take_back(self: Board, clip: Any) -> None:
        self.job = replace(self.job, requeue_limit=max(self.job.requeue_limit, 1))
        original(self, clip)

    return take_back


def _marking_nothing(_: Any) -> Any:
    return lambda _self, _lease, *, kind: bool(kind)


def _barring_nobody(_: Any) -> Any:
    return lambda self, name: self.is_drained(name)


def _drawn_keys(_: Any) -> Any:
    return lambda _self, _name, _sha256, _generation: f"watch-{next(_DRAWN)}"


@contextmanager
def _everyone_heads() -> Iterator[None]:
    original = Board.prepared

    def prepared(self: Board, index: int, **arguments: Any) -> Any:
        with _in_place(Job, "fail_fast", property(lambda _job: False)):
            return original(self, index, **arguments)

    with _in_place(Board, "prepared", prepared):
        yield


@contextmanager
def _provisional_counts() -> Iterator[None]:
    def finished(clip: Clip) -> bool:
        return clip.state in (ClipState.COMPLETED, ClipState.SKIPPED, ClipState.FAILED)

    with _in_place(Clip, "finished", property(finished)):
        yield


@contextmanager
def _every_verdict_passes() -> Iterator[None]:
    def passed(**_: Any) -> Verdict:
        return Verdict(checks=())

    with _in_place(sim_steps, "judged", passed), _in_place(reporting, "judge", passed):
        yield


@contextmanager
def _not_flushed(*modules: Any, name: str) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for module in modules:
            stack.enter_context(_in_place(module, name, lambda _path: None))
        yield


@contextmanager
def _acknowledging_early() -> Iterator[None]:
    """What is acknowledged becomes durable half a second later, unless the scheduler dies before."""
    early: dict[int, list[MemoryTx]] = {}
    commit, load = SimStore._commit, ExecutorDesk.load

    def piece(self: MemoryBackend, work: Any) -> Any:
        found: list[MemoryTx] = []

        def kept(tx: Any) -> Any:
            found.append(tx)
            return work(tx)

        outcome = original(self, kept)
        early.setdefault(id(self), []).extend(found)
        return outcome

    def committing(self: Any) -> None:
        commit(self)
        loop = asyncio.get_running_loop()
        loop.call_later(0.5, early.pop, id(self._backend), None)

    async def loading(self: Any) -> None:
        for tx in reversed(early.pop(id(self._store._backend), [])):
            tx.undo()
        await load(self)

    original = MemoryBackend._piece
    with (
        _in_place(MemoryBackend, "_piece", piece),
        _in_place(SimStore, "_commit", committing),
        _in_place(ExecutorDesk, "load", loading),
    ):
        yield


MUTANTS = (
    Mutant("a stale report is applied", _method(Reporting, "complete", _taking_stale)),
    Mutant("a stale prepare is answered", _method(Reporting, "prepare", _taking_stale)),
    Mutant("the epoch does not grow", _method(Granting, "_grant", _standing_still)),
    Mutant("publishing overwrites", _method(publish, "move_no_replace", _overwriting)),
    Mutant("acknowledged before it is durable", _acknowledging_early),
    Mutant("lost work is queued again without a sweep", _method(Board, "lost", _requeueing)),
    Mutant("the policy takes lost work back without end", _method(Board, "_take_back", _without_end)),
    Mutant("the policy queues again without a sweep", _method(Board, "_take_back", _policy_without_sweep)),
    Mutant("the policy takes back for a job that holds", _method(Board, "_take_back", _for_every_job)),
    Mutant("a stale report is recorded each time", _method(MemoryTx, "mark_stale", _marking_nothing)),
    Mutant("a fenced executor is granted work", _method(MemoryTx, "is_barred", _barring_nobody)),
    Mutant("the start barrier is ignored", _method(Slot, "pass_barrier", _impatient)),
    Mutant("the source is not compared again", _method(identity, "identity_difference", _nothing)),
    Mutant("the head passes a provisional failure", _provisional_counts),
    Mutant("every finished clip counts as head", _everyone_heads),
    Mutant("cancel ignores what may be published", _method(Board, "cancel", _cancelling_blindly)),
    Mutant(
        "a file is adopted without its digest",
        _method(Reporting, "_swept", _adopting_anything),
        frozenset({Fault.STRANGER, Fault.EXECUTOR_CRASH}),
    ),
    Mutant("a drop is submitted under a new id each time", _method(SpecWork, "_key", _drawn_keys)),
    Mutant("request ids are forgotten at a restart", _method(ExecutorDesk, "load", _forgetting_requests)),
    Mutant("live leases are forgotten at a restart", _method(ExecutorDesk, "load", _loading_nothing)),
    Mutant(
        "the incarnation is the host's name",
        _method(ExecutorHost, "new_incarnation", _by_host_name),
        frozenset({Fault.EXECUTOR_STOP}),
    ),
    Mutant(
        "a sweep looks before it removes",
        _method(SweepStep, "_sweep", _looking_first),
        frozenset({Fault.STALL, Fault.PARTITION, Fault.VERBS}),
    ),
    Mutant("the directory is not flushed", lambda: _not_flushed(publish, sweep_step, name="sync_directory")),
    Mutant("the file is not flushed", lambda: _not_flushed(durable, publish, sweep_step, name="sync_file")),
    Mutant("doubt is told as failure", _method(publish, "_doubt", _failing_instead)),
    Mutant("exit code 0 is believed", _every_verdict_passes),
    Mutant(
        "a stopped lease leaves its staged file",
        _method(LeaseWork, "_discard", _leaving_staged),
        frozenset({Fault.PARTITION}),
    ),
    Mutant(
        "a finished file is believed unhashed",
        _method(deliver, "_why_not", delivery_mutants.unhashed),
        frozenset({Fault.FINISHED_CRASH}),
    ),
    Mutant(
        "a delivered clip does not wait for its turn",
        _method(Board, "delivered", delivery_mutants.publishing_at_once),
        frozenset({Fault.FINISHED_CRASH}),
    ),
    Mutant(
        "the head is held back by the staging budget", _method(Settling, "_advance_head", delivery_mutants.never_freed)
    ),
    Mutant("work for Resolve is anybody's", _method(Needs, "met_by", resolve_mutants.of_any_engine)),
    Mutant("a step goes back to who had no engine", _method(reporting, "next_needs", resolve_mutants.going_back)),
    Mutant("a lost INSPECT is forgotten", _method(Reporting, "_lose_look", resolve_mutants.forgetting_inspects)),
)
