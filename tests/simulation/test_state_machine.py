"""Random calls on the real store and the real use cases: duplicates, restarts, expiries and verbs in any order.

Hypothesis draws the calls; the model is a dictionary of what was acknowledged. The store is opened at an address, so
that every database of the product has its turn.
"""

import asyncio
import os
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from proxx.core.canonical import digest
from proxx.core.failure import Failure, FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.leases import Lease, LeaseOutcome, LeaseRelease, LeaseReport, ReleaseReason, ReportStatus
from proxx.core.plan import PLANNER_VERSION
from proxx.core.steps import (
    Directive,
    Phase,
    PrepareAnswer,
    PreparedOutput,
    ProbeReport,
    Published,
    StepKind,
    SweepReport,
)
from proxx.core.verbs import Verb
from proxx_scheduler.app.errors import (
    AcquireConsumedError,
    LeaseSupersededError,
    RequestReusedError,
    SessionUnknownError,
    VerbNotAllowedError,
)
from proxx_scheduler.app.verb_call import VerbCall
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.store import SqlStore
from tests.conftest import KINDS, new_database
from tests.fakes.leases import DESCRIPTION
from tests.fakes.measured import probed
from tests.fakes.scripted_executor import sha256_of
from tests.simulation.checker import NO_HASH
from tests.simulation.history import body_of_job
from tests.simulation.memo import judged, memoised, planned_measure
from tests.simulation.plan import draw_plan
from tests.simulation.scheduler_parts import SchedulerParts
from tests.simulation.sim_clock import START, SimIds
from tests.simulation.sim_steps import EXECUTION

Value = TypeVar("Value")
LEASE_SECONDS = 10.0
LONG = os.environ.get("PROXX_LONG") == "1"
EXAMPLES, STEPS = (300, 50) if LONG else (10, 40)
PATIENCE = 2000


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


