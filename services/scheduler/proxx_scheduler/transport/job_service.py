"""JobService: decode, call one use case, encode."""

from collections.abc import AsyncIterator
from typing import Any

from proxx.api.jobs.v1 import event_pb2, job_pb2, jobspec_pb2, result_pb2, verb_pb2
from proxx.api.jobs.v1 import job_service_pb2 as pb
from proxx.api.jobs.v1.job_service_pb2_grpc import JobServiceServicer
from proxx.core.actor import SUBMITTER
from proxx.core.jobs import ClipProgress, Heartbeat, JobEvent, JobState, JobView, Snapshot, SubmissionOptions
from proxx.core.verbs import Verb
from proxx.rpc.caller import caller
from proxx.rpc.errors import request_invalid
from proxx.rpc.jobspec_mapping import spec_to_plain
from proxx.rpc.mapping import enum_from_number, from_message, to_message
from proxx_scheduler.app.intake import Body, body_of, refuse_oversized
from proxx_scheduler.app.job_desk import JobDesk, Update
from proxx_scheduler.app.verb_call import VerbCall
from proxx_scheduler.transport.actor import actor_of
from proxx_scheduler.transport.paging import PageTokens, page_size
from proxx_scheduler.transport.refusals import refusing

VERBS = verb_pb2.DESCRIPTOR.enum_types_by_name["Verb"]
STATES = job_pb2.DESCRIPTOR.enum_types_by_name["JobState"]


class JobService(JobServiceServicer):
    """Serves clients."""

    def __init__(self, *, desk: JobDesk, tokens: PageTokens) -> None:
        """Take the use cases, and what writes page tokens."""
        self._desk = desk
        self._tokens = tokens

    async def SubmitJob(self, request: pb.SubmitJobRequest, context: Any) -> pb.SubmitJobResponse:
        """Submit a job."""
        with refusing():
            view, created = await self._desk.submit(
                request_id=request.request_id,
                body=_body(request),
                actor=actor_of(context, otherwise=SUBMITTER),
                owner=caller(context).name,
            )
        return pb.SubmitJobResponse(job=_job(view), created=created)

    async def PlanJob(self, request: pb.PlanJobRequest, context: Any) -> pb.PlanJobResponse:
        """Plan a job."""
        with refusing():
            plan = await self._desk.plan(body=_body(request))
        return to_message(plan, pb.PlanJobResponse)

    async def ProbeSource(self, request: pb.ProbeSourceRequest, context: Any) -> pb.ProbeSourceResponse:
        """Probe files."""
        with refusing():
            found = await self._desk.probe_sources(paths=tuple(request.paths))
        return pb.ProbeSourceResponse(sources=[to_message(item, pb.ProbedSource) for item in found])

    async def GetJob(self, request: pb.GetJobRequest, context: Any) -> pb.GetJobResponse:
        """Return a job."""
        with refusing():
            return pb.GetJobResponse(job=_job(await self._desk.job_and_why(job_key=request.job_key)))

    async def GetSubmission(self, request: pb.GetSubmissionRequest, context: Any) -> pb.GetSubmissionResponse:
        """Return the job of a submission."""
        with refusing():
            return pb.GetSubmissionResponse(job=_job(await self._desk.submission(request_id=request.request_id)))

    async def ListJobs(self, request: pb.ListJobsRequest, context: Any) -> pb.ListJobsResponse:
        """Return a page of jobs."""
        with refusing():
            states = tuple(enum_from_number(state, JobState, STATES) for state in request.states)
            scope = f"jobs/{','.join(states)}/{request.job_id}"
            views, more = await self._desk.jobs(
                after=self._tokens.read(scope=scope, token=request.page_token),
                size=page_size(request.page_size, default=50),
                states=states,
                job_id=request.job_id,
            )
        return pb.ListJobsResponse(
            jobs=[_job(view) for view in views], next_page_token=self._tokens.write(scope=scope, after=more)
        )

    async def ListClips(self, request: pb.ListClipsRequest, context: Any) -> pb.ListClipsResponse:
        """Return a page of clips."""
        scope = f"clips/{request.job_key}"
        with refusing():
            after = self._tokens.read(scope=scope, token=request.page_token)
            views, more = await self._desk.clips(
                job_key=request.job_key,
                after=-1 if after is None else after,
                size=page_size(request.page_size, default=100),
            )
        return pb.ListClipsResponse(
            clips=[to_message(view, job_pb2.Clip) for view in views],
            next_page_token=self._tokens.write(scope=scope, after=more),
        )

    async def WatchJobs(self, request: pb.WatchJobsRequest, context: Any) -> AsyncIterator[pb.WatchJobsResponse]:
        """Stream what happens."""
        with refusing():
            updates = self._desk.watch(
                job_keys=tuple(request.job_keys),
                after_sequence=request.after_sequence,
                include_progress=request.include_progress,
            )
            async for update in updates:
                yield _update(update)

    async def StartJob(self, request: pb.StartJobRequest, context: Any) -> pb.StartJobResponse:
        """Start a held job."""
        return pb.StartJobResponse(job=await self._verb(VerbCall(verb=Verb.START), request, context))

    async def PauseJob(self, request: pb.PauseJobRequest, context: Any) -> pb.PauseJobResponse:
        """Pause a job."""
        return pb.PauseJobResponse(job=await self._verb(VerbCall(verb=Verb.PAUSE), request, context))

    async def ResumeJob(self, request: pb.ResumeJobRequest, context: Any) -> pb.ResumeJobResponse:
        """Resume a job."""
        return pb.ResumeJobResponse(job=await self._verb(VerbCall(verb=Verb.RESUME), request, context))

    async def CancelJob(self, request: pb.CancelJobRequest, context: Any) -> pb.CancelJobResponse:
        """Cancel a job."""
        call = VerbCall(verb=Verb.CANCEL_NOW if request.now else Verb.CANCEL)
        return pb.CancelJobResponse(job=await self._verb(call, request, context))

    async def RetryFailedClips(self, request: pb.RetryFailedClipsRequest, context: Any) -> pb.RetryFailedClipsResponse:
        """Make failed clips again."""
        return pb.RetryFailedClipsResponse(job=await self._verb(VerbCall(verb=Verb.RETRY), request, context))

    async def UpdateJobScheduling(
        self, request: pb.UpdateJobSchedulingRequest, context: Any
    ) -> pb.UpdateJobSchedulingResponse:
        """Change priority and queue."""
        return pb.UpdateJobSchedulingResponse(job=await self._verb(_rescheduling(request), request, context))

    async def RebindPreset(self, request: pb.RebindPresetRequest, context: Any) -> pb.RebindPresetResponse:
        """Give a job another revision of its spec."""
        with refusing():
            view = await self._desk.rebinding.rebind(
                job_key=request.job_key,
                body=_body(request),
                request_id=request.request_id,
                expected_revision=request.expected_revision,
                actor=actor_of(context),
            )
        return pb.RebindPresetResponse(job=_job(view))

    async def PlanVerb(self, request: pb.PlanVerbRequest, context: Any) -> pb.PlanVerbResponse:
        """Say what a verb would do."""
        with refusing():
            verb = enum_from_number(request.verb, Verb, VERBS)
            call = VerbCall(verb=verb)
            if verb is Verb.RESCHEDULE:
                call = _rescheduling(request)
            elif verb is Verb.REBIND:
                call = await self._desk.rebinding.call_of(job_key=request.job_key, body=_body(request))
            plan = await self._desk.plan_verb(call=call, job_key=request.job_key)
        return pb.PlanVerbResponse(plan=to_message(plan, verb_pb2.VerbPlan))

    async def GetSpecRevision(self, request: pb.GetSpecRevisionRequest, context: Any) -> pb.GetSpecRevisionResponse:
        """Return a revision of a job's spec."""
        with refusing():
            revision, newest = await self._desk.spec_revision(job_key=request.job_key, number=request.number)
        return pb.GetSpecRevisionResponse(revision=to_message(revision, verb_pb2.SpecRevision), newest=newest)

    async def GetJobResult(self, request: pb.GetJobResultRequest, context: Any) -> pb.GetJobResultResponse:
        """Return a job's result."""
        scope = f"result/{request.job_key}/{request.run_number}"
        with refusing():
            after = self._tokens.read(scope=scope, token=request.page_token)
            result, more = await self._desk.result(
                job_key=request.job_key,
                after=-1 if after is None else after,
                size=page_size(request.page_size, default=200),
                run_number=request.run_number,
            )
        return pb.GetJobResultResponse(
            result=to_message(result, result_pb2.JobResult), next_page_token=self._tokens.write(scope=scope, after=more)
        )

    async def _verb(self, call: VerbCall, request: Any, context: Any) -> job_pb2.Job:
        with refusing():
            view = await self._desk.verb(
                call=call,
                job_key=request.job_key,
                request_id=request.request_id,
                expected_revision=request.expected_revision,
                actor=actor_of(context),
                identity=caller(context),
            )
        return _job(view)


