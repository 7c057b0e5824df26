"""Text that one of the databases cannot hold is refused as the caller's mistake, never as trouble of the database."""

import grpc
import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.jobs import JobState, SubmissionOptions
from tests.contract.refusal import refused
from tests.contract.world import World, call, spec_of


@pytest.mark.parametrize("request_id", ["a\x00b", "a\nb", "x" * 129], ids=["nul", "line_break", "too_long"])
async def test_a_request_id_with_control_characters_or_without_end_is_refused(world: World, request_id: str) -> None:
    sending = world.client.submit_job(request_id=request_id, spec_json=spec_of(), options=SubmissionOptions())
    refusal = await refused(sending)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_INVALID")
    assert refusal.metadata["field"] == "request_id"


@pytest.mark.parametrize("queue", ["a\x00b", "q" * 201], ids=["nul", "too_long"])
async def test_a_queue_with_control_characters_or_without_end_is_refused(world: World, queue: str) -> None:
    sending = world.client.submit_job(request_id="r", spec_json=spec_of(), options=SubmissionOptions(queue=queue))
    refusal = await refused(sending)
    assert (refusal.reason, refusal.violations) == ("SPEC_INVALID", (("FIELD_VALUE", "options.queue"),))


@pytest.mark.parametrize(
    "key", ["a\x00b", "k" * 5000, "\U0001f3a5", "'; DROP TABLE jobs; --"], ids=["nul", "long", "camera", "sql"]
)
async def test_a_job_key_that_no_job_can_have_is_the_callers_mistake(world: World, key: str) -> None:
    refusal = await refused(call(world.jobs.GetJob, pb.GetJobRequest(job_key=key)))
    assert refusal.code in (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT)
    assert (await world.submit()).state is JobState.PENDING


@pytest.mark.parametrize("name", ["n\x00m", "n" * 201], ids=["nul", "too_long"])
async def test_an_executor_with_control_characters_in_its_name_or_without_end_is_refused(
    world: World, name: str
) -> None:
    refusal = await refused(world.executor(name))
    assert (refusal.reason, refusal.metadata["field"]) == ("EXECUTOR_INVALID", "name")


async def test_an_executor_with_a_hostile_name_can_work(world: World) -> None:
    executor = await world.executor("n'\\\U0001f3a5; --")
    await world.admitted(executor)
    assert [view.name for view in await world.client.list_executors()] == ["n'\\\U0001f3a5; --"]
