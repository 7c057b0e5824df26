"""Whose a job is, and whose an executor's session: what one identity may not do to what is another's."""

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from proxx.core.access import OPEN, AccessReason, Identity, Role
from proxx.core.jobs import JobState, SubmissionOptions
from proxx.core.leases import HeldLease, LeaseOutcome, LeasePreparation, LeaseRelease, LeaseReport, ReportStatus
from proxx.core.steps import Phase, ProbeReport
from proxx.core.verbs import Verb
from proxx_scheduler.app.errors import AccessRefusedError, JobNotFoundError
from proxx_scheduler.app.intake import body_of
from proxx_scheduler.app.verb_call import VerbCall
from tests.contract.world import spec_of
from tests.fakes.direct_store import DirectStore
from tests.fakes.leases import DESCRIPTION
from tests.simulation.hand_clock import HandClock
from tests.simulation.memory_backend import MemoryBackend
from tests.simulation.scheduler_parts import SchedulerParts
from tests.simulation.sim_clock import SimIds

LEASE_SECONDS = 10.0
NOTHING_FOUND = ProbeReport(sources=(), output_directory_violations=())


def who(name: str, *roles: Role, executors: tuple[str, ...] = ()) -> Identity:
    return Identity(name=name, roles=frozenset(roles), how="token", executors=executors)


FARM, OTHER = who("farm", Role.EXECUTOR), who("other", Role.EXECUTOR)
MAM, STRANGER = who("mam", Role.SUBMITTER), who("stranger", Role.SUBMITTER)
OPERATOR = who("olga", Role.OPERATOR)


