"""One job from submission to its result, over any scheduler: what `run`, `submit --wait` and the library share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from proxx.core.detection import Engine
from proxx.core.jobs import JobResult, JobState, JobView, SubmissionOptions
from proxx.embedded.display import Display
from proxx.embedded.follow import follow_job, is_over, until_done_or_interrupted
from proxx.embedded.interrupts import Interrupts
from proxx.embedded.paging import all_clips
from proxx.embedded.port import SchedulerPort
from proxx.rpc.errors import RefusedCallError


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """What to submit."""

    spec_json: str
    options: SubmissionOptions
    request_id: str


@dataclass(slots=True, kw_only=True)
class JobRun:
    """Follows one job. `say` gets sentences for the operator; `embedded` means that no other executor can come.

    `missing_engine` is the sentence of an engine that nobody has, once that is known.
    """

    client: SchedulerPort
    display: Display
    say: Callable[[str], None]
    new_request_id: Callable[[], str]
    embedded: bool
    missing_engine: str = ""
    _looked: bool = field(default=False, init=False)

    async def to_result(self, *, job: JobView, interrupts: Interrupts | None) -> JobResult | None:
        """Follow the job until it is over and return its result.

        The first signal cancels the job at once (`now`) and waits for its clean end; a second one gives up: None.

        Raises:
            CallError: a call was refused or not answered.
        """
        if not is_over(job):
            self.display.job(job)
            following = follow_job(
                client=self.client, job_key=job.job_key, display=self.display, on_change=self._look_for_engines
            )
            if interrupts is None:
                await following
            elif (
                await until_done_or_interrupted(
                    following=following, interrupts=interrupts, on_interrupt=lambda: self._interrupted(job)
                )
                is None
            ):
                return None
        return await self.client.get_job_result(job_key=job.job_key)

    async def cancel_now(self, job_key: str) -> None:
        """Cancel the job, its head too. A job that ended meanwhile is left as it is."""
        try:
            await self.client.cancel_job(job_key=job_key, request_id=self.new_request_id(), now=True)
        except RefusedCallError as error:
            if error.reason != "TRANSITION_NOT_ALLOWED":
                raise
            self.say(f"not cancelled: {error.message}")

    async def _interrupted(self, job: JobView) -> None:
        self.say("interrupted: cancelling the job and waiting for its clean end (once more: leave at once)")
        await self.cancel_now(job.job_key)

    async def _look_for_engines(self, job: JobView) -> None:
        """Once the job is admitted: say which engine nobody has, before any clip could start. Only Resolve can lack."""
        if self._looked or job.state is JobState.PENDING:
            return
        self._looked = True
        clips = await all_clips(client=self.client, job_key=job.job_key)
        camera_raw = [clip for clip in clips if clip.engine is Engine.RESOLVE]
        if not camera_raw:
            return
        executors = await self.client.list_executors()
        if any(executor.engine is Engine.RESOLVE and executor.state == "READY" for executor in executors):
            return
        sentence = (
            f"{len(camera_raw)} of {len(clips)} clips need DaVinci Resolve, the first is {camera_raw[0].source_path}; "
            "no Resolve executor is connected"
        )
        if self.embedded:
            self.missing_engine = sentence
            await self.cancel_now(job.job_key)
        else:
            self.say(f"{sentence}: the job waits for one")
