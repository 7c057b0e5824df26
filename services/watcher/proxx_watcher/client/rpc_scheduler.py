"""The scheduler over gRPC: what can be told apart, told apart; everything else is a scheduler that is away."""

import asyncio
from collections.abc import Mapping, Sequence

from proxx.core.jobs import JobResult, JobView, SubmissionOptions
from proxx.core.violation import Violation, ViolationCode
from proxx.rpc.client import SchedulerClient
from proxx.rpc.errors import CallError, CallFailedError, RefusedCallError
from proxx_watcher.app.ports import SchedulerAwayError, SubmissionFailedError, SubmissionRefusedError
from proxx_watcher.domain.media_spec import FOLDER_LABEL

ACTOR = "watcher"
_AT_ONCE = 8
_FOR_GOOD = frozenset({"SPEC_INVALID", "REQUEST_INVALID"})


class RpcScheduler:
    """Implements proxx_watcher.app.ports.Scheduler and the part of proxx_watcher.app.media_ports that adds to it."""

    def __init__(self, client: SchedulerClient) -> None:
        """Take the client; it dials when it is used."""
        self._client = client
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def alive(self) -> None:
        """Return when the scheduler answers."""
        try:
            await self._client.get_system_info()
        except CallError as error:
            raise SchedulerAwayError(str(error)) from error

    async def find(self, *, request_id: str) -> JobView | None:
        """Return the job that this request made."""
        try:
            return await self._client.get_submission(request_id=request_id)
        except RefusedCallError as error:
            if error.reason == "SUBMISSION_NOT_FOUND":
                return None
            raise SchedulerAwayError(str(error)) from error
        except CallError as error:
            raise SchedulerAwayError(str(error)) from error

    async def submit(self, *, request_id: str, spec_json: str, options: SubmissionOptions) -> JobView:
        """Submit a JobSpec; a request that was made before returns its job."""
        try:
            view, _ = await self._client.submit_job(
                request_id=request_id, spec_json=spec_json, options=options, actor=_actor(options)
            )
        except RefusedCallError as error:
            if error.reason == "REQUEST_ID_REUSED":
                return await self._made_before(request_id)
            if error.reason in _FOR_GOOD:
                raise _refused(error) from error
            if error.reason == "INTERNAL":
                raise SubmissionFailedError(str(error)) from error
            raise SchedulerAwayError(str(error)) from error
        except CallFailedError as error:
            raise SubmissionFailedError(str(error)) from error
        except CallError as error:
            raise SchedulerAwayError(str(error)) from error
        return view

    async def jobs(self, *, job_keys: Sequence[str]) -> Mapping[str, JobView]:
        """Return those of the jobs that the scheduler knows, by key."""
        found = await asyncio.gather(*(self._job(key) for key in job_keys))
        return {view.job_key: view for view in found if view is not None}

    async def result(self, *, job_key: str) -> JobResult:
        """Return the result of a job's newest run with all its clips."""
        try:
            return await self._client.get_job_result(job_key=job_key)
        except CallError as error:
            raise SchedulerAwayError(str(error)) from error

    async def start(self, *, job_key: str, request_id: str) -> JobView:
        """Start a held job."""
        try:
            return await self._client.start_job(job_key=job_key, request_id=request_id)
        except RefusedCallError as error:
            if error.reason in {"TRANSITION_NOT_ALLOWED", "JOB_NOT_FOUND", "REQUEST_INVALID"}:
                raise _refused(error) from error
            raise SchedulerAwayError(str(error)) from error
        except CallError as error:
            raise SchedulerAwayError(str(error)) from error

    async def _job(self, job_key: str) -> JobView | None:
        async with self._slots:
            try:
                return await self._client.get_job(job_key=job_key)
            except RefusedCallError as error:
                if error.reason == "JOB_NOT_FOUND":
                    return None
                raise SchedulerAwayError(str(error)) from error
            except CallError as error:
                raise SchedulerAwayError(str(error)) from error

    async def _made_before(self, request_id: str) -> JobView:
        found = await self.find(request_id=request_id)
        if found is None:
            raise SchedulerAwayError(f"request {request_id} was used, and the scheduler does not find its job")
        return found


def _actor(options: SubmissionOptions) -> str:
    """Who submits, for the record: the folder, which every submission carries as a label."""
    folder = options.labels.get(FOLDER_LABEL, "")
    return f"{ACTOR}/{folder}" if folder else ACTOR


def _refused(error: RefusedCallError) -> SubmissionRefusedError:
    violations = error.violations or tuple(
        Violation(code=ViolationCode.FIELD_VALUE, field=field, message=f"{field}: {rule}")
        for field, rule in error.fields
    )
    if not violations:
        violations = (Violation(code=ViolationCode.FIELD_VALUE, field="", message=error.message),)
    return SubmissionRefusedError(message=error.message, violations=violations)