class LeaseMachine(RuleBasedStateMachine):
    """Two executors, one scheduler at a time, one database. `address` is set by the test."""

    address: Callable[[], DatabaseAddress]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = HandClock()
        self.ids = SimIds(random.Random("machine"))
        self.at = self.address()
        self.acknowledged: dict[str, str] = {}
        self.sessions: dict[str, str] = {}
        self.sequence = 1
        self.leases: list[tuple[str, Lease]] = []
        self.started: set[str] = set()
        self.ended: set[str] = set()
        self.prepared: dict[str, PrepareAnswer] = {}
        self.published: dict[tuple[str, int], str] = {}
        self.requests = 0
        self.run(self.open())

    def run(self, work: Coroutine[Any, Any, Value]) -> Value:
        return self.loop.run_until_complete(work)

    async def open(self) -> None:
        database = await asyncio.to_thread(lambda: open_database(address=self.at, holder="machine"))

        def open_store(on_commit: Any) -> SqlStore:
            self.store = SqlStore(database=database, on_commit=on_commit)
            return self.store

        self.parts = SchedulerParts(open_store=open_store, clock=self.clock, ids=self.ids, lease_seconds=LEASE_SECONDS)
        self.store.start()
        await self.parts.executors.load()
        await self.parts.admission.load()

    def teardown(self) -> None:
        self.run(self.parts.admission.stop())
        self.run(self.store.close())
        self.loop.close()

    # --- clients -----------------------------------------------------------------------------------------------------

    @initialize(fail_fast=st.booleans(), clips=st.integers(1, 3))
    def submit_first(self, fail_fast: bool, clips: int) -> None:
        self._submit(0, fail_fast, clips)

    @rule(number=st.integers(0, 2), fail_fast=st.booleans(), clips=st.integers(1, 3))
    def submit(self, number: int, fail_fast: bool, clips: int) -> None:
        self._submit(number, fail_fast, clips)

    def _submit(self, number: int, fail_fast: bool, clips: int) -> None:
        request = f"request-{number}"
        policy = FailurePolicy.FAIL_FAST if fail_fast else FailurePolicy.CONTINUE
        job = replace(draw_plan(0).jobs[0], number=number, clips=clips, policy=policy, window=2, hold=False)
        body = body_of_job(job)
        try:
            view, created = self.run(self.parts.jobs.submit(request_id=request, body=body))
        except RequestReusedError:
            assert request in self.acknowledged
            return
        assert created is (request not in self.acknowledged)
        assert self.acknowledged.setdefault(request, view.job_key) == view.job_key

    @precondition(lambda self: self.acknowledged)
    @rule(data=st.data(), verb=st.sampled_from([Verb.RESUME, Verb.RETRY, Verb.PAUSE, Verb.CANCEL_NOW]))
    def press(self, data: st.DataObject, verb: Verb) -> None:
        key = data.draw(st.sampled_from(sorted(self.acknowledged.values())))
        self.requests += 1
        call = {"call": VerbCall(verb=verb), "job_key": key, "request_id": f"verb-{self.requests}"}
        for _ in range(2):  # the second is the same call again
            try:
                self.run(self.parts.jobs.verb(**call, expected_revision=0, actor="operator"))
            except VerbNotAllowedError:
                return

    # --- executors ---------------------------------------------------------------------------------------------------

    @initialize()
    def come(self) -> None:
        self._come()

    @rule()
    def come_again(self) -> None:
        """Both open their sessions anew; what they held before is lost."""
        self._come()

    def _come(self) -> None:
        for name in ("one", "other"):
            description = replace(DESCRIPTION, name=name, incarnation=f"incarnation of {name}", roots=("local",))
            description = replace(description, planner_version=PLANNER_VERSION)
            terms = self.run(self.parts.executors.open_session(description=description, held=()))
            self.sessions[name] = terms.session_id

    @rule(name=st.sampled_from(["one", "other"]), again=st.booleans())
    def acquire(self, name: str, again: bool) -> None:
        self._acquire(name, again=again)

    def _acquire(self, name: str, *, again: bool = False) -> None:
        self.sequence += not again
        try:
            granted = self.run(
                self.parts.executors.acquire(
                    session_id=self.sessions[name], acquire_sequence=self.sequence, max_grants=2, wait_seconds=0
                )
            )
        except (AcquireConsumedError, SessionUnknownError):
            return
        self.leases += [(name, lease) for lease in granted if lease not in [known for _, known in self.leases]]

    @rule(choices=st.lists(st.integers(0, 19), min_size=5, max_size=25))
    def be_busy(self, choices: list[int]) -> None:
        """Some ordinary work: what is open goes on, and what waits is taken."""
        for choice in choices:
            open_leases = [entry for entry in self.leases if entry[1].lease_id not in self.ended]
            if choice < 4 or not open_leases:
                self._acquire("one" if choice % 2 else "other")
                continue
            name, lease = open_leases[choice % len(open_leases)]
            try:
                self.run(self._work(name, lease, fails=choice == 19))
            except (SessionUnknownError, LeaseSupersededError):
                self.ended.add(lease.lease_id)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def work(self, data: st.DataObject) -> None:
        """Take a lease, old or new, one call further, as its executor would; or say the last word again."""
        name, lease = data.draw(st.sampled_from(self.leases))
        try:
            self.run(self._work(name, lease, fails=data.draw(st.integers(0, 4)) == 0))
        except (SessionUnknownError, LeaseSupersededError):
            return

    async def _work(self, name: str, lease: Lease, *, fails: bool) -> None:
        desk, session = self.parts.executors, self.sessions[name]
        if lease.lease_id not in self.started:
            report = LeaseReport(lease_id=lease.lease_id, epoch=lease.epoch, phase=Phase.STARTING)
            (answer,) = await desk.renew(session_id=session, reports=[report], draining=False)
            if answer.directive is Directive.CONTINUE:
                self.started.add(lease.lease_id)
            else:
                self.ended.add(lease.lease_id)
            return
        if fails:
            failure = Failure(kind=FailureKind.TOOL_EXIT_NONZERO, message="FFmpeg exited with code 1", exit_code=1)
            await self._complete(session, LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, failure=failure))
            return
        if lease.encode is not None and lease.lease_id not in self.prepared:
            plan, measured = planned_measure(lease.encode)
            output = PreparedOutput(
                staged=plan.output,
                sha256=sha256_of(lease),
                size_bytes=1,
                measured=measured,
                verdict=judged(plan=plan, measured=measured),
                execution=EXECUTION,
            )
            self.prepared[lease.lease_id] = await desk.prepare(
                session_id=session, lease_id=lease.lease_id, epoch=lease.epoch, output=output
            )
            if self.prepared[lease.lease_id] is PrepareAnswer.STAGED:
                self.ended.add(lease.lease_id)
            return
        await self._complete(session, self._outcome(lease))

    def _outcome(self, lease: Lease) -> LeaseOutcome:
        common = {"lease_id": lease.lease_id, "epoch": lease.epoch}
        if lease.probe is not None:
            sources = tuple(probed(item) for item in lease.probe.items)
            return LeaseOutcome(**common, probe=ProbeReport(sources=sources, output_directory_violations=()))
        if lease.sweep is not None:
            found = self.published.get((lease.job_key, lease.clip_index), "")
            report = SweepReport(removed=(), output_exists=bool(found), output_sha256=found, output_size_bytes=1)
            return LeaseOutcome(**common, sweep=report)
        sha256 = sha256_of(lease) if lease.publish is None else lease.publish.sha256
        if lease.kind is StepKind.PUBLISH or self.prepared.get(lease.lease_id) is PrepareAnswer.PUBLISH:
            self.published.setdefault((lease.job_key, lease.clip_index), sha256)
        return LeaseOutcome(**common, published=Published(sha256=sha256, size_bytes=1))

    async def _complete(self, session: str, outcome: LeaseOutcome) -> None:
        (first,) = await self.parts.executors.complete(session_id=session, outcomes=[outcome])
        (again,) = await self.parts.executors.complete(session_id=session, outcomes=[outcome])
        assert first is again or first is ReportStatus.RECORDED
        self.ended.add(outcome.lease_id)
        for _ in range(PATIENCE):  # an admission is decided beside
            if not self.parts.admission._tasks:
                return
            await asyncio.sleep(0.002)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        name, lease = data.draw(st.sampled_from(self.leases))
        if lease.lease_id in self.prepared:
            return
        release = LeaseRelease(lease_id=lease.lease_id, epoch=lease.epoch, reason=ReleaseReason.DRAINED)
        try:
            self.run(self.parts.executors.release(session_id=self.sessions[name], releases=[release]))
        except SessionUnknownError:
            return

    # --- what happens to them ----------------------------------------------------------------------------------------

    @rule()
    def fall_silent(self) -> None:
        """One lease duration passes without a renewal."""
        self.clock.seconds += LEASE_SECONDS + 1
        for lease_id in self.parts.book.expired(now=self.clock.monotonic()):
            self.run(self.parts.executors._expire(lease_id))

    @rule()
    def restart(self) -> None:
        self.run(self.parts.admission.stop())
        self.run(self.store.close())
        self.run(self.open())

    # --- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def acknowledged_jobs_exist_and_add_up(self) -> None:
        for key in self.acknowledged.values():
            view = self.run(self.store.read(lambda tx, key=key: tx.job_view(key)))  # type: ignore[misc]  # the default binds the value
            clips, _ = self.run(self.store.read(lambda tx, key=key: tx.clip_page(key, after=-1, size=10)))  # type: ignore[misc]  # the default binds the value
            assert view is not None
            completed = sum(clip.state is ClipState.COMPLETED for clip in clips)
            assert view.counts.completed == completed
            if view.state is JobState.COMPLETED:
                assert completed == view.counts.total

    @invariant()
    def events_form_chains_and_complete_a_clip_once(self) -> None:
        events = self.run(self.store.read(lambda tx: tx.events_after(sequence=0, job_keys=(), limit=10_000)))
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        heads: dict[str, str] = {}
        made: set[tuple[str, int | None]] = set()
        for event in events:
            assert event.previous_hash == heads.get(event.job_key, NO_HASH)
            fields = {
                "previous_hash": event.previous_hash,
                "job_key": event.job_key,
                "job_sequence": event.job_sequence,
                "clip_index": event.clip_index,
                "event_time": event.event_time.isoformat(timespec="microseconds"),
                "actor": event.actor,
                "kind": event.kind,
                "before": event.before,
                "after": event.after,
                "data_json": event.data_json,
            }
            assert event.hash == digest(fields)
            heads[event.job_key] = event.hash
            if event.kind in ("clip.complete", "clip.adopt"):
                assert (event.job_key, event.clip_index) not in made
                made.add((event.job_key, event.clip_index))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(1800 if LONG else 120)
def test_no_order_of_calls_breaks_the_record(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    class Machine(LeaseMachine):
        address = staticmethod(lambda: new_database(request, kind=kind, directory=tmp_path_factory.mktemp("machine")))

    with memoised():
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=not LONG,
                suppress_health_check=list(HealthCheck),
            ),
        )
