"""A scheduler that answers from what a test put into it, and an environment around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace

from proxx.cli.environment import Environment
from proxx.core.access import CallerView
from proxx.core.jobs import (
    ClipView,
    ExecutorView,
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
from proxx.embedded.port import WatchUpdate
from proxx.embedded.session import Session
from proxx.embedded.target import Target
from proxx.rpc.answers import Page
from proxx.rpc.errors import RefusedCallError
from tests.fakes.audit_log import FakeAuditLog
from tests.unit.cli import samples


@dataclass
class FakeScheduler:
    """Keeps the calls that were made. `updates` is what WatchJobs streams, once, after a snapshot of `job`."""

    job: JobView = field(default_factory=samples.job)
    result: JobResult = field(default_factory=samples.result)
    updates: list[WatchUpdate] = field(default_factory=list)
    clips: tuple[ClipView, ...] = (samples.clip_view(0), samples.clip_view(1))
    executors: tuple[ExecutorView, ...] = ()
    folders: tuple[WatchFolder, ...] = ()
    plan: JobPlan = field(default_factory=samples.plan)
    verb_plan: VerbPlan = field(default_factory=samples.verb_plan)
    mismatches: int = 0
    """How many verbs are refused because the job has moved on."""
    probed: tuple[ProbedPath, ...] = ()
    profiles: tuple[Profile, ...] = ()
    caller: CallerView = field(default_factory=lambda: CallerView(name="", how="open", actor="claimed/me"))
    refusal: RefusedCallError | None = None
    created: bool = True
    calls: list[tuple[str, object]] = field(default_factory=list)
    on_watch: Callable[[], None] = lambda: None
    on_cancel: Callable[[], None] = lambda: None
    hold_until_cancelled: bool = False
    release_on_cancel: bool = True
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    audit: FakeAuditLog = field(default_factory=FakeAuditLog)

    async def submit_job(self, *, request_id: str, spec_json: str, options: SubmissionOptions) -> tuple[JobView, bool]:
        """Return the job."""
        self._record("submit_job", {"request_id": request_id, "spec_json": spec_json, "options": options})
        return self.job, self.created

    async def plan_job(self, *, spec_json: str, options: SubmissionOptions, timeout_seconds: float) -> JobPlan:
        """Return the plan."""
        self._record("plan_job", spec_json)
        return self.plan

    async def probe_source(
        self, *, paths: Sequence[str], timeout_seconds: float | None = None
    ) -> tuple[ProbedPath, ...]:
        """Return what was prepared for these paths."""
        self._record("probe_source", tuple(paths))
        return tuple(replace(found, path=path) for found, path in zip(self.probed, paths, strict=True))

    async def get_system_info(self) -> SystemInfo:
        """Return facts of a scheduler."""
        return samples.system_info()

    async def who_am_i(self) -> CallerView:
        """Return who calls."""
        self._record("who_am_i", None)
        return self.caller

    async def get_job(self, *, job_key: str) -> JobView:
        """Return the job as it is now."""
        self._record("get_job", job_key)
        return self.job

    async def list_jobs(
        self, *, states: Sequence[JobState] = (), job_id: str = "", page_size: int = 0, page_token: str = ""
    ) -> Page[JobView]:
        """Return the one job when it fits."""
        fits = (not states or self.job.state in states) and job_id in ("", self.job.job_id)
        return Page(items=(self.job,) if fits else (), next_page_token="")

    async def list_clips(self, *, job_key: str, page_size: int = 0, page_token: str = "") -> Page[ClipView]:
        """Return the clips."""
        return Page(items=self.clips, next_page_token="")

    async def watch_jobs(
        self, *, job_keys: Sequence[str] = (), after_sequence: int = 0, include_progress: bool = False
    ) -> AsyncIterator[WatchUpdate]:
        """Stream a snapshot and the prepared updates; the job takes the state of each event of its own."""
        yield Snapshot(sequence=1, jobs=(self.job,))
        self.on_watch()
        if self.hold_until_cancelled:
            await self.cancelled.wait()
        while self.updates:
            update = self.updates.pop(0)
            if isinstance(update, JobEvent) and update.clip_index is None and update.after in JobState.__members__:
                self.job = replace(self.job, state=JobState(update.after))
            yield update

    async def start_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Start."""
        return self._verb("start_job", JobState.RUNNING)

    async def pause_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Pause."""
        return self._verb("pause_job", JobState.PAUSED)

    async def resume_job(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Resume."""
        return self._verb("resume_job", JobState.RUNNING)

    async def cancel_job(
        self, *, job_key: str, request_id: str, expected_revision: int = 0, now: bool = False
    ) -> JobView:
        """Cancel."""
        if expected_revision and self.mismatches:
            self.mismatches -= 1
            raise RefusedCallError(reason="REVISION_MISMATCH", message="the job has revision 9, the caller saw 1")
        view = self._verb("cancel_job", JobState.CANCELLING, detail=now)
        self.on_cancel()
        if self.release_on_cancel:
            self.cancelled.set()
        return view

    async def retry_failed_clips(self, *, job_key: str, request_id: str, expected_revision: int = 0) -> JobView:
        """Retry."""
        return self._verb("retry_failed_clips", JobState.PENDING, detail=expected_revision)

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
        """Rebind."""
        detail = {"spec_json": spec_json, "options": options, "expected_revision": expected_revision}
        return self._verb("rebind_preset", JobState.PENDING, detail=detail)

    async def update_job_scheduling(
        self,
        *,
        job_key: str,
        request_id: str,
        expected_revision: int = 0,
        priority: int | None = None,
        queue: str | None = None,
    ) -> JobView:
        """Reschedule."""
        return self._verb("update_job_scheduling", self.job.state, detail=(priority, queue))

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
        """Return the prepared plan, for this verb."""
        self._record("plan_verb", verb)
        return replace(self.verb_plan, verb=verb)

    async def get_spec_revision(self, *, job_key: str, number: int = 0) -> tuple[SpecRevision, int]:
        """Return the one revision."""
        self._record("get_spec_revision", number)
        return samples.spec_revision(), 1

    async def drain_executor(self, *, name: str, request_id: str, reason: str = "") -> tuple[ExecutorView, ...]:
        """Drain."""
        self._record("drain_executor", (name, reason))
        return tuple(replace(view, state="DRAINING", drained_by="operator") for view in self.executors)

    async def undrain_executor(self, *, name: str, request_id: str, reason: str = "") -> tuple[ExecutorView, ...]:
        """Undrain."""
        self._record("undrain_executor", (name, reason))
        return self.executors

    async def get_job_result(self, *, job_key: str, run_number: int = 0) -> JobResult:
        """Return the result."""
        self._record("get_job_result", (job_key, run_number))
        return self.result

    async def list_profiles(self) -> tuple[Profile, ...]:
        """Return the profiles."""
        return self.profiles

    async def get_profile(self, *, name: str) -> Profile:
        """Return the first profile."""
        return self.profiles[0]

    async def list_folders(self, *, name: str = "") -> tuple[WatchFolder, ...]:
        """Return the watch folders, or the one of this name."""
        return tuple(folder for folder in self.folders if name in ("", folder.name))

    async def list_executors(self) -> tuple[ExecutorView, ...]:
        """Return the executors."""
        return self.executors

    def called(self, name: str) -> list[object]:
        """What a method was called with, call by call."""
        return [detail for method, detail in self.calls if method == name]

    def _verb(self, name: str, state: JobState, detail: object = None) -> JobView:
        self._record(name, detail)
        self.job = replace(self.job, state=state)
        return self.job

    def _record(self, name: str, detail: object) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.calls.append((name, detail))


