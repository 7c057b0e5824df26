"""The executor's side of the lease protocol (docs/EXECUTOR_PROTOCOL.md): acquire, renew, expire, drain."""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial

from proxx.core.leases import ExecutorDescription, HeldLease, Lease, SessionTerms
from proxx.core.steps import Directive
from proxx.engine.lease_work import LeaseWork, log_fields
from proxx.engine.room import NO_ROOM, Room, room_beside
from proxx.engine.scheduler_port import (
    AcquireConsumedError,
    CallRefusedError,
    SchedulerPort,
    SchedulerUnavailableError,
    SessionUnknownError,
)
from proxx.engine.session import Session
from proxx.engine.slot import Interruption, Slot
from proxx.engine.step_runner import StepRunner
from proxx.runtime.clock import Clock

SHORTEST_POLL_SECONDS = 0.05
EMPTY_POLL_PAUSE_SECONDS = 0.2
SHORTEST_CHECK_SECONDS = 0.05
LEASE_SECONDS_BEFORE_TERMS = 1.0

_LOG = logging.getLogger("proxx.engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSettings:
    """How long one call waits for work; how long started work may finish when the executor goes away, and how long
    outcomes may then still wait for an answer. Seconds."""

    acquire_wait_seconds: float = 20.0
    drain_grace_seconds: float = 30.0
    settle_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorStatus:
    """Where an executor stands, for its health answer and metrics. Counts are since the start of the process."""

    session_open: bool
    draining: bool
    held_leases: int
    completed: int
    failed: int
    released: int
    revoked: int


class Executor:
    """Works on leases until told to stop. Owned by one event loop; run() is called once."""

    def __init__(
        self,
        *,
        port: SchedulerPort,
        description: ExecutorDescription,
        steps: StepRunner,
        clock: Clock,
        settings: LoopSettings,
    ) -> None:
        """Take the scheduler, who this executor is, what does the work, the clock and the settings."""
        self._port = port
        self._clock = clock
        self._settings = settings
        self._description = description
        self._slots: dict[str, Slot] = {}
        self._asked = NO_ROOM
        self._call: asyncio.Task[tuple[Lease, ...]] | None = None
        self._lease_seconds = LEASE_SECONDS_BEFORE_TERMS
        self._renew_seconds = LEASE_SECONDS_BEFORE_TERMS
        self._draining = False
        self._stop = asyncio.Event()
        self._wake = asyncio.Event()
        self._free = asyncio.Event()
        self._idle = asyncio.Event()
        self._session = Session(
            port=port, description=description, clock=clock, held=self._held, opened=self._on_opened
        )
        self._lease_work = LeaseWork(port=port, session=self._session, steps=steps)

    def status(self) -> ExecutorStatus:
        """Where it stands now."""
        return ExecutorStatus(
            session_open=self._session.terms is not None,
            draining=self._draining,
            held_leases=len(self._slots),
            completed=self._lease_work.completed,
            failed=self._lease_work.failed,
            released=self._lease_work.released,
            revoked=self._lease_work.revoked,
        )

    def describe(self, description: ExecutorDescription) -> None:
        """Say what this executor is from now on; the scheduler hears it before the next call for work.

        Name, incarnation, slots and probe_slots stay.
        """
        self._description = description

    def stop(self) -> None:
        """Go away in order: take no more work, hand back what has not started, let the rest finish within the grace."""
        self._stop.set()

    async def run(self) -> None:
        """Work until stop(). Cancelling instead kills every tool, cleans, and says nothing.

        Raises:
            CallRefusedError: the scheduler refuses this executor for good.
        """
        self._changed()
        try:
            async with asyncio.TaskGroup() as group:
                acquiring = group.create_task(self._acquire_loop(group))
                renewing = group.create_task(self._renew_loop())
                expiring = group.create_task(self._expiry_loop())
                await self._stop.wait()
                acquiring.cancel()
                await self._drain()
                renewing.cancel()
                expiring.cancel()
                for slot in self._slots.values():
                    _LOG.error("gave up delivering an outcome; the journal keeps it", extra=log_fields(slot.lease))
                    slot.abandon()
        except ExceptionGroup as failures:  # the group's wrapping only: the failure itself goes on
            raise failures.exceptions[0] from failures
        await self._close()

    async def _acquire_loop(self, group: asyncio.TaskGroup) -> None:
        sequence = 1
        while True:
            await self._free.wait()
            self._session.describe(self._description)
            asked = self._clock.monotonic()
            try:
                leases = await self._session.call(partial(self._acquire, sequence))
            except AcquireConsumedError:
                leases = ()
            sequence += 1
            for lease in leases:
                self._accept(lease, group)
            if not leases and self._clock.monotonic() - asked < SHORTEST_POLL_SECONDS:
                await self._clock.sleep(EMPTY_POLL_PAUSE_SECONDS)

    async def _acquire(self, sequence: int, session_id: str) -> tuple[Lease, ...]:
        """Wait for work with one call. A call that asked for nothing of what is free by now is given up and made anew:
        whatever it was granted comes with the same sequence.
        """
        while True:
            self._asked = self._room()
            self._call = asyncio.create_task(self._ask(sequence, session_id, self._asked))
            try:
                return await self._call
            except asyncio.CancelledError:
                loop = asyncio.current_task()
                if loop is not None and loop.cancelling():
                    raise  # the executor asks for nothing more
            finally:
                self._call = None

    async def _ask(self, sequence: int, session_id: str, room: Room) -> tuple[Lease, ...]:
        return await self._port.acquire(
            session_id=session_id,
            sequence=sequence,
            max_grants=room.grants,
            max_probes=room.probes,
            wait_seconds=self._settings.acquire_wait_seconds,
        )

    def _room(self) -> Room:
        held = (slot.lease for slot in self._slots.values())
        return room_beside(held=held, slots=self._description.slots, probe_slots=self._description.probe_slots)

    def _accept(self, lease: Lease, group: asyncio.TaskGroup) -> None:
        if lease.lease_id in self._slots:
            return  # the answer was sent twice
        slot = Slot(lease=lease, acknowledged=self._clock.monotonic(), wake=self._wake.set)
        self._slots[lease.lease_id] = slot
        self._changed()
        _LOG.info("lease accepted", extra=log_fields(lease))
        slot.worker = group.create_task(self._work(slot))

    async def _renew_loop(self) -> None:
        announced = False
        while True:
            if self._slots:
                await self._until_woken(self._renew_seconds)
            else:
                await self._wake.wait()  # a lease rings before it starts
                self._wake.clear()
            if self._slots or announced != self._draining:
                announced = self._draining
                await self._session.call(self._renew)

    async def _renew(self, session_id: str) -> None:
        reports = {slot.lease.lease_id: slot.report() for slot in self._slots.values()}
        sent = self._clock.monotonic()
        directives = await self._port.renew(
            session_id=session_id, reports=tuple(reports.values()), draining=self._draining
        )
        for answer in directives:
            slot, report = self._slots.get(answer.lease_id), reports.get(answer.lease_id)
            if slot is None or report is None or slot.lease.epoch != report.epoch:
                continue  # settled while the call was under way
            if answer.directive is Directive.REVOKED:
                slot.interrupt(Interruption.REVOKED)
                continue
            slot.acknowledge(reported=report, sent=sent, may_start=answer.directive is Directive.CONTINUE)
            if answer.directive is Directive.CANCEL:
                slot.interrupt(Interruption.CANCELLED)

    async def _expiry_loop(self) -> None:
        """An executor that is not heard for one lease stops by itself: its leases may be another's by now."""
        while True:
            now = self._clock.monotonic()
            open_slots = [slot for slot in self._slots.values() if slot.interruptible]
            left = [slot.acknowledged + self._lease_seconds - now for slot in open_slots]
            for slot, seconds in zip(open_slots, left, strict=True):
                if seconds <= 0:
                    _LOG.warning("no answer for one lease duration: stopping the work", extra=log_fields(slot.lease))
                    slot.interrupt(Interruption.EXPIRED)
            soonest = min((seconds for seconds in left if seconds > 0), default=self._lease_seconds)
            await self._clock.sleep(max(soonest, SHORTEST_CHECK_SECONDS))

    async def _work(self, slot: Slot) -> None:
        try:
            await self._lease_work.run(slot)
        finally:
            del self._slots[slot.lease.lease_id]
            self._changed()

    async def _drain(self) -> None:
        self._draining = True
        self._wake.set()
        for slot in self._slots.values():
            if not slot.started:
                slot.interrupt(Interruption.DRAINED)
        await self._first_of(self._idle, self._settings.drain_grace_seconds)
        for slot in self._slots.values():
            slot.interrupt(Interruption.DRAINED)
        await self._first_of(self._idle, self._settings.settle_seconds)

    async def _close(self) -> None:
        terms = self._session.terms
        if terms is None:
            return
        try:
            await self._port.close(session_id=terms.session_id)
        except (SchedulerUnavailableError, SessionUnknownError, CallRefusedError) as error:
            _LOG.warning("the session was not closed: %s", error, extra={"session_id": terms.session_id})

    async def _until_woken(self, seconds: float) -> None:
        timer = asyncio.create_task(self._clock.sleep(seconds))
        timer.add_done_callback(self._ring)
        try:
            await self._wake.wait()
        finally:
            timer.remove_done_callback(self._ring)
            timer.cancel()
        self._wake.clear()

    def _ring(self, _timer: "asyncio.Task[None]") -> None:
        self._wake.set()

    async def _first_of(self, event: asyncio.Event, seconds: float) -> None:
        waits = {asyncio.create_task(event.wait()), asyncio.create_task(self._clock.sleep(seconds))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _changed(self) -> None:
        room = self._room()
        if room.any:
            self._free.set()
        else:
            self._free.clear()
        if self._call is not None and self._asked.lacks(room):
            self._call.cancel()
        if self._slots:
            self._idle.clear()
        else:
            self._idle.set()

    def _held(self) -> tuple[HeldLease, ...]:
        return tuple(slot.held() for slot in self._slots.values())

    def _on_opened(self, terms: SessionTerms) -> None:
        self._lease_seconds, self._renew_seconds = terms.lease_seconds, terms.renew_seconds
        for slot in self._slots.values():
            if slot.lease.lease_id in terms.revoked_lease_ids:
                slot.interrupt(Interruption.REVOKED)
            else:
                slot.acknowledged = self._clock.monotonic()  # named as held and not revoked: attached again
