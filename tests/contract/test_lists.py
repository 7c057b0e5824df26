"""Lists and pages: jobs, clips, results, profiles, executors; and the facts of the system."""

from datetime import timedelta
from typing import Any

import pytest

from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.api.operator.v1 import operator_service_pb2 as operator_pb
from proxx.api.profiles.v1 import profile_service_pb2 as profile_pb
from proxx.core.detection import Engine
from proxx.core.jobs import ClipState, ClipView, ExecutorView, JobState, RootInfo, Snapshot, SystemInfo
from proxx.core.leases import ReleaseReason
from proxx.core.plan import PLANNER_VERSION
from proxx.runtime.version import current_version
from tests.contract.refusal import refused
from tests.contract.world import LIBRARY, World, call, spec_of
from tests.fakes.leases import TOOLCHAIN


async def pages(method: Any, request: Any, field: str) -> list[list[Any]]:
    """Read a list to its end, page by page."""
    found = []
    while True:
        answer = await call(method, request)
        found.append(list(getattr(answer, field)))
        if not answer.next_page_token:
            return found
        request.page_token = answer.next_page_token


async def test_jobs_come_newest_first_in_pages_that_a_new_job_does_not_disturb(world: World) -> None:
    keys = [(await world.submit()).job_key for _ in range(5)]
    first = await world.client.list_jobs(page_size=2)
    await world.submit()
    second = await world.client.list_jobs(page_size=2, page_token=first.next_page_token)
    third = await world.client.list_jobs(page_size=2, page_token=second.next_page_token)
    found = [[job.job_key for job in page.items] for page in (first, second, third)]
    assert found == [[keys[4], keys[3]], [keys[2], keys[1]], [keys[0]]]
    assert third.next_page_token == ""


async def test_jobs_are_filtered_by_state_and_by_the_id_of_their_spec(world: World) -> None:
    executor = await world.executor()
    done = await world.admitted(executor)
    await executor.make()
    waiting = await world.submit()
    await world.reached(done, JobState.COMPLETED)

    async def keys(**filters: Any) -> list[str]:
        return [job.job_key for job in (await world.client.list_jobs(**filters)).items]

    assert await keys(states=[JobState.COMPLETED]) == [done]
    assert await keys(states=[JobState.COMPLETED, JobState.PENDING]) == [waiting.job_key, done]
    assert await keys(job_id=waiting.job_id) == [waiting.job_key]
    assert await keys(job_id="ffffffff") == []


async def test_the_last_page_is_known_to_be_the_last_when_it_is_full(world: World) -> None:
    for _ in range(4):
        await world.submit()
    sizes = [len(page) for page in await pages(world.jobs.ListJobs, pb.ListJobsRequest(page_size=2), "jobs")]
    assert sizes == [2, 2]


async def test_jobs_too_large_for_one_message_come_on_several_pages_and_in_several_snapshots(world: World) -> None:
    folder = "/".join(["d" * 200] * 18)
    for number in range(3):
        sources = [f"/{folder}/{index}.mov" for index in range(1900)]
        text = spec_of(sources=sources, naming_template="{index}", output_directory=f"/proxies/{number}")
        await world.submit(text, hold=True)
    found = await pages(world.jobs.ListJobs, pb.ListJobsRequest(), "jobs")
    assert len(found) > 1
    newest_first = [job.spec.output_directory for page in found for job in page]
    assert newest_first == ["/proxies/2", "/proxies/1", "/proxies/0"]

    snapshots = []
    async for update in world.client.watch_jobs(job_keys=(), after_sequence=0, include_progress=False):
        assert isinstance(update, Snapshot)
        snapshots.append(update)
        if not update.partial:
            break
    assert [(len(part.jobs), part.partial, part.sequence > 0) for part in snapshots] == [
        (1, True, False),
        (1, True, False),
        (1, False, True),
    ]


async def test_clips_come_in_clip_order_in_pages(world: World) -> None:
    job = await world.submit(clips=5)
    request = pb.ListClipsRequest(job_key=job.job_key, page_size=2)
    found = await pages(world.jobs.ListClips, request, "clips")
    assert [[clip.clip_index for clip in page] for page in found] == [[0, 1], [2, 3], [4]]


async def test_a_clip_shows_paths_plan_executor_epoch_and_times(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=2)
    lease = await executor.begin()
    running, queued = (await world.client.list_clips(job_key=key)).items
    expected = ClipView(
        job_key=key,
        clip_index=0,
        state=ClipState.RUNNING,
        reason="",
        source_path="/footage/A001.mov",
        output_path="/proxies/1/A001_proxy.mp4",
        engine=Engine.FFMPEG,
        plan_digest=executor.plan_of(lease).digest,
        failure=None,
        epoch=1,
        executor="bench-1",
        start_time=running.start_time,
        end_time=None,
    )
    assert running == expected
    assert running.start_time is not None
    assert (queued.state, queued.epoch, queued.executor, queued.output_path) == (
        ClipState.QUEUED,
        0,
        "",
        "/proxies/1/A002_proxy.mp4",
    )
    assert queued.plan_digest not in ("", running.plan_digest)


async def test_a_result_comes_in_pages_of_clips_with_the_same_head(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor, clips=3)
    for _ in range(3):
        await executor.make()
    await world.reached(key, JobState.COMPLETED)
    request = pb.GetJobResultRequest(job_key=key, page_size=2)
    first = await call(world.jobs.GetJobResult, request)
    request.page_token = first.next_page_token
    second = await call(world.jobs.GetJobResult, request)
    assert [clip.clip_index for clip in first.result.clips] == [0, 1]
    assert [clip.clip_index for clip in second.result.clips] == [2]
    assert second.next_page_token == ""
    del first.result.clips[:]
    del second.result.clips[:]
    assert first.result == second.result