@dataclass
class FakeRun:
    """A run directory that only remembers."""

    run_id: str = "20261120T090000Z-00000001"
    log_directory: str = "/state/runs/20261120T090000Z-00000001"
    kept: dict[str, object] | None = None
    discarded: bool = False

    def keep(self, *, note: dict[str, object]) -> None:
        """Remember the note."""
        self.kept = note

    def discard(self) -> None:
        """Remember that it may go."""
        self.discarded = True

    def note(self) -> dict[str, object]:
        """Return the note kept."""
        return self.kept or {}


@dataclass
class World:
    """A fake scheduler, embedded (with a run) or a server (without), and the targets that commands asked for."""

    scheduler: FakeScheduler = field(default_factory=FakeScheduler)
    run: FakeRun = field(default_factory=FakeRun)
    targets: list[Target] = field(default_factory=list)

    def environment(self, *, interactive: bool = False) -> Environment:
        """Return the environment that commands run in."""

        @contextlib.asynccontextmanager
        async def connect(target: Target) -> AsyncIterator[Session]:
            self.targets.append(target)
            yield Session(client=self.scheduler, run=None if target.server else self.run)

        return Environment(
            connect=connect,
            now=lambda: samples.NOW,
            new_request_id=lambda: "request-1",
            interactive=interactive,
            live=False,
        )
