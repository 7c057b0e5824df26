"""The machine of test_state_machine.py: what clients, operators and executors may call, and what must hold after it.

The model is what was acknowledged, granted and published, and nothing else.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from proxx.core.access import OPEN
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
    ExecutorNotFoundError,
    LeaseSupersededError,
    RequestReusedError,
    RevisionMismatchError,
    SessionUnknownError,
    VerbNotAllowedError,
)
from proxx_scheduler.app.verb_call import VerbCall
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.store import SqlStore
from tests.fakes.leases import DESCRIPTION
from tests.fakes.measured import probed
from tests.fakes.scripted_executor import sha256_of
from tests.simulation.checker import NO_HASH
from tests.simulation.finished_files import finished_file
from tests.simulation.hand_clock import HandClock
from tests.simulation.job_bodies import body_of_job
from tests.simulation.memo import judged, planned_measure
from tests.simulation.plan import draw_plan
from tests.simulation.scheduler_parts import SchedulerParts
from tests.simulation.sim_clock import SimIds
from tests.simulation.sim_steps import EXECUTION

Value = TypeVar("Value")
LEASE_SECONDS = 10.0
PATIENCE = 2000
VERBS = [
    VerbCall(verb=verb)
    for verb in (*[Verb.RESUME, Verb.RETRY, Verb.START] * 3, Verb.PAUSE, Verb.CANCEL, Verb.CANCEL_NOW)
]
"""Those that go on stand three times."""


CHOICES = st.lists(st.integers(0, 19), min_size=10, max_size=25)
"""Below 16 a lease goes on, at 19 it fails; 16 to 18 take work. Small ones are the most frequent."""


class LeaseMachine(RuleBasedStateMachine):
    """Two executors, one scheduler at a time, one database.

    `address` is set by the test; `kinds` are those of the events that a campaign has seen.
    """

    address: Callable[[], DatabaseAddress]
    kinds: ClassVar[set[str]]

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
        self.seen = 0
        self.heads: dict[str, str] = {}
        self.told_made: set[tuple[str, int | None]] = set()
        self.granted_at: dict[str, int] = {}
        self.made: set[tuple[str, int]] = set()
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

    @initialize(fail_fast=st.booleans(), clips=st.integers(1, 3), requeues=st.sampled_from([0, 2]))
    def begin(self, fail_fast: bool, clips: int, requeues: int) -> None:
        """Both executors come, and the sources of a first job are probed."""
        self._come()
        self._submit(0, fail_fast, clips, requeues, hold=False)
        for choice in (0, 5, 5):
            self._be_busy(choice)

    @rule(
        number=st.integers(0, 2),
        fail_fast=st.booleans(),
        clips=st.integers(1, 3),
        requeues=st.sampled_from([0, 2]),
        hold=st.sampled_from([False, False, True]),
    )
    def submit(self, number: int, fail_fast: bool, clips: int, requeues: int, hold: bool) -> None:
        self._submit(number, fail_fast, clips, requeues, hold=hold)

    def _submit(self, number: int, fail_fast: bool, clips: int, requeues: int, *, hold: bool) -> None:
        request = f"request-{number}"
        policy = FailurePolicy.FAIL_FAST if fail_fast else FailurePolicy.CONTINUE
        job = replace(draw_plan(0).jobs[0], number=number, clips=clips, policy=policy, window=2, hold=hold)
        job = replace(job, requeues=requeues)
        body = body_of_job(job)
        try:
            view, created = self.run(self.parts.jobs.submit(request_id=request, body=body))
        except RequestReusedError:
            assert request in self.acknowledged
            return
        assert created is (request not in self.acknowledged)
        assert self.acknowledged.setdefault(request, view.job_key) == view.job_key

    @precondition(lambda self: self.acknowledged)
    @rule(
        data=st.data(),
        call=st.sampled_from(
            [*VERBS, VerbCall(verb=Verb.RESCHEDULE, priority=5), VerbCall(verb=Verb.RESCHEDULE, queue="b")]
        ),
    )
    def press(self, data: st.DataObject, call: VerbCall) -> None:
        """Ask what a verb would do, press it, press it again, and try its id with another one."""
        key = data.draw(st.sampled_from(sorted(self.acknowledged.values())))
        self.requests += 1
        pressed = {"job_key": key, "request_id": f"verb-{self.requests}", "actor": "operator"}
        try:
            plan = self.run(self.parts.jobs.plan_verb(call=call, job_key=key))
        except VerbNotAllowedError:
            with pytest.raises(VerbNotAllowedError):
                self.run(self.parts.jobs.verb(identity=OPEN, call=call, expected_revision=0, **pressed))
            return
        with pytest.raises(RevisionMismatchError):
            self.run(self.parts.jobs.verb(identity=OPEN, call=call, expected_revision=plan.revision + 1, **pressed))
        for _ in range(2):  # the second is the same call again
            view = self.run(self.parts.jobs.verb(identity=OPEN, call=call, expected_revision=plan.revision, **pressed))
            assert (view.state, view.run_number) == (plan.state_after, plan.run_number)
        other = VerbCall(verb=Verb.START if call.verb is not Verb.START else Verb.PAUSE)
        with pytest.raises(RequestReusedError):
            self.run(self.parts.jobs.verb(identity=OPEN, call=other, expected_revision=plan.revision, **pressed))

    @rule(name=st.sampled_from(["one", "other"]), stays=st.booleans())
    def drain(self, name: str, stays: bool) -> None:
        """An operator drains an executor, and mostly lets it work again at once."""
        drains = self.parts.jobs.drains
        self.requests += 1
        drained = {"name": name, "reason": "", "actor": "operator"}
        try:
            self.run(drains.drain(request_id=f"drain-{self.requests}", **drained))
        except ExecutorNotFoundError:
            return  # no session since a restart
        if not stays:
            self.run(drains.undrain(request_id=f"undrain-{self.requests}", **drained))

    @rule()
    def come_again(self) -> None:
        """Both open their sessions anew; what they held before is lost."""
        self._come()

    def _come(self) -> None:
        for name in ("one", "other"):
            description = replace(DESCRIPTION, name=name, incarnation=f"incarnation of {name}", roots=("local",))
            description = replace(description, planner_version=PLANNER_VERSION, probe_slots=int(name == "one"))
            terms = self.run(self.parts.executors.open_session(description=description, held=(), identity=OPEN))
            if self.sessions.get(name) != terms.session_id:
                self.granted_at.pop(name, None)  # a new session counts anew
            self.sessions[name] = terms.session_id

    @rule(name=st.sampled_from(["one", "other"]), again=st.booleans())
    def acquire(self, name: str, again: bool) -> None:
        self._acquire(name, again=again)

    def _acquire(self, name: str, *, again: bool = False) -> None:
        self.sequence += not again
        try:
            granted = self.run(
                self.parts.executors.acquire(
                    session_id=self.sessions[name],
                    acquire_sequence=self.sequence,
                    max_grants=2,
                    max_probes=1,
                    wait_seconds=0,
                    identity=OPEN,
                )
            )
        except (AcquireConsumedError, SessionUnknownError):
            return
        if granted:
            self.granted_at[name] = self.sequence
        self.leases += [(name, lease) for lease in granted if lease not in [known for _, known in self.leases]]

    @precondition(lambda self: self.granted_at)
    @rule(data=st.data(), behind=st.integers(1, 3))
    def acquire_late(self, data: st.DataObject, behind: int) -> None:
        """A call for work that was overtaken by one that was granted some is refused."""
        name = data.draw(st.sampled_from(sorted(self.granted_at)))
        late = {"session_id": self.sessions[name], "acquire_sequence": self.granted_at[name] - behind}
        with pytest.raises((AcquireConsumedError, SessionUnknownError)):
            self.run(self.parts.executors.acquire(max_grants=2, wait_seconds=0, identity=OPEN, **late))

    @rule(choices=CHOICES)
    def be_busy(self, choices: list[int]) -> None:
        """Some ordinary work: what is open goes on, and what waits is taken."""
        for choice in choices:
            self._be_busy(choice)

    be_busy_as_often_as_the_rest = rule(choices=CHOICES)(lambda self, choices: self.be_busy(choices))

    def _be_busy(self, choice: int) -> None:
        open_leases = [entry for entry in self.leases if entry[1].lease_id not in self.ended]
        if 16 <= choice < 19 or not open_leases:
            self._acquire("one" if choice % 2 else "other")
            return
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
            (answer,) = await desk.renew(session_id=session, reports=[report], draining=False, identity=OPEN)
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
                session_id=session, lease_id=lease.lease_id, epoch=lease.epoch, output=output, identity=OPEN
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
            if not found:
                left = finished_file(sweep=lease, work=lease.sweep, leases=self.leases, started=self.started)
                report = replace(report, delivered=left)
            return LeaseOutcome(**common, sweep=report)
        sha256 = sha256_of(lease) if lease.publish is None else lease.publish.sha256
        if lease.kind is StepKind.PUBLISH or self.prepared.get(lease.lease_id) is PrepareAnswer.PUBLISH:
            self.published.setdefault((lease.job_key, lease.clip_index), sha256)
        return LeaseOutcome(**common, published=Published(sha256=sha256, size_bytes=1))

    async def _complete(self, session: str, outcome: LeaseOutcome) -> None:
        (first,) = await self.parts.executors.complete(session_id=session, outcomes=[outcome], identity=OPEN)
        (again,) = await self.parts.executors.complete(session_id=session, outcomes=[outcome], identity=OPEN)
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
            self.run(self.parts.executors.release(session_id=self.sessions[name], releases=[release], identity=OPEN))
        except SessionUnknownError:
            return

    @rule()
    def fall_silent(self) -> None:
        """One lease duration passes without a renewal."""
        self.clock.seconds += LEASE_SECONDS + 1
        for lease_id in self.parts.book.expired(now=self.clock.monotonic()):
            self.run(self.parts.executors.expiring.expire(lease_id))

    @rule(seconds=st.sampled_from([-315_360_000.0, -3600.0, 0.0, 3600.0, 315_360_000.0]))
    def jump(self, seconds: float) -> None:
        """The wall clock jumps; nothing is decided by it."""
        self.clock.wall_jump = seconds

    @rule(found_at_once=st.booleans())
    def restart(self, found_at_once: bool) -> None:
        self.run(self.parts.admission.stop())
        self.run(self.store.close())
        self.run(self.open())
        if found_at_once:
            self._come()

    # --- what must hold ----------------------------------------------------------------------------------------------

    @invariant()
    def acknowledged_jobs_exist_and_add_up(self) -> None:
        for key in self.acknowledged.values():
            view = self.run(self.store.read(lambda tx, key=key: tx.job_view(key)))  # type: ignore[misc]  # the default binds the value
            clips, _ = self.run(self.store.read(lambda tx, key=key: tx.clip_page(key, after=-1, size=10)))  # type: ignore[misc]  # the default binds the value
            assert view is not None
            completed = {(key, clip.clip_index) for clip in clips if clip.state is ClipState.COMPLETED}
            assert view.counts.completed == len(completed)
            if view.state is JobState.COMPLETED:
                assert len(completed) == view.counts.total
            assert {made for made in self.made if made[0] == key} <= completed
            self.made |= completed

    @invariant()
    def events_form_chains_and_complete_a_clip_once(self) -> None:
        seen = self.seen
        events = self.run(self.store.read(lambda tx: tx.events_after(sequence=seen, job_keys=(), limit=10_000)))
        assert [event.sequence for event in events] == list(range(seen + 1, seen + len(events) + 1))
        self.seen += len(events)
        for event in events:
            assert event.previous_hash == self.heads.get(event.job_key, NO_HASH)
            fields = {
                "previous_hash": event.previous_hash,
                "sequence": event.sequence,
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
            self.heads[event.job_key] = event.hash
            self.kinds.add(event.kind)
            if event.kind in ("clip.complete", "clip.adopt"):
                assert (event.job_key, event.clip_index) not in self.told_made
                self.told_made.add((event.job_key, event.clip_index))
