import asyncio

import pytest

from proxx.api.jobs.v1 import event_pb2, job_pb2, job_service_pb2, result_pb2, verb_pb2
from proxx.api.operator.v1 import operator_service_pb2
from proxx.api.profiles.v1 import profile_service_pb2
from proxx.api.types.v1 import plan_pb2
from proxx.core.jobs import (
    ClipProgress,
    ClipView,
    ExecutorView,
    FailurePolicy,
    Heartbeat,
    JobEvent,
    JobPlan,
    JobResult,
    JobState,
    JobView,
    ProbedPath,
    Snapshot,
    SubmissionOptions,
    SystemInfo,
)
from proxx.core.profile import Profile
from proxx.core.spec_revision import SpecRevision
from proxx.core.verbs import Verb, VerbPlan
from proxx.rpc.answers import Page
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallFailedError, RefusedCallError, SchedulerUnreachableError
from proxx.rpc.mapping import to_message
from proxx.rpc.reasons import Reason
from tests.unit.rpc.servers import ScriptedService, running
from tests.unit.rpc.values import built

JOB = built(JobView, full=True)
TOKEN = "t"
JOB_MESSAGE = to_message(JOB, job_pb2.Job)


async def called(service, method, **arguments):
    async with running(service) as up, SchedulerClient(up.target) as client:
        return await getattr(client, method)(**arguments)


async def test_submit_sends_text_and_options_and_tells_whether_it_created():
    service = ScriptedService(SubmitJob=[job_service_pb2.SubmitJobResponse(job=JOB_MESSAGE, created=True)])
    options = SubmissionOptions(failure_policy=FailurePolicy.CONTINUE)
    answer = await called(service, "submit_job", request_id="r", spec_json='{"a": 1}', options=options)
    assert answer == (JOB, True)
    (request,) = service.requests
    assert (request.request_id, request.spec_json, request.options.failure_policy) == ("r", '{"a": 1}', 2)


async def test_plan_returns_the_whole_plan():
    plan = built(JobPlan, full=True)
    service = ScriptedService(PlanJob=[to_message(plan, job_service_pb2.PlanJobResponse)])
    assert plan == await called(service, "plan_job", spec_json="{}", options=SubmissionOptions(), timeout_seconds=10)


async def test_probe_returns_one_entry_for_each_path():
    probed = (built(ProbedPath, full=True), built(ProbedPath, full=False))
    answer = job_service_pb2.ProbeSourceResponse(
        sources=[to_message(entry, job_service_pb2.ProbedSource) for entry in probed]
    )
    service = ScriptedService(ProbeSource=[answer])
    assert probed == await called(service, "probe_source", paths=["/a", "/b"])
    assert list(service.requests[0].paths) == ["/a", "/b"]


@pytest.mark.parametrize(
    ("method", "rpc", "answer"),
    [
        pytest.param("start_job", "StartJob", job_service_pb2.StartJobResponse, id="start"),
        pytest.param("pause_job", "PauseJob", job_service_pb2.PauseJobResponse, id="pause"),
        pytest.param("resume_job", "ResumeJob", job_service_pb2.ResumeJobResponse, id="resume"),
        pytest.param("cancel_job", "CancelJob", job_service_pb2.CancelJobResponse, id="cancel"),
        pytest.param("retry_failed_clips", "RetryFailedClips", job_service_pb2.RetryFailedClipsResponse, id="retry"),
        pytest.param(
            "update_job_scheduling", "UpdateJobScheduling", job_service_pb2.UpdateJobSchedulingResponse, id="reschedule"
        ),
    ],
)
async def test_verb_carries_key_request_id_and_revision(method, rpc, answer):
    service = ScriptedService(**{rpc: [answer(job=JOB_MESSAGE)]})
    assert await called(service, method, job_key="k", request_id="r", expected_revision=4) == JOB
    (request,) = service.requests
    assert (request.job_key, request.request_id, request.expected_revision) == ("k", "r", 4)


async def test_cancel_now_says_so():
    service = ScriptedService(CancelJob=[job_service_pb2.CancelJobResponse(job=JOB_MESSAGE)])
    await called(service, "cancel_job", job_key="k", request_id="r", now=True)
    assert service.requests[0].now is True


async def test_a_change_of_place_carries_only_what_changes():
    service = ScriptedService(UpdateJobScheduling=[job_service_pb2.UpdateJobSchedulingResponse(job=JOB_MESSAGE)])
    await called(service, "update_job_scheduling", job_key="k", request_id="r", queue="night")
    (request,) = service.requests
    assert (request.HasField("priority"), request.queue) == (False, "night")


async def test_a_rebind_carries_the_compiled_spec_and_its_options():
    service = ScriptedService(RebindPreset=[job_service_pb2.RebindPresetResponse(job=JOB_MESSAGE)])
    options = SubmissionOptions(labels={"proxx.preset": "p"})
    words = {"job_key": "k", "request_id": "r", "expected_revision": 4, "spec_json": "{}", "options": options}
    assert await called(service, "rebind_preset", **words) == JOB
    (request,) = service.requests
    assert (request.expected_revision, request.spec_json, dict(request.options.labels)) == (4, "{}", options.labels)


