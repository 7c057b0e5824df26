"""PROBEs beside the slots of executors, over the real protocol."""

from proxx.core.leases import Lease
from proxx.core.steps import StepKind
from tests.contract.world import World
from tests.fakes.scripted_executor import ScriptedExecutor


async def probes(executor: ScriptedExecutor, count: int = 1, *, wait_seconds: float = 5.0) -> tuple[Lease, ...]:
    """What an executor gets whose slots are all taken, but that has room for so many PROBEs."""
    return await executor.take(0, max_probes=count, wait_seconds=wait_seconds)


async def test_sources_are_looked_at_while_every_slot_is_taken(world: World) -> None:
    executor = await world.executor(probe_slots=1)
    job = await world.submit()
    (lease,) = await probes(executor)
    assert (lease.kind, lease.job_key) == (StepKind.PROBE, job.job_key)
    await executor.report_probe(await executor.start(lease))
    await world.decided(job.job_key)
    assert await probes(executor, wait_seconds=0) == ()
    assert (await executor.take_one(StepKind.ENCODE)).job_key == job.job_key


async def test_one_call_brings_both_and_neither_takes_the_place_of_the_other(world: World) -> None:
    executor = await world.executor(probe_slots=1)
    first = await world.submit(clips=2)
    await executor.report_probe(*await probes(executor))
    await world.decided(first.job_key)
    second = await world.submit(clips=17)
    granted = await executor.take(1, max_probes=1)
    assert [(lease.kind, lease.job_key) for lease in granted] == [
        (StepKind.PROBE, second.job_key),
        (StepKind.ENCODE, first.job_key),
    ]
    assert await executor.take(1, max_probes=0, wait_seconds=0) != ()
    assert await executor.take(4, max_probes=0, wait_seconds=0) == ()
    assert [lease.kind for lease in await executor.take(4, max_probes=4, wait_seconds=0)] == [StepKind.PROBE]


async def test_an_executor_without_places_to_probe_does_it_in_its_slots(world: World) -> None:
    executor = await world.executor()
    await world.submit()
    assert await probes(executor, wait_seconds=0) == ()
    assert [lease.kind for lease in await executor.take(1, max_probes=1)] == [StepKind.PROBE]


async def test_a_drained_executor_takes_no_probes_either(world: World) -> None:
    executor = await world.executor(probe_slots=1)
    await world.client.drain_executor(name=executor.description.name, request_id="drain")
    await world.submit()
    assert await probes(executor, wait_seconds=0) == ()
    await world.client.undrain_executor(name=executor.description.name, request_id="undrain")
    assert len(await probes(executor)) == 1


async def test_a_probe_waits_behind_probes_alone_where_they_have_places_of_their_own(world: World) -> None:
    executor = await world.executor(probe_slots=1)
    encodes = await world.submit(clips=3, queue="encodes", priority=9)
    await executor.report_probe(*await probes(executor))
    await world.decided(encodes.job_key)
    ahead = await world.submit(queue="mine")
    behind = await world.submit(queue="mine")
    reasons = [(await world.client.get_job(job_key=key)).waiting_reason for key in (ahead.job_key, behind.job_key)]
    assert [None if reason is None else (str(reason.code), reason.detail) for reason in reasons] == [
        ("SLOT", "it is next; no executor has asked for it yet"),
        ("TURN", 'behind 1 clip of queue "mine"'),
    ]
