"""JobSpecs without end: refused by their size, at once, with nothing stored, and the calls of others go on."""

import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.api.jobs.v1 import jobspec_pb2
from proxx.core.jobs import SubmissionOptions
from proxx.core.jobspec import MAX_TEXT_BYTES
from proxx.rpc.errors import RefusedCallError
from tests.contract.refusal import refused
from tests.contract.world import World, call, spec_of

MILLION = 1_000_000
SECONDS = 5.0
"""Far above what a refusal takes (under a second on an idle machine), far below what reading such a spec would."""
MEMORY_BYTES = 48 * 1024 * 1024
"""The message about twice (30 MB were seen); a list of its sources would add some 60 MB."""


def as_text(**changes: object) -> dict[str, Any]:
    return {"spec_json": json.dumps(json.loads(spec_of()) | changes, separators=(",", ":"))}


def as_message(**changes: Any) -> dict[str, Any]:
    return {"spec": jobspec_pb2.JobSpec(**(json.loads(spec_of()) | changes))}


BODIES: dict[str, tuple[Callable[[], dict[str, Any]], tuple[tuple[str, str], ...]]] = {
    "a text of 12 MB": (
        lambda: as_text(sources=[f"/f/{number:06d}" for number in range(MILLION)]),
        (("LIMIT_EXCEEDED", ""),),
    ),
    "a text below the limit": (lambda: as_text(sources=["/a"] * MILLION), (("LIMIT_EXCEEDED", "sources"),)),
    "a text of sources that are none": (lambda: as_text(sources=[0] * MILLION), (("LIMIT_EXCEEDED", "sources"),)),
    "a message": (lambda: as_message(sources=["/f/a.mov"] * MILLION), (("LIMIT_EXCEEDED", "sources"),)),
    "a million labels": (
        lambda: as_text(user_metadata={str(number): "" for number in range(500_000)}),
        (("LIMIT_EXCEEDED", "user_metadata"),),
    ),
    "a million fields": (lambda: as_text(**{f"f{number}": 1 for number in range(500_000)}), (("LIMIT_EXCEEDED", ""),)),
}


@pytest.mark.parametrize("method", ["SubmitJob", "PlanJob"])
@pytest.mark.parametrize("body", BODIES)
async def test_a_spec_without_end_is_refused_at_once_and_nothing_is_stored(
    world: World, body: str, method: str
) -> None:
    make, violations = BODIES[body]
    request = {"SubmitJob": pb.SubmitJobRequest, "PlanJob": pb.PlanJobRequest}[method](**make())
    if isinstance(request, pb.SubmitJobRequest):
        request.request_id = "one"
    began = time.monotonic()
    refusal = await refused(call(getattr(world.jobs, method), request))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "SPEC_INVALID")
    assert refusal.violations == violations
    assert time.monotonic() - began < SECONDS
    assert (await world.client.list_jobs()).items == ()
    assert world.log.events == []


async def test_our_own_client_is_told_the_limit_too(world: World) -> None:
    sending = world.client.submit_job(
        request_id="one", options=SubmissionOptions(), **as_text(sources=["/a"] * MILLION)
    )
    with pytest.raises(RefusedCallError, match="sources has 1000000 entries; a job has at most 10000 sources: submit"):
        await sending


async def test_a_refusal_of_a_million_sources_needs_memory_for_the_message_alone(world: World) -> None:
    request = pb.SubmitJobRequest(request_id="one", **as_message(sources=["/f/a.mov"] * MILLION))
    tracemalloc.start()
    try:
        await refused(call(world.jobs.SubmitJob, request))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_BYTES


async def test_the_limits_stand_in_the_refusal(world: World) -> None:
    text = as_text(user_metadata={"note": "x" * MAX_TEXT_BYTES})
    refusal = await refused(call(world.jobs.SubmitJob, pb.SubmitJobRequest(request_id="one", **text)))
    assert refusal.message == (
        f"1 violation: The JobSpec has {len(text['spec_json'])} bytes; at most 8388608 are taken, and a job has at most"
        " 10000 sources: submit several jobs"
    )
    many = as_message(sources=["/a.mov"] * 10_001)
    refusal = await refused(call(world.jobs.SubmitJob, pb.SubmitJobRequest(request_id="one", **many)))
    assert refusal.message == (
        "1 violation: sources has 10001 entries; a job has at most 10000 sources: submit several jobs"
    )