async def test_the_plan_of_a_verb_is_read():
    plan = built(VerbPlan, full=True)
    answer = job_service_pb2.PlanVerbResponse(plan=to_message(plan, verb_pb2.VerbPlan))
    service = ScriptedService(PlanVerb=[answer])
    assert await called(service, "plan_verb", job_key="k", verb=Verb.RESCHEDULE, priority=-3) == plan
    (request,) = service.requests
    assert (request.verb, request.priority, request.HasField("queue")) == (verb_pb2.VERB_RESCHEDULE, -3, False)


async def test_a_revision_of_a_spec_is_read():
    revision = built(SpecRevision, full=True)
    answer = job_service_pb2.GetSpecRevisionResponse(revision=to_message(revision, verb_pb2.SpecRevision), newest=3)
    service = ScriptedService(GetSpecRevision=[answer])
    assert await called(service, "get_spec_revision", job_key="k", number=2) == (revision, 3)
    assert service.requests[0].number == 2


@pytest.mark.parametrize(
    ("method", "rpc", "answer"),
    [
        pytest.param("drain_executor", "DrainExecutor", operator_service_pb2.DrainExecutorResponse, id="drain"),
        pytest.param("undrain_executor", "UndrainExecutor", operator_service_pb2.UndrainExecutorResponse, id="undrain"),
    ],
)
async def test_a_drain_carries_name_and_reason(method, rpc, answer):
    executor = built(ExecutorView, full=True)
    service = ScriptedService(**{rpc: [answer(executors=[to_message(executor, operator_service_pb2.Executor)])]})
    assert await called(service, method, name="one", request_id="r", reason="new disk") == (executor,)
    (request,) = service.requests
    assert (request.name, request.request_id, request.reason) == ("one", "r", "new disk")


async def test_job_and_result_are_read():
    result = built(JobResult, full=True)
    service = ScriptedService(
        GetJob=[job_service_pb2.GetJobResponse(job=JOB_MESSAGE)],
        GetJobResult=[job_service_pb2.GetJobResultResponse(result=to_message(result, result_pb2.JobResult))],
    )
    async with running(service) as up, SchedulerClient(up.target) as client:
        assert (await client.get_job(job_key="k"), await client.get_job_result(job_key="k")) == (JOB, result)


async def test_jobs_and_clips_come_in_pages():
    clip = built(ClipView, full=True)
    service = ScriptedService(
        ListJobs=[job_service_pb2.ListJobsResponse(jobs=[JOB_MESSAGE], next_page_token=TOKEN)],
        ListClips=[job_service_pb2.ListClipsResponse(clips=[to_message(clip, job_pb2.Clip)])],
    )
    async with running(service) as up, SchedulerClient(up.target) as client:
        jobs = await client.list_jobs(states=(JobState.RUNNING, JobState.PAUSED), page_size=1, page_token=TOKEN)
        clips = await client.list_clips(job_key="k")
    assert (jobs, clips) == (Page(items=(JOB,), next_page_token=TOKEN), Page(items=(clip,), next_page_token=""))
    assert list(service.requests[0].states) == [job_pb2.JOB_STATE_RUNNING, job_pb2.JOB_STATE_PAUSED]


async def test_page_with_a_broken_entry_names_the_entry():
    service = ScriptedService(ListJobs=[job_service_pb2.ListJobsResponse(jobs=[JOB_MESSAGE, job_pb2.Job()])])
    with pytest.raises(CallFailedError, match=r"jobs\[1\]\.state: is unspecified"):
        await called(service, "list_jobs")


async def test_profiles_are_collected_over_every_page():
    profile = built(Profile, full=True)
    message = to_message(profile, plan_pb2.Profile)
    service = ScriptedService(
        ListProfiles=[
            profile_service_pb2.ListProfilesResponse(profiles=[message], next_page_token=TOKEN),
            profile_service_pb2.ListProfilesResponse(profiles=[message, message]),
        ],
        GetProfile=[profile_service_pb2.GetProfileResponse(profile=message)],
    )
    async with running(service) as up, SchedulerClient(up.target) as client:
        assert await client.list_profiles() == (profile, profile, profile)
        assert await client.get_profile(name="p") == profile
    assert [request.page_token for request in service.requests[:2]] == ["", TOKEN]


async def test_system_and_executors_are_read():
    info, executor = built(SystemInfo, full=True), built(ExecutorView, full=True)
    service = ScriptedService(
        GetSystemInfo=[to_message(info, operator_service_pb2.GetSystemInfoResponse)],
        ListExecutors=[
            operator_service_pb2.ListExecutorsResponse(executors=[to_message(executor, operator_service_pb2.Executor)])
        ],
    )
    async with running(service) as up, SchedulerClient(up.target) as client:
        assert (await client.get_system_info(), await client.list_executors()) == (info, (executor,))


