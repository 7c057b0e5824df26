"""Page tokens of others: another list, another filter, another server, made up, cut, lengthened. None gives a page."""

import base64
from pathlib import Path

import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.core.jobs import JobState
from proxx_scheduler.transport.paging import SEAL_BYTES, PageTokens
from tests.contract.refusal import refused
from tests.contract.world import World, call


async def token_of(world: World) -> str:
    """Submit two jobs; return the token of the second page of jobs."""
    for _ in range(2):
        await world.submit(hold=True)
    return (await world.client.list_jobs(page_size=1)).next_page_token


async def refusal_of(world: World, token: str, **filters: object) -> tuple[str, str]:
    refusal = await refused(call(world.jobs.ListJobs, pb.ListJobsRequest(page_token=token, **filters)))
    return refusal.reason, refusal.metadata["page_token"]


async def test_a_token_of_another_server_is_refused(world: World, tmp_path: Path) -> None:
    await token_of(world)
    directory = tmp_path / "other"
    directory.mkdir()
    async with World(directory, lease_seconds=60) as other:
        token = await token_of(other)
    assert await refusal_of(world, token) == ("PAGE_TOKEN_INVALID", token)


async def test_a_token_outlives_a_restart_of_its_server(world: World) -> None:
    token = await token_of(world)
    await world.restart()
    page = await world.client.list_jobs(page_size=1, page_token=token)
    assert (len(page.items), page.next_page_token) == (1, "")


async def test_a_token_of_another_jobs_clips_is_refused(world: World) -> None:
    one, other = await world.submit(clips=2), await world.submit(clips=2)
    token = (await world.client.list_clips(job_key=one.job_key, page_size=1)).next_page_token
    refusal = await refused(call(world.jobs.ListClips, pb.ListClipsRequest(job_key=other.job_key, page_token=token)))
    assert refusal.reason == "PAGE_TOKEN_INVALID"


async def test_a_token_of_another_runs_result_is_refused(world: World) -> None:
    job = await world.submit(clips=2)
    request = pb.GetJobResultRequest(job_key=job.job_key, page_size=1)
    token = (await call(world.jobs.GetJobResult, request)).next_page_token
    request = pb.GetJobResultRequest(job_key=job.job_key, page_token=token, run_number=1)
    assert (await refused(call(world.jobs.GetJobResult, request))).reason == "PAGE_TOKEN_INVALID"


async def test_a_token_of_another_filter_is_refused(world: World) -> None:
    token = await token_of(world)
    for filters in ({"states": [JobState.PENDING]}, {"job_id": "0a1b2c3d"}):
        refusal = await refused(world.client.list_jobs(page_token=token, **filters))
        assert (filters, refusal.reason) == (filters, "PAGE_TOKEN_INVALID")


async def test_a_token_that_was_cut_or_lengthened_anywhere_is_refused(world: World) -> None:
    token = await token_of(world)
    changed = {token[:length] for length in range(1, len(token))} | {token + "=", token + token, "=" + token}
    for found in sorted(changed):
        assert (found, *await refusal_of(world, found)) == (found, "PAGE_TOKEN_INVALID", found)


async def test_a_token_of_which_any_bit_is_turned_is_refused(world: World) -> None:
    token = await token_of(world)
    data = base64.urlsafe_b64decode(token)
    for bit in range(0, 8 * len(data), 3):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        forged = base64.urlsafe_b64encode(turned).decode()
        assert (bit, *await refusal_of(world, forged)) == (bit, "PAGE_TOKEN_INVALID", forged)


@pytest.mark.parametrize("key", ["", "0" * 64], ids=["no_key", "a_guessed_key"])
async def test_a_token_that_somebody_made_up_is_refused(world: World, key: str) -> None:
    await token_of(world)
    forged = PageTokens(key=key).write(scope="jobs//", after=1)
    assert await refusal_of(world, forged) == ("PAGE_TOKEN_INVALID", forged)


async def test_a_token_without_end_is_refused_and_not_repeated_whole(world: World) -> None:
    token = base64.urlsafe_b64encode(b"\0" * SEAL_BYTES + b"9" * 30_000).decode()
    assert await refusal_of(world, token) == ("PAGE_TOKEN_INVALID", token[:200])
