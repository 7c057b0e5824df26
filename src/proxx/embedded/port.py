"""What the commands need of a scheduler: the port that proxx.rpc.client.SchedulerClient fills."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Protocol

from proxx.core.access import CallerView
from proxx.core.jobs import (
    ClipProgress,
    ClipView,
    ExecutorView,
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
from proxx.core.watch_folders import WatchFolder
from proxx.embedded.audit_port import AuditPort

if TYPE_CHECKING:
    from proxx.rpc.answers import Page

WatchUpdate = Snapshot | JobEvent | ClipProgress | Heartbeat


class SchedulerPort(Protocol):
    """A connected scheduler. Refused calls and a lost service are raised as proxx.rpc.errors says."""

    @property
    def audit(self) -> AuditPort:
        """The event log as evidence."""
        ...

    async def get_system_info(self) -> SystemInfo: ...

    async def who_am_i(self) -> CallerView: ...

    async def submit_job(
        self, *, request_id: str, spec_json: str, options: SubmissionOptions
    ) -> tuple[JobView, bool]: ...

    async def plan_job(
        self,
        *,
        spec_json: str,
        options: SubmissionOptions,
        timeout_seconds: float,
    ) -> JobPlan: ...

    async def probe_source(
        self, *, paths: Sequence[str], timeout_seconds: float | None = None
    ) -> tuple[ProbedPath, ...]: ...

    async def get_job(self, *, job_key: str) -> JobView: ...

    async def list_jobs(
        self, *, states: Sequence[JobState] = (), job_id: str = "", page_size: int = 0, page_token: str = ""
    ) -> "Page[JobView]": ...

    async def list_clips(self, *, job_key: str, page_size: int = 0, page_token: str = "") -> "Page[ClipView]": ...

    def watch_jobs(
        self, *, job_keys: Sequence[str] = (), after_sequence: int = 0, include_progress: bool = False
    ) -> AsyncIterator[WatchUpdate]: ...

    async def start_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView: ...

    async def pause_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView: ...

    async def resume_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView: ...

    async def cancel_job(
        self, *, job_key: str, request_id: str, expected_revision: int = 0, now: bool = False
    ) -> JobView: ...

    async def retry_failed_clips(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView: ...

    async def rebind_preset(
        self,
        *,
        job_key: str,
        request_id: str,
        spec_json: str,
        options: SubmissionOptions,
        expected_revision: int = 0,
        timeout_seconds: float | None = None,
    ) -> JobView: ...

    async def update_job_scheduling(
        self,
        *,
        job_key: str,
        request_id: str,
        expected_revision: int = 0,
        priority: int | None = None,
        queue: str | None = None,
    ) -> JobView: ...

    async def plan_verb(
        self,
        *,
        job_key: str,
        verb: Verb,
        priority: int | None = None,
        queue: str | None = None,
        spec_json: str | None = None,
        options: SubmissionOptions | None = None,
    ) -> VerbPlan: ...

    async def get_spec_revision(self, *, job_key: str, number: int = 0) -> tuple[SpecRevision, int]: ...

    async def get_job_result(self, *, job_key: str, run_number: int = 0) -> JobResult: ...

    async def list_profiles(self) -> tuple[Profile, ...]: ...

    async def get_profile(self, *, name: str) -> Profile: ...

    async def list_folders(self, *, name: str = "") -> tuple[WatchFolder, ...]: ...

    async def list_executors(self) -> tuple[ExecutorView, ...]: ...

    async def drain_executor(self, *, name: str, request_id: str, reason: str = "") -> tuple[ExecutorView, ...]: ...

    async def undrain_executor(self, *, name: str, request_id: str, reason: str = "") -> tuple[ExecutorView, ...]: ...
