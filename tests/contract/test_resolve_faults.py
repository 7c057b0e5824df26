"""Camera RAW where something is wrong: hosts that go away, reports that are absurd, engines that do not answer."""

import asyncio
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from proxx.core.facts import MediaFacts
from proxx.core.failure import FailureKind
from proxx.core.jobs import JobState
from proxx.core.steps import StepKind
from proxx.core.violation import Violation, ViolationCode
from proxx.core.waiting import WaitingCode
from tests.contract.test_resolve_routing import admitted, planning, resolve, submitted
from tests.contract.world import World
from tests.fakes.measured import CAMERA_RAW, RAW_FACTS


def video(**changes: Any) -> MediaFacts:
    assert RAW_FACTS.video is not None
    return replace(RAW_FACTS, video=replace(RAW_FACTS.video, **changes))


ABSURD = {
    "frames": video(frame_count=2**62),
    "negative_frames": video(frame_count=-5),
    "no_frames": video(frame_count=0),
    "raster": video(width=2**31 - 1, height=2**31 - 1, frame_count=2**40),
    "no_raster": video(width=0, height=0),
    "negative_raster": video(width=-1920, height=-2),
    "rate": video(frame_rate=Fraction(0)),
    "rate_negative": video(frame_rate=Fraction(-25)),
    "rate_large": video(frame_rate=Fraction(2**60)),
    "rate_small": video(frame_rate=Fraction(1, 2**60), frame_count=2**62),
    "nul": video(codec="a\x00b", pixel_format="\x00"),
    "size": replace(RAW_FACTS, size_bytes=-1),
    "no_video": replace(RAW_FACTS, video=None),
}


@pytest.mark.parametrize("name", ABSURD)
async def test_absurd(tmp_path: Any, name: str) -> None:
    async with World(tmp_path, lease_seconds=60, rules={"staging_budget": ("local=1GiB",)}) as world:
        gpu = await resolve(world)
        for number, policy in enumerate(["FAIL_FAST", "CONTINUE"]):
            key = await submitted(world, 2, number=number + 1, failure_policy=policy)
            await gpu.answer_probes(CAMERA_RAW)
            await gpu.answer_inspect()
            lease = await gpu.begin(StepKind.INSPECT)
            try:
                await gpu.report_inspect(lease, ABSURD[name])
            except Exception as e:
                print("REFUSED", name, policy, repr(e)[:200])
                continue
            try:
                async with asyncio.timeout(3):
                    view = await world.decided(key)
            except TimeoutError:
                print("STUCK", name, policy)
                continue
            print("OUT", name, policy, view.state, [v.message[:150] for v in view.violations])
            if view.state is JobState.RUNNING:
                for _ in range(2):
                    ls = await gpu.take(wait_seconds=0)
                    print("   lease", [(l.kind, l.clip_index) for l in ls])
                await world.client.list_clips(job_key=key)
                await world.client.cancel_job(job_key=key, request_id=f"c{number}")


async def test_a_job_of_which_a_part_is_inspected_says_for_what_the_rest_waits(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world, 3)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.answer_inspect()
    await gpu.close()
    job = await world.client.get_job(job_key=key)
    print(job.waiting_reason)
    assert job.waiting_reason is not None
    assert job.waiting_reason.code is WaitingCode.NO_EXECUTOR


async def test_dry_unavailable(world: World) -> None:
    bad, good = await resolve(world, "bad"), await resolve(world, "good")
    task = planning(world)
    await bad.answer_probes(CAMERA_RAW)
    await bad.fail(await bad.begin(StepKind.INSPECT), kind=FailureKind.ENGINE_UNAVAILABLE)
    plan = await task
    print(plan.admissible, plan.violations, plan.warnings)


@pytest.mark.parametrize("name", ["frames", "rate", "no_raster", "rate_small"])
async def test_dry_absurd(world: World, name: str) -> None:
    gpu = await resolve(world)
    task = planning(world)
    await gpu.answer_probes(CAMERA_RAW)
    await gpu.report_inspect(await gpu.begin(StepKind.INSPECT), ABSURD[name])
    try:
        plan = await task
        print(name, plan.admissible, plan.violations, plan.warnings)
    except Exception as e:
        print("DRY", name, repr(e)[:300])


async def test_many_violations(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world, 1)
    await gpu.answer_probes(CAMERA_RAW)
    vs = [Violation(code=ViolationCode.SOURCE_UNREADABLE, field="source", message="x" * 100_000)] * 140
    lease = await gpu.begin(StepKind.INSPECT)
    try:
        print(await gpu.report_inspect(lease, None, violations=vs))
    except Exception as e:
        print("SEND", repr(e)[:300])
        return
    try:
        view = await world.decided(key)
        print(view.state, len(view.violations))
    except BaseException as e:
        print("GET", repr(e)[:300])


async def test_poison(world: World) -> None:
    gpu = await resolve(world)
    key = await submitted(world, 2)
    await gpu.answer_probes(CAMERA_RAW)
    for _ in range(2):
        lease = await gpu.begin(StepKind.INSPECT)
        print(await gpu.report_inspect(lease, replace(RAW_FACTS, warnings=("x" * 9_000_000,))))
    view = await world.decided(key)
    print(view.state, view.violations)
    for _ in range(2):
        try:
            print([l.kind for l in await gpu.take(2, wait_seconds=0)])
        except Exception as e:
            print("TAKE", repr(e)[:300])
    try:
        print(len((await world.client.list_clips(job_key=key)).items))
    except Exception as e:
        print("LIST", repr(e)[:300])


async def test_poison_parts(world: World) -> None:
    from proxx.core.facts import PartIdentity
    from tests.fakes.measured import probed
    gpu = await resolve(world)
    key = await submitted(world, 1)
    part = PartIdentity(path="x" * 4000, size_bytes=1, mtime_ns=1, inode=1, edge_sha256="0" * 64)
    def found(item):
        p = probed(item, detection=CAMERA_RAW)
        return replace(p, identity=replace(p.identity, parts=(part,) * 4050))
    await gpu.answer_probes(found)
    for _ in range(2):
        try:
            print([l.kind for l in await gpu.take(2, wait_seconds=1)])
        except Exception as e:
            print("TAKE", repr(e)[:300])