async def test_profiles_come_by_name_in_pages_and_are_those_of_the_library(world: World) -> None:
    found = await pages(world.profiles.ListProfiles, profile_pb.ListProfilesRequest(page_size=5), "profiles")
    names = [profile.name for page in found for profile in page]
    assert {len(page) for page in found[:-1]} == {5}
    assert names == sorted(profile.name for profile in LIBRARY.profiles)
    assert await world.client.list_profiles() == LIBRARY.profiles


async def test_a_profile_is_returned_whole(world: World) -> None:
    assert await world.client.get_profile(name="proxy_prores_proxy") == LIBRARY.get("proxy_prores_proxy")


async def test_executors_come_by_name_in_pages(world: World) -> None:
    for name in ("gpu-2", "bench-1", "bench-2"):
        await world.executor(name)
    found = await pages(world.operator.ListExecutors, operator_pb.ListExecutorsRequest(page_size=2), "executors")
    assert [[view.name for view in page] for page in found] == [["bench-1", "bench-2"], ["gpu-2"]]


async def test_an_executor_shows_what_it_said_of_itself_and_what_it_holds(world: World) -> None:
    executor = await world.executor()
    await world.admitted(executor, clips=2)
    lease, _ = await executor.take(2)
    (view,) = await world.client.list_executors()
    description = executor.description
    assert view == ExecutorView(
        name="bench-1",
        incarnation=description.incarnation,
        engine=Engine.FFMPEG,
        state="READY",
        slots=4,
        leases=2,
        toolchain=TOOLCHAIN,
        sandbox_level="process",
        roots=("local",),
        last_seen_time=view.last_seen_time,
        version="0.1.0",
    )
    await executor.release(lease, ReleaseReason.NOT_STARTED)
    assert [view.leases for view in await world.client.list_executors()] == [1]


async def test_an_executor_that_fell_silent_is_shown_as_lost(brief: World) -> None:
    executor = await brief.executor()
    key = await brief.admitted(executor)
    await executor.begin()
    await brief.reached(key, JobState.RECOVERY_REQUIRED)
    assert [view.state for view in await brief.client.list_executors()] == ["LOST"]


async def test_the_system_tells_its_version_schema_limits_and_roots(world: World) -> None:
    info = await world.client.get_system_info()
    assert info == SystemInfo(
        version=str(current_version()),
        schema_revision=info.schema_revision,
        planner_version=PLANNER_VERSION,
        jobspec_versions=("2.1", "1.0.0"),
        max_sources=10_000,
        max_message_bytes=16 * 1024 * 1024,
        roots=(RootInfo(name="local", spelling="/"),),
        database=world.database.kind,
    )
    assert info.schema_revision


LISTS = ("jobs", "clips", "result", "profiles", "executors")


async def page_of(world: World, name: str, job_key: str, **page: Any) -> Any:
    """Ask one of the lists for one page."""
    lists = {
        "jobs": (world.jobs.ListJobs, pb.ListJobsRequest(**page)),
        "clips": (world.jobs.ListClips, pb.ListClipsRequest(job_key=job_key, **page)),
        "result": (world.jobs.GetJobResult, pb.GetJobResultRequest(job_key=job_key, **page)),
        "profiles": (world.profiles.ListProfiles, profile_pb.ListProfilesRequest(**page)),
        "executors": (world.operator.ListExecutors, operator_pb.ListExecutorsRequest(**page)),
    }
    return await call(*lists[name])


@pytest.mark.parametrize("size", [-1, 501])
@pytest.mark.parametrize("name", LISTS)
async def test_a_page_holds_0_to_500_entries(world: World, name: str, size: int) -> None:
    job = await world.submit()
    refusal = await refused(page_of(world, name, job.job_key, page_size=size))
    assert (refusal.reason, refusal.metadata["field"]) == ("REQUEST_INVALID", "page_size")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("!", id="not base64"),
        pytest.param("bm9ib2R5OjE=", id="of another list"),
        pytest.param("ü", id="not ASCII"),
        pytest.param("am9icy8vOi0x", id="a negative position"),
        pytest.param("am9icy8vOjk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=", id="a position beyond 64 bits"),
    ],
)
async def test_a_page_token_that_no_list_gave_is_refused(world: World, token: str) -> None:
    refusal = await refused(call(world.jobs.ListJobs, pb.ListJobsRequest(page_token=token)))
    assert (refusal.reason, refusal.metadata) == ("PAGE_TOKEN_INVALID", {"page_token": token})


@pytest.mark.parametrize("name", LISTS)
async def test_a_page_token_of_one_list_is_refused_by_another(world: World, name: str) -> None:
    for _ in range(2):
        job = await world.submit(clips=2)
    source = "clips" if name == "jobs" else "jobs"
    token = (await page_of(world, source, job.job_key, page_size=1)).next_page_token
    assert token
    refusal = await refused(page_of(world, name, job.job_key, page_token=token))
    assert refusal.reason == "PAGE_TOKEN_INVALID"


async def test_a_page_token_goes_with_its_filter(world: World) -> None:
    for _ in range(2):
        await world.submit()
    token = (await world.client.list_jobs(page_size=1)).next_page_token
    refusal = await refused(world.client.list_jobs(page_token=token, states=[JobState.PENDING]))
    assert refusal.reason == "PAGE_TOKEN_INVALID"


async def test_times_of_a_finished_job_are_in_order(world: World) -> None:
    executor = await world.executor()
    key = await world.admitted(executor)
    await executor.make()
    job = await world.reached(key, JobState.COMPLETED)
    assert job.start_time is not None
    assert job.end_time is not None
    assert job.submit_time <= job.start_time <= job.end_time
    assert job.end_time - job.submit_time < timedelta(minutes=2)