class Site:
    """A scheduler that can be started again on the same database."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.backend = MemoryBackend()
        self.ids = SimIds(random.Random("ownership"))
        self.start()

    def start(self) -> None:
        def open_store(on_commit: Any) -> DirectStore:
            self.store = DirectStore(self.backend, on_commit)
            return self.store

        self.parts = SchedulerParts(
            open_store=open_store, clock=self.clock, ids=self.ids, lease_seconds=LEASE_SECONDS, fence_after=0
        )
        self.desk = self.parts.executors

    async def open(self, identity: Identity, name: str = "pod", incarnation: str = "one", **changes: Any) -> str:
        description = replace(DESCRIPTION, name=name, incarnation=incarnation, roots=("local",))
        held: Sequence[HeldLease] = changes.get("held", ())
        return (await self.desk.open_session(description=description, held=held, identity=identity)).session_id

    async def take(self, session_id: str, identity: Identity, sequence: int = 1) -> Any:
        (lease,) = await self.desk.acquire(
            session_id=session_id, acquire_sequence=sequence, max_grants=1, wait_seconds=0, identity=identity
        )
        return lease

    async def submit(self, identity: Identity, *, hold: bool = False) -> str:
        body = body_of(spec_json=spec_of(), spec=None, options=SubmissionOptions(hold=hold))
        view, _ = await self.parts.jobs.submit(
            request_id=f"by {identity.name}", body=body, actor=f"identity/{identity.name}", owner=identity.name
        )
        assert view.submitted_by == identity.name
        return view.job_key

    async def press(self, verb: Verb, job_key: str, identity: Identity) -> JobState:
        view = await self.parts.jobs.verb(
            call=VerbCall(verb=verb), job_key=job_key, request_id=f"{verb} by {identity.name}", expected_revision=0,
            actor=f"identity/{identity.name}", identity=identity,
        )  # fmt: skip
        return view.state


async def refused(call: Any) -> tuple[AccessReason, dict[str, str]]:
    with pytest.raises(AccessRefusedError) as caught:
        await call
    return caught.value.refusal.reason, dict(caught.value.refusal.metadata)


@pytest.mark.parametrize("verb", [Verb.CANCEL, Verb.CANCEL_NOW])
async def test_a_submitter_cancels_its_own_job_and_nobody_elses(verb: Verb) -> None:
    site = Site()
    key = await site.submit(MAM)
    reason, facts = await refused(site.press(verb, key, STRANGER))
    assert (reason, facts["job_key"], facts["owner"]) == (AccessReason.NOT_OWNER, key, "mam")
    assert await site.press(verb, key, MAM) is JobState.CANCELLED


async def test_a_submitter_starts_its_own_job_and_an_operator_any() -> None:
    site = Site()
    key = await site.submit(MAM, hold=True)
    reason, _ = await refused(site.press(Verb.START, key, STRANGER))
    assert reason is AccessReason.NOT_OWNER
    assert await site.press(Verb.START, key, OPERATOR) is JobState.PENDING
    assert await site.press(Verb.START, await site.submit(STRANGER, hold=True), STRANGER) is JobState.PENDING


async def test_a_job_that_nobody_was_asked_for_is_an_operators_and_an_open_listeners() -> None:
    site = Site()
    key = await site.submit(OPEN)
    reason, _ = await refused(site.press(Verb.CANCEL, key, MAM))
    assert reason is AccessReason.NOT_OWNER
    assert await site.press(Verb.CANCEL, key, OPEN) is JobState.CANCELLED


async def test_a_submitter_learns_that_there_is_no_such_job() -> None:
    with pytest.raises(JobNotFoundError):
        await Site().press(Verb.CANCEL, "nobody", MAM)


async def test_the_submission_of_another_one_sent_again_stays_its_own() -> None:
    site = Site()
    key = await site.submit(MAM)
    body = body_of(spec_json=spec_of(), spec=None, options=SubmissionOptions())
    view, created = await site.parts.jobs.submit(request_id="by mam", body=body, owner="stranger")
    assert (view.job_key, view.submitted_by, created) == (key, "mam", False)


async def test_no_call_of_another_identity_is_taken_in_a_session() -> None:
    site = Site()
    await site.submit(MAM)
    session = await site.open(FARM)
    lease = await site.take(session, FARM)
    facts: dict[str, Any] = {"session_id": session, "identity": OTHER}
    outcome = LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, probe=NOTHING_FOUND)
    calls = [
        site.desk.acquire(acquire_sequence=2, max_grants=1, wait_seconds=0, **facts),
        site.desk.renew(reports=(), draining=True, **facts),
        site.desk.prepare_all(preparations=(), **facts),
        site.desk.complete(outcomes=[outcome], **facts),
        site.desk.release(releases=[LeaseRelease(lease_id=lease.lease_id, epoch=1, reason="mine")], **facts),
        site.desk.close_session(**facts),
    ]
    expected = (AccessReason.EXECUTOR_FOREIGN, {"executor": "pod", "identity": "other"})
    assert [await refused(call) for call in calls] == [expected] * len(calls)
    assert await site.take(session, FARM) == lease  # the same call again: it changed nothing


async def test_no_lease_of_another_identity_is_named_in_a_session_of_ones_own() -> None:
    site = Site()
    await site.submit(MAM)
    lease = await site.take(await site.open(FARM), FARM)
    own = await site.open(OTHER, "mine", "two")
    facts: dict[str, Any] = {"session_id": own, "identity": OTHER}
    place: dict[str, Any] = {"lease_id": lease.lease_id, "epoch": lease.epoch}
    output: Any = None
    calls = [
        site.desk.renew(reports=[LeaseReport(phase=Phase.STARTING, **place)], draining=False, **facts),
        site.desk.prepare(output=output, **place, **facts),
        site.desk.prepare_all(preparations=[LeasePreparation(output=output, **place)], **facts),
        site.desk.complete(outcomes=[LeaseOutcome(probe=NOTHING_FOUND, **place)], **facts),
        site.desk.release(releases=[LeaseRelease(reason="not mine", **place)], **facts),
        site.open(OTHER, "mine", "two", held=[HeldLease(phase=Phase.STARTING, **place)]),
    ]
    assert [(await refused(call))[0] for call in calls] == [AccessReason.EXECUTOR_FOREIGN] * len(calls)


async def test_a_lease_of_another_executor_of_the_same_identity_is_only_stale() -> None:
    site = Site()
    await site.submit(MAM)
    lease = await site.take(await site.open(FARM), FARM)
    outcome = LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, probe=NOTHING_FOUND)
    second = await site.open(FARM, "pod-2", "two")
    assert await site.desk.complete(session_id=second, outcomes=[outcome], identity=FARM) == (ReportStatus.STALE,)


async def test_a_lease_of_a_dry_run_is_its_sessions_too() -> None:
    site = Site()
    session = await site.open(FARM)
    probing = asyncio.create_task(site.parts.jobs.probe_sources(paths=["/a.mov"]))
    await asyncio.sleep(0)
    lease = await site.take(session, FARM)
    outcome = LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, probe=NOTHING_FOUND)
    other = await site.open(OTHER, "mine", "two")
    reason, _ = await refused(site.desk.complete(session_id=other, outcomes=[outcome], identity=OTHER))
    assert (reason, probing.done()) == (AccessReason.EXECUTOR_FOREIGN, False)
    await site.desk.complete(session_id=session, outcomes=[outcome], identity=FARM)
    assert await probing == ()


async def test_a_name_is_held_while_its_session_lives_and_free_when_it_fell_silent() -> None:
    site = Site()
    await site.open(FARM)
    assert (await refused(site.open(OTHER, incarnation="two")))[0] is AccessReason.EXECUTOR_FOREIGN
    await site.open(FARM, incarnation="three")
    site.clock.seconds += LEASE_SECONDS + 1
    await site.open(OTHER, incarnation="two")
    assert (await refused(site.open(FARM, incarnation="four")))[0] is AccessReason.EXECUTOR_FOREIGN


async def test_an_incarnation_is_nobody_elses_even_when_it_fell_silent() -> None:
    site = Site()
    session = await site.open(FARM)
    site.clock.seconds += LEASE_SECONDS + 1
    assert (await refused(site.open(OTHER)))[0] is AccessReason.EXECUTOR_FOREIGN
    assert await site.open(FARM) == session


async def test_the_patterns_of_an_identity_bound_its_names_also_in_a_session_that_is_open() -> None:
    site = Site()
    bounded = who("farm", Role.EXECUTOR, executors=("ffmpeg-*",))
    assert (await refused(site.open(bounded)))[0] is AccessReason.EXECUTOR_FOREIGN
    session = await site.open(bounded, "ffmpeg-1")
    assert await site.desk.renew(session_id=session, reports=(), draining=False, identity=bounded) == ()
    moved = replace(bounded, executors=("resolve-*",))
    reason, _ = await refused(site.desk.renew(session_id=session, reports=(), draining=False, identity=moved))
    assert reason is AccessReason.EXECUTOR_FOREIGN


async def test_what_was_opened_where_nobody_was_asked_goes_on_under_an_identity() -> None:
    site = Site()
    await site.submit(OPEN)
    session = await site.open(OPEN)
    lease = await site.take(session, OPEN)
    held = [HeldLease(lease_id=lease.lease_id, epoch=lease.epoch, phase=Phase.STARTING)]
    assert await site.open(FARM, held=held) == session
    assert (await refused(site.desk.close_session(session_id=session, identity=OTHER)))[
        0
    ] is AccessReason.EXECUTOR_FOREIGN
    (view,) = await site.parts.jobs.executors()
    assert (view.identity, view.leases) == ("farm", 1)


async def test_a_restart_forgets_nobodys_name_while_its_leases_live() -> None:
    site = Site()
    await site.submit(MAM)
    lease = await site.take(await site.open(FARM), FARM)
    site.start()
    await site.desk.load()
    held = [HeldLease(lease_id=lease.lease_id, epoch=lease.epoch, phase=Phase.STARTING)]
    assert (await refused(site.open(OTHER, incarnation="two")))[0] is AccessReason.EXECUTOR_FOREIGN
    assert (await refused(site.open(OTHER, "mine", "two", held=held)))[0] is AccessReason.EXECUTOR_FOREIGN
    await site.open(FARM, held=held)


async def test_of_two_that_open_the_same_name_at_once_one_is_refused() -> None:
    site = Site()
    reached, go_on = asyncio.Event(), asyncio.Event()
    write = site.store.write

    async def slow(work: Any) -> Any:
        reached.set()
        await go_on.wait()
        return await write(work)

    site.store.write = slow  # type: ignore[method-assign]  # the one place where a write can be waited for
    first = asyncio.create_task(site.open(FARM))
    await reached.wait()
    assert (await refused(site.open(OTHER, incarnation="two")))[0] is AccessReason.EXECUTOR_FOREIGN
    go_on.set()
    await first
    assert (await refused(site.open(OTHER, incarnation="two")))[0] is AccessReason.EXECUTOR_FOREIGN


async def test_events_of_an_executor_name_the_identity_behind_it_and_others_none() -> None:
    site = Site()
    key = await site.submit(MAM)
    session = await site.open(FARM)
    lease = await site.take(session, FARM)
    stale = LeaseOutcome(lease_id=lease.lease_id, epoch=7, probe=NOTHING_FOUND)
    assert await site.desk.complete(session_id=session, outcomes=[stale], identity=FARM) == (ReportStatus.STALE,)
    await site.desk.close_session(session_id=session, identity=FARM)
    events = await site.store.read(lambda tx: tx.events_after(sequence=0, job_keys=(key,), limit=10))
    found = [(event.kind, event.actor, json.loads(event.data_json).get("identity")) for event in events]
    assert found == [
        ("job.submit", "identity/mam", None),
        ("clip.stale_report", "executor/pod", "farm"),
        ("clip.probe_lost", "scheduler", None),
    ]
