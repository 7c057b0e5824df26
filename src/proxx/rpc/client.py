"""The scheduler's client: typed methods over dataclasses of core."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from proxx.api.jobs.v1 import job_pb2, jobspec_pb2, verb_pb2
from proxx.api.jobs.v1 import job_service_pb2 as jobs_pb2
from proxx.api.jobs.v1 import job_service_pb2_grpc as jobs_grpc
from proxx.api.operator.v1 import operator_service_pb2 as operator_pb2
from proxx.api.operator.v1 import operator_service_pb2_grpc as operator_grpc
from proxx.api.profiles.v1 import profile_service_pb2 as profiles_pb2
from proxx.api.profiles.v1 import profile_service_pb2_grpc as profiles_grpc
from proxx.api.watch.v1 import watch_service_pb2 as watch_pb2
from proxx.api.watch.v1 import watch_service_pb2_grpc as watch_grpc
from proxx.core.access import CallerView
from proxx.core.jobs import (
    ClipResult,
    ClipView,
    ExecutorView,
    JobPlan,
    JobResult,
    JobState,
    JobView,
    ProbedPath,
    SubmissionOptions,
    SystemInfo,
)
from proxx.core.profile import Profile
from proxx.core.spec_revision import SpecRevision
from proxx.core.verbs import Verb, VerbPlan
from proxx.core.watch_folders import TakenFolder, WatchFolder
from proxx.rpc.answers import Page, read_all, read_executors, read_field, read_job, read_page
from proxx.rpc.audit_client import AuditClient
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity
from proxx.rpc.connection import Connection
from proxx.rpc.mapping import enum_to_number, from_message, to_message
from proxx.rpc.watching import Update, watch

Item = TypeVar("Item")
_VERB = verb_pb2.DESCRIPTOR.enum_types_by_name["Verb"]
_JOB_STATE = job_pb2.DESCRIPTOR.enum_types_by_name["JobState"]


class SchedulerClient:
    """A scheduler at `host:port` or `unix:/path`. Use it as an async context manager.

    Every method raises SchedulerUnreachableError, CallTimeoutError, RefusedCallError or CallFailedError of
    proxx.rpc.errors; the method's own documentation is the RPC's comment in protos/proxx/api.
    """

    def __init__(
        self,
        target: str,
        *,
        timeout_seconds: float = 30.0,
        actor: str = "",
        security: ClientSecurity = OPEN_CLIENT,
    ) -> None:
        """Take the target, the deadline of ordinary calls, and who calls ("": not told). Nothing is dialled yet.

        Raises:
            AddressError: the target is malformed.
            ClientSecurityError: a token would be sent in the clear, or a file of `security` cannot be used.
        """
        self._connection = Connection(target, actor=actor, security=security)
        self._timeout = timeout_seconds
        self.audit = AuditClient(self._connection)
        channel = self._connection.channel
        self._jobs = jobs_grpc.JobServiceStub(channel)
        self._profiles = profiles_grpc.ProfileServiceStub(channel)
        self._operator = operator_grpc.OperatorServiceStub(channel)
        self._watch = watch_grpc.WatchServiceStub(channel)

    @property
    def target(self) -> str:
        """Where the scheduler is."""
        return self._connection.target

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the channel."""
        await self.close()

    async def close(self) -> None:
        """Close the channel; calls under way are cancelled."""
        await self._connection.close()

    async def wait_ready(self, *, timeout_seconds: float) -> None:
        """Wait until the scheduler says that it is ready."""
        await self._connection.wait_ready(timeout_seconds=timeout_seconds)

    async def submit_job(
        self, *, request_id: str, spec_json: str, options: SubmissionOptions, actor: str = ""
    ) -> tuple[JobView, bool]:
        """Submit the text of a JobSpec file. Returns the job, and whether this call made it. `actor`: who submits."""
        request = jobs_pb2.SubmitJobRequest(
            request_id=request_id,
            spec_json=spec_json,
            options=to_message(options, jobspec_pb2.SubmissionOptions),
        )
        return await self._call(
            self._jobs.SubmitJob,
            request,
            lambda answer: (read_field(answer, "job", JobView), answer.created),
            actor=actor,
        )

    async def plan_job(self, *, spec_json: str, options: SubmissionOptions, timeout_seconds: float) -> JobPlan:
        """Plan a job without creating it."""
        request = jobs_pb2.PlanJobRequest(
            spec_json=spec_json, options=to_message(options, jobspec_pb2.SubmissionOptions)
        )
        return await self._call(
            self._jobs.PlanJob, request, lambda answer: from_message(answer, JobPlan), timeout_seconds=timeout_seconds
        )

    async def probe_source(
        self, *, paths: Sequence[str], timeout_seconds: float | None = None
    ) -> tuple[ProbedPath, ...]:
        """Probe files: what each is and how it would be routed, in the order asked."""
        return await self._call(
            self._jobs.ProbeSource,
            jobs_pb2.ProbeSourceRequest(paths=paths),
            lambda answer: read_all(answer.sources, "sources", ProbedPath),
            timeout_seconds=timeout_seconds,
        )

    async def get_job(self, *, job_key: str) -> JobView:
        """Return a job."""
        return await self._call(self._jobs.GetJob, jobs_pb2.GetJobRequest(job_key=job_key), read_job)

    async def get_submission(self, *, request_id: str) -> JobView:
        """Return the job that a request_id made."""
        request = jobs_pb2.GetSubmissionRequest(request_id=request_id)
        return await self._call(self._jobs.GetSubmission, request, read_job)

    async def list_jobs(
        self, *, states: Sequence[JobState] = (), job_id: str = "", page_size: int = 0, page_token: str = ""
    ) -> Page[JobView]:
        """Return a page of jobs, newest first."""
        request = jobs_pb2.ListJobsRequest(page_size=page_size, page_token=page_token, job_id=job_id)
        numbers: Any = [enum_to_number(state, _JOB_STATE) for state in states]
        request.states.extend(numbers)
        return await self._call(self._jobs.ListJobs, request, lambda answer: read_page(answer, "jobs", JobView))

    async def list_clips(self, *, job_key: str, page_size: int = 0, page_token: str = "") -> Page[ClipView]:
        """Return a page of a job's clips, in clip order."""
        request = jobs_pb2.ListClipsRequest(job_key=job_key, page_size=page_size, page_token=page_token)
        return await self._call(self._jobs.ListClips, request, lambda answer: read_page(answer, "clips", ClipView))

    def watch_jobs(
        self,
        *,
        job_keys: Sequence[str] = (),
        after_sequence: int = 0,
        include_progress: bool = False,
        reconnect_seconds: float = 60.0,
    ) -> AsyncGenerator[Update, None]:
        """Follow jobs: a snapshot (when `after_sequence` is 0), then every event, with progress and heartbeats between.

        A lost stream is taken up again after the last event seen, so none is missed or doubled. After
        `reconnect_seconds` without any message from the scheduler the loss is raised.
        """
        request = jobs_pb2.WatchJobsRequest(
            job_keys=job_keys, after_sequence=after_sequence, include_progress=include_progress
        )
        return watch(self._connection, self._jobs.WatchJobs, request, reconnect_seconds=reconnect_seconds)

    async def start_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Start a job that was submitted with hold."""
        request = jobs_pb2.StartJobRequest(job_key=job_key, request_id=request_id, expected_revision=expected_revision)
        return await self._call(self._jobs.StartJob, request, read_job)

    async def pause_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Pause a job: started clips finish or stage, nothing new starts."""
        request = jobs_pb2.PauseJobRequest(job_key=job_key, request_id=request_id, expected_revision=expected_revision)
        return await self._call(self._jobs.PauseJob, request, read_job)

    async def resume_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Resume a PAUSED or RECOVERY_REQUIRED job."""
        request = jobs_pb2.ResumeJobRequest(job_key=job_key, request_id=request_id, expected_revision=expected_revision)
        return await self._call(self._jobs.ResumeJob, request, read_job)

    async def cancel_job(
        self, *, job_key: str, request_id: str, expected_revision: int = 0, now: bool = False
    ) -> JobView:
        """Cancel a job: the head finishes and publishes (with `now` it is stopped too), the rest is skipped."""
        request = jobs_pb2.CancelJobRequest(
            job_key=job_key, request_id=request_id, expected_revision=expected_revision, now=now
        )
        return await self._call(self._jobs.CancelJob, request, read_job)

    async def retry_failed_clips(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Make the failed clips of a PARTIAL or FAILED job again, as a new numbered run."""
        request = jobs_pb2.RetryFailedClipsRequest(
            job_key=job_key, request_id=request_id, expected_revision=expected_revision
        )
        return await self._call(self._jobs.RetryFailedClips, request, read_job)

    async def rebind_preset(
        self,
        *,
        job_key: str,
        request_id: str,
        spec_json: str,
        options: SubmissionOptions,
        expected_revision: int = 0,
        timeout_seconds: float | None = None,
    ) -> JobView:
        """Give a job that a preset made the JobSpec and options that another preset compiles to."""
        request = jobs_pb2.RebindPresetRequest(
            job_key=job_key,
            request_id=request_id,
            expected_revision=expected_revision,
            spec_json=spec_json,
            options=to_message(options, jobspec_pb2.SubmissionOptions),
        )
        return await self._call(self._jobs.RebindPreset, request, read_job, timeout_seconds=timeout_seconds)

    async def update_job_scheduling(
        self,
        *,
        job_key: str,
        request_id: str,
        expected_revision: int = 0,
        priority: int | None = None,
        queue: str | None = None,
    ) -> JobView:
        """Change priority, queue or both of a job that has not ended."""
        request = jobs_pb2.UpdateJobSchedulingRequest(
            job_key=job_key,
            request_id=request_id,
            expected_revision=expected_revision,
            priority=priority,
            queue=queue,
        )
        return await self._call(self._jobs.UpdateJobScheduling, request, read_job)

    async def plan_verb(
        self,
        *,
        job_key: str,
        verb: Verb,
        priority: int | None = None,
        queue: str | None = None,
        spec_json: str | None = None,
        options: SubmissionOptions | None = None,
    ) -> VerbPlan:
        """Say what a verb would do. RESCHEDULE carries `priority` and `queue`, REBIND `spec_json` and `options`."""
        request = jobs_pb2.PlanVerbRequest(job_key=job_key, priority=priority, queue=queue)
        number: Any = enum_to_number(verb, _VERB)
        request.verb = number
        if spec_json is not None:
            request.spec_json = spec_json
        if options is not None:
            request.options.CopyFrom(to_message(options, jobspec_pb2.SubmissionOptions))
        return await self._call(self._jobs.PlanVerb, request, lambda answer: read_field(answer, "plan", VerbPlan))

    async def get_spec_revision(self, *, job_key: str, number: int = 0) -> tuple[SpecRevision, int]:
        """Return a revision of a job's spec (0: the one in force), and the number of the newest."""
        request = jobs_pb2.GetSpecRevisionRequest(job_key=job_key, number=number)
        return await self._call(
            self._jobs.GetSpecRevision,
            request,
            lambda answer: (read_field(answer, "revision", SpecRevision), answer.newest),
        )

    async def get_job_result(self, *, job_key: str, run_number: int = 0) -> JobResult:
        """Return the result of a run (0: the newest) with all its clips; of the present moment while it goes on."""
        request = jobs_pb2.GetJobResultRequest(job_key=job_key, run_number=run_number)
        clips: list[ClipResult] = []
        while True:
            result, token = await self._call(
                self._jobs.GetJobResult,
                request,
                lambda answer: (read_field(answer, "result", JobResult), answer.next_page_token),
            )
            clips.extend(result.clips)
            if not token:
                return replace(result, clips=tuple(clips))
            request.page_token = token

    async def list_profiles(self) -> tuple[Profile, ...]:
        """Return every profile, by name."""
        return await self._all_pages(
            self._profiles.ListProfiles, profiles_pb2.ListProfilesRequest(), "profiles", Profile
        )

    async def get_profile(self, *, name: str) -> Profile:
        """Return one profile."""
        return await self._call(
            self._profiles.GetProfile,
            profiles_pb2.GetProfileRequest(name=name),
            lambda answer: read_field(answer, "profile", Profile),
        )

    async def get_system_info(self) -> SystemInfo:
        """Return version, schema and limits of the scheduler."""
        return await self._call(
            self._operator.GetSystemInfo,
            operator_pb2.GetSystemInfoRequest(),
            lambda answer: from_message(answer, SystemInfo),
        )

    async def who_am_i(self) -> CallerView:
        """Return who the scheduler takes this client for, and what that one may do."""
        return await self._call(
            self._operator.WhoAmI, operator_pb2.WhoAmIRequest(), lambda answer: from_message(answer, CallerView)
        )

    async def list_executors(self) -> tuple[ExecutorView, ...]:
        """Return every executor that has a session, by name."""
        return await self._all_pages(
            self._operator.ListExecutors, operator_pb2.ListExecutorsRequest(), "executors", ExecutorView
        )

    async def drain_executor(self, *, name: str, request_id: str, reason: str = "") -> tuple[ExecutorView, ...]:
        """Let an executor end what it has and give it nothing new. Returns its incarnations."""
        request = operator_pb2.DrainExecutorRequest(name=name, request_id=request_id, reason=reason)
        return await self._call(self._operator.DrainExecutor, request, read_executors)

    async def undrain_executor(self, *, name: str, request_id: str, reason: str = "") -> tuple[ExecutorView, ...]:
        """Let a drained executor take work again. Returns its incarnations."""
        request = operator_pb2.UndrainExecutorRequest(name=name, request_id=request_id, reason=reason)
        return await self._call(self._operator.UndrainExecutor, request, read_executors)

    async def report_folders(
        self, *, watcher: str, incarnation: str, folders: Sequence[WatchFolder]
    ) -> tuple[float, tuple[TakenFolder, ...]]:
        """Report a watcher's folders. Returns within how many seconds to report again, and the names others have."""
        request = watch_pb2.ReportFoldersRequest(
            watcher=watcher,
            incarnation=incarnation,
            folders=[to_message(folder, watch_pb2.WatchFolder) for folder in folders],
        )
        return await self._call(
            self._watch.ReportFolders,
            request,
            lambda answer: (
                answer.report_within.ToMicroseconds() / 1_000_000,
                read_all(answer.taken, "taken", TakenFolder),
            ),
        )

    async def list_folders(self, *, name: str = "") -> tuple[WatchFolder, ...]:
        """Return every watch folder that any watcher reported in the last hour, by name; or the one of this name."""
        return await self._all_pages(
            self._watch.ListFolders, watch_pb2.ListFoldersRequest(name=name), "folders", WatchFolder
        )

    async def _call(
        self,
        method: Callable[..., Awaitable[Any]],
        request: object,
        read: Callable[[Any], Item],
        *,
        timeout_seconds: float | None = None,
        actor: str = "",
    ) -> Item:
        seconds = self._timeout if timeout_seconds is None else timeout_seconds
        return await self._connection.call(method, request, timeout_seconds=seconds, read=read, actor=actor)

    async def _all_pages(
        self, method: Callable[..., Awaitable[Any]], request: Any, field: str, kind: type[Item]
    ) -> tuple[Item, ...]:
        items: list[Item] = []
        while True:
            page = await self._call(method, request, lambda answer: read_page(answer, field, kind))
            items.extend(page.items)
            if not page.next_page_token:
                return tuple(items)
            request.page_token = page.next_page_token