def event(sequence):
    message = to_message(built(JobEvent, full=True), event_pb2.JobEvent)
    message.sequence = sequence
    return job_service_pb2.WatchJobsResponse(event=message)


def snapshot(sequence):
    return job_service_pb2.WatchJobsResponse(snapshot=job_service_pb2.Snapshot(sequence=sequence, jobs=[JOB_MESSAGE]))


def heartbeat(sequence):
    return job_service_pb2.WatchJobsResponse(heartbeat=job_service_pb2.Heartbeat(sequence=sequence))


async def followed(target, number, **arguments):
    async with SchedulerClient(target) as client:
        updates = client.watch_jobs(job_keys=("k",), **arguments)
        seen = [await anext(updates) for _ in range(number)]
        await updates.aclose()
        return seen


async def test_watch_yields_every_kind_of_update():
    progress = to_message(built(ClipProgress, full=True), event_pb2.ClipProgress)
    service = ScriptedService(
        WatchJobs=[[snapshot(3), event(4), job_service_pb2.WatchJobsResponse(progress=progress), heartbeat(4)]]
    )
    async with running(service) as up:
        seen = await followed(up.target, 4, include_progress=True)
    assert [type(update) for update in seen] == [Snapshot, JobEvent, ClipProgress, Heartbeat]
    assert (list(service.requests[0].job_keys), service.requests[0].include_progress) == (["k"], True)


@pytest.mark.parametrize(
    "loss",
    [
        pytest.param(RefusedCallError(reason=Reason.DRAINING, message="stops"), id="scheduler drains"),
        pytest.param(RefusedCallError(reason=Reason.SLOW_READER, message="too slow"), id="reader too slow"),
        pytest.param(RefusedCallError(reason=Reason.CERTIFICATE_REVOKED, message="old"), id="old certificate"),
        pytest.param(RefusedCallError(reason=Reason.TOKEN_EXPIRED, message="old"), id="old token"),
    ],
)
async def test_watch_resumes_after_the_last_event_it_saw(loss):
    service = ScriptedService(WatchJobs=[[snapshot(3), event(4), heartbeat(9), loss], [event(5), event(6)]])
    async with running(service) as up:
        seen = await followed(up.target, 5)
    assert [update.sequence for update in seen] == [3, 4, 9, 5, 6]
    assert [request.after_sequence for request in service.requests] == [0, 4]


async def test_watch_of_somebody_who_is_not_let_in_ends_at_once():
    refusal = RefusedCallError(reason=Reason.TOKEN_UNKNOWN, message="who are you")
    async with running(ScriptedService(WatchJobs=[[refusal]])) as up, SchedulerClient(up.target) as client:
        with pytest.raises(RefusedCallError) as refused:
            await anext(client.watch_jobs(reconnect_seconds=30))
    assert refused.value.reason == "TOKEN_UNKNOWN"


async def test_watch_outlives_a_restart_of_the_scheduler(tmp_path):
    target = f"unix:{tmp_path}/s.sock"
    first = ScriptedService(WatchJobs=[[snapshot(3), event(4), asyncio.Event().wait()]])
    second = ScriptedService(WatchJobs=[[event(5)]])
    async with SchedulerClient(target) as client:
        updates = client.watch_jobs(reconnect_seconds=30)
        async with running(first, listen=target):
            seen = [await anext(updates), await anext(updates)]
        async with running(second, listen=target):
            seen.append(await anext(updates))
            await updates.aclose()
    assert [update.sequence for update in seen] == [3, 4, 5]
    assert second.requests[0].after_sequence == 4


async def test_watch_gives_up_after_its_time(tmp_path):
    with pytest.raises(SchedulerUnreachableError, match="UNAVAILABLE"):
        await followed(f"unix:{tmp_path}/nobody.sock", 1, reconnect_seconds=0)


async def test_refused_watch_is_raised_at_once():
    refusal = RefusedCallError(reason=Reason.CURSOR_TRUNCATED, message="900 is ahead of 120")
    async with running(ScriptedService(WatchJobs=[[refusal]])) as up:
        with pytest.raises(RefusedCallError, match="900 is ahead of 120"):
            await followed(up.target, 1, after_sequence=900)


async def test_update_of_an_unknown_kind_is_a_failed_call():
    service = ScriptedService(WatchJobs=[[job_service_pb2.WatchJobsResponse()]])
    async with running(service) as up:
        with pytest.raises(CallFailedError, match="a kind that this version does not know"):
            await followed(up.target, 1)


async def test_waiting_for_readiness_ends_when_the_scheduler_is_ready():
    async with running(ScriptedService()) as up, SchedulerClient(up.target) as client:
        await up.server.set_ready(False)
        waiting = asyncio.ensure_future(client.wait_ready(timeout_seconds=30))
        await up.server.set_ready(True)
        await waiting


async def test_waiting_for_readiness_is_bounded(tmp_path):
    target = f"unix:{tmp_path}/nobody.sock"
    async with SchedulerClient(target) as client:
        with pytest.raises(SchedulerUnreachableError, match=r"not ready within 0.05 s"):
            await client.wait_ready(timeout_seconds=0.05)
