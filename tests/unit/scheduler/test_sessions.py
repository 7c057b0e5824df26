"""Sessions of executors that are gone are forgotten; those that are there, hold something or are to be seen are not."""

import asyncio
import random
from dataclasses import replace
from typing import Any, cast

import pytest

from proxx.core.access import OPEN
from proxx.core.jobs import SubmissionOptions
from proxx.core.waiting import WaitingCode
from proxx_scheduler.app.errors import SessionUnknownError
from proxx_scheduler.app.intake import body_of
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.ports import StoreError
from proxx_scheduler.app.sessions import LOST_KEPT, LOST_SHOWN_SECONDS, Known, Sessions
from proxx_scheduler.app.waiting import Waiting
from proxx_scheduler.domain.rules import NO_RULES
from tests.contract.world import spec_of
from tests.fakes.direct_store import DirectStore
from tests.fakes.leases import DESCRIPTION
from tests.simulation.hand_clock import HandClock
from tests.simulation.memory_backend import MemoryBackend
from tests.simulation.scheduler_parts import SchedulerParts
from tests.simulation.sim_clock import SimIds

LEASE_SECONDS = 10.0
SILENT = 3 * LEASE_SECONDS + 1


class Site:
    """A scheduler that can be started again on the same database."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.backend = MemoryBackend()
        self.ids = SimIds(random.Random("sessions"))
        self.start()

    def start(self) -> None:
        def open_store(on_commit: Any) -> DirectStore:
            self.store = DirectStore(self.backend, on_commit)
            return self.store

        self.parts = SchedulerParts(
            open_store=open_store, clock=self.clock, ids=self.ids, lease_seconds=LEASE_SECONDS, fence_after=0
        )

    async def restart(self) -> None:
        self.start()
        await self.parts.executors.load()

    async def open(self, name: str, incarnation: str) -> str:
        description = replace(DESCRIPTION, name=name, incarnation=incarnation, roots=("local",))
        terms = await self.parts.executors.open_session(description=description, held=(), identity=OPEN)
        return terms.session_id

    async def take(self, session_id: str, *, sequence: int = 1) -> int:
        """Ask for one lease without waiting; returns how many were granted."""
        granted = await self.parts.executors.acquire(
            session_id=session_id, acquire_sequence=sequence, max_grants=1, wait_seconds=0, identity=OPEN
        )
        return len(granted)

    async def submit(self) -> str:
        body = body_of(spec_json=spec_of(), spec=None, options=SubmissionOptions())
        view, _ = await self.parts.jobs.submit(request_id="request", body=body)
        return view.job_key

    async def later(self, seconds: float) -> None:
        self.clock.seconds += seconds
        await self.parts.executors.expiring.look()

    async def listed(self) -> list[tuple[str, str]]:
        return [(view.incarnation, view.state) for view in await self.parts.jobs.executors()]


async def test_an_executor_that_dies_again_and_again_is_listed_once_and_in_the_end_not_at_all() -> None:
    site = Site()
    for number in range(20):
        first = await site.open("pod", f"{number:02}")
        await site.later(6)
    assert await site.listed() == [(f"{number:02}", "LOST") for number in range(15, 19)] + [("19", "READY")]
    await site.later(SILENT)
    assert await site.listed() == [("19", "LOST")]
    await site.later(LOST_SHOWN_SECONDS - SILENT - 7)
    assert await site.listed() == [("19", "LOST")]
    await site.later(7)
    assert (await site.listed(), site.backend.sessions) == ([], {})
    with pytest.raises(SessionUnknownError):
        await site.take(first)
    assert await site.take(await site.open("pod", "19")) == 0


async def test_no_more_lost_executors_are_listed_than_the_limit_says() -> None:
    site = Site()
    for number in range(LOST_KEPT + 5):
        await site.open(f"pod-{number:03}", f"{number:03}")
        site.clock.seconds += 0.01
    await site.later(SILENT)
    assert [name for name, _ in await site.listed()] == [f"{number:03}" for number in range(5, LOST_KEPT + 5)]


async def test_a_session_that_holds_a_lease_is_kept_until_the_lease_is_lost() -> None:
    site = Site()
    await site.submit()
    held = await site.open("pod", "holds")
    assert await site.take(held) == 1
    await site.open("pod", "newer")
    site.clock.seconds += SILENT
    await site.parts.executors._sessions.forget_silent()
    assert await site.listed() == [("holds", "LOST"), ("newer", "LOST")]
    await site.later(0)
    assert await site.listed() == [("newer", "LOST")]


async def test_what_held_a_lease_before_a_restart_and_never_came_back_is_forgotten() -> None:
    site = Site()
    await site.submit()
    assert await site.take(await site.open("pod", "gone")) == 1
    await site.open("idle", "idle")
    await site.restart()
    assert await site.listed() == [("gone", "LOST")]
    await site.open("pod", "newer")
    await site.later(SILENT)
    assert await site.listed() == [("newer", "LOST")]


async def test_a_closed_session_leaves_nothing() -> None:
    site = Site()
    session_id = await site.open("pod", "one")
    await site.parts.executors.close_session(session_id=session_id, identity=OPEN)
    assert (await site.listed(), site.backend.sessions) == ([], {})


def test_who_waits_for_work_is_there_and_who_was_forgotten_meanwhile_is_not() -> None:
    book = LeaseBook(lease_seconds=LEASE_SECONDS)
    book.meet("one", now=0)
    book.polls("one", more=1)
    assert book.alive("one", now=1000)
    book.forget("one")
    book.seen("one", now=1000)  # its call comes to an end after all
    assert not book.alive("one", now=1000)
    book.polls("one", more=-1)
    book.meet("one", now=1000)
    book.polls("one", more=1)
    assert book.alive("one", now=2000)


async def test_a_drain_that_could_not_be_stored_is_tried_again() -> None:
    site = Site()
    session_id = await site.open("pod", "one")
    site.store.refusal = "database or disk is full"
    for _ in range(2):
        with pytest.raises(StoreError):
            await site.parts.executors.renew(session_id=session_id, reports=(), draining=True, identity=OPEN)
    site.store.refusal = ""
    await site.parts.executors.renew(session_id=session_id, reports=(), draining=True, identity=OPEN)
    assert await site.listed() == [("one", "DRAINING")]


class AtHome:
    """In the place of Sessions: fails where it is asked on another thread than the event loop's."""

    def known(self) -> Known:
        asyncio.get_running_loop()
        return ()


async def test_who_is_there_is_asked_on_the_event_loop_and_not_where_storage_is_read() -> None:
    site = Site()
    key = await site.submit()
    waiting = Waiting(
        store=site.store, sessions=cast("Sessions", AtHome()), rules=NO_RULES, trouble=lambda: ""
    )  # fmt: skip
    view = await waiting.of_job(await site.parts.jobs.job(job_key=key))
    assert view.waiting_reason is not None
    assert view.waiting_reason.code is WaitingCode.NO_EXECUTOR