def _job(view: JobView) -> job_pb2.Job:
    return to_message(view, job_pb2.Job)


def _rescheduling(request: pb.UpdateJobSchedulingRequest | pb.PlanVerbRequest) -> VerbCall:
    return VerbCall(
        verb=Verb.RESCHEDULE,
        priority=request.priority if request.HasField("priority") else None,
        queue=request.queue if request.HasField("queue") else None,
    )


def _body(
    request: pb.SubmitJobRequest | pb.PlanJobRequest | pb.RebindPresetRequest | pb.PlanVerbRequest,
) -> Body:
    options = from_message(
        request.options if request.HasField("options") else jobspec_pb2.SubmissionOptions(), SubmissionOptions
    )
    which = request.WhichOneof("body")
    if which is None:
        raise request_invalid(field="body", rule="spec or spec_json is needed")
    if which == "spec_json":
        return body_of(spec_json=request.spec_json, spec=None, options=options)
    refuse_oversized(size_bytes=request.spec.ByteSize(), sources=len(request.spec.sources))
    return body_of(spec_json=None, spec=spec_to_plain(request.spec), options=options)


def _update(update: Update) -> pb.WatchJobsResponse:
    match update:
        case Snapshot():
            return pb.WatchJobsResponse(snapshot=to_message(update, pb.Snapshot))
        case JobEvent():
            return pb.WatchJobsResponse(event=to_message(update, event_pb2.JobEvent))
        case ClipProgress():
            return pb.WatchJobsResponse(progress=to_message(update, event_pb2.ClipProgress))
        case Heartbeat():
            return pb.WatchJobsResponse(heartbeat=to_message(update, pb.Heartbeat))
