"""Calls for work that wait side by side: what one was granted that nobody reads, the other has, too."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from proxx.core.access import OPEN
from proxx.core.jobs import SubmissionOptions
from proxx.core.leases import Lease
from proxx.core.plan import PLANNER_VERSION
from proxx.core.steps import StepKind
from proxx_scheduler.app.intake import body_of
from tests.contract.world import spec_of
from tests.fakes.clock import settle
from tests.fakes.direct_store import DirectStore
from tests.fakes.leases import DESCRIPTION
from tests.simulation.hand_clock import HandClock
from tests.simulation.memory_backend import MemoryBackend
from tests.simulation.scheduler_parts import SchedulerParts
from tests.simulation.sim_clock import SimIds

Call = asyncio.Task[tuple[Lease, ...]]


class Site:
    """A scheduler and an executor with one place to probe; its calls for work are tasks."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.requests = 0
        backend = MemoryBackend()

        def open_store(on_commit: Any) -> DirectStore:
            return DirectStore(backend, on_commit)

        self.parts = SchedulerParts(
            open_store=open_store,
            clock=HandClock(),
            ids=SimIds(random.Random("calls")),
            lease_seconds=10,
            fence_after=0,
        )

    async def open(self) -> None:
        description = replace(
            DESCRIPTION, roots=("local",), slots=1, probe_slots=1, planner_version=PLANNER_VERSION
        )  # fmt: skip
        self.session_id = (
            await self.parts.executors.open_session(description=description, held=(), identity=OPEN)
        ).session_id

    async def ask(self, *, sequence: int, grants: int, probes: int) -> Call:
        """Call, and let the call look."""
        call = asyncio.create_task(
            self.parts.executors.acquire(
                session_id=self.session_id,
                acquire_sequence=sequence,
                max_grants=grants,
                max_probes=probes,
                wait_seconds=20,
                identity=OPEN,
            )
        )
        self.calls.append(call)
        await settle()
        return call

    async def submit(self) -> None:
        self.requests += 1
        body = body_of(spec_json=spec_of(output_directory=f"/{self.requests}"), spec=None, options=SubmissionOptions())
        await self.parts.jobs.submit(request_id=f"request-{self.requests}", body=body)
        await settle()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    await site.open()
    yield site
    for call in site.calls:
        call.cancel()
    await asyncio.gather(*site.calls, return_exceptions=True)


async def brought(call: Call) -> tuple[Lease, ...]:
    return await asyncio.wait_for(call, 10)


async def test_two_calls_of_one_sequence_bring_the_same_leases(site: Site) -> None:
    given_up = await site.ask(sequence=1, grants=0, probes=1)
    made_anew = await site.ask(sequence=1, grants=1, probes=1)
    await site.submit()
    (lease,) = await brought(made_anew)
    assert await brought(given_up) == (lease,)


async def test_a_call_that_comes_after_the_grant_brings_it_although_it_asks_for_something_else(site: Site) -> None:
    given_up = await site.ask(sequence=1, grants=0, probes=1)
    await site.submit()
    (lease,) = await brought(given_up)
    assert await brought(await site.ask(sequence=1, grants=1, probes=0)) == (lease,)


async def test_a_later_call_is_not_granted_what_an_earlier_one_was(site: Site) -> None:
    first = await site.ask(sequence=1, grants=0, probes=1)
    await site.submit()
    await site.submit()
    (one,), (other,) = await brought(first), await brought(await site.ask(sequence=2, grants=0, probes=1))
    assert one.job_key != other.job_key


async def test_a_call_without_room_is_answered_at_once(site: Site) -> None:
    assert await brought(await site.ask(sequence=1, grants=0, probes=0)) == ()


async def test_work_reaches_the_call_that_has_room_for_it_past_those_that_have_none(site: Site) -> None:
    encoding = await site.ask(sequence=1, grants=1, probes=0)
    probing = await site.ask(sequence=1, grants=0, probes=1)
    await site.submit()
    (lease,) = await brought(probing)
    assert lease.kind is StepKind.PROBE
    assert await brought(encoding) == (lease,)
