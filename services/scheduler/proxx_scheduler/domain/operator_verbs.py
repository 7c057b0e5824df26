"""What operators ask of a job. Each verb is one decision; the transition table says where it is allowed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NoReturn

from proxx.core.jobs import ClipState, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.domain.probing import probes_of
from proxx_scheduler.domain.records import CancelMode, ClipRange, Hold, StopReason
from proxx_scheduler.domain.settling import Settling
from proxx_scheduler.domain.transitions import (
    ClipEvent,
    IllegalTransitionError,
    JobEventKind,
    allowed_verbs,
    next_clip_state,
)

RETRIED = frozenset({StopReason.FAIL_FAST, StopReason.REJECTED})
"""Why a clip was skipped that a retry makes: another clip failed, or the retry before was refused."""


class OperatorVerbs(Settling):
    """A job with its operators' verbs."""

    def start(self) -> None:
        """An operator starts a held job."""
        if self.job.state is not JobState.PENDING or not self.job.hold:
            self.refuse("start")
        self.job = replace(self.job, hold=False, reason="")
        if self.job.admitted:
            self._move_job(JobEventKind.ADMIT)
            self._settle()
        else:
            self._note("job.started", before=self.job.state, after=self.job.state)

    def pause(self) -> None:
        """An operator pauses: started clips finish or stage, nothing new starts."""
        self._move_job(JobEventKind.PAUSE)
        self._settle()

    def resume(self) -> None:
        """An operator resumes. Work in doubt is swept before anything else; a cancelled job goes on being cancelled.

        A rebind that still waits is dropped: the job goes on under the revision in force.
        """
        if self.job.cancel is CancelMode.NONE:
            self._move_job(JobEventKind.RESUME, data={"rebind": "dropped"} if self.job.rebinding else None)
        else:
            self._move_job(JobEventKind.CANCEL, reason="cancelled", data={"mode": self.job.cancel})
        self.job = replace(self.job, rebinding=False)
        for clip in self._unfinished():
            if clip.waits_for_sweep:
                self._open(replace(clip, hold=Hold.NONE), StepKind.SWEEP)
        self._settle()

    def cancel(self, *, now: bool) -> None:
        """An operator cancels: the head may finish and publish unless `now`; everything else ends SKIPPED."""
        mode = CancelMode.NOW if now else CancelMode.HEAD_FINISHES
        if self.job.cancel is CancelMode.NOW or (self.job.cancel is mode and self.job.state is JobState.CANCELLING):
            mode = self.job.cancel
        self.job = replace(self.job, cancel=mode, rebinding=False)
        self._move_job(JobEventKind.CANCEL, reason="cancelled", data={"mode": mode})
        for clip in self._unfinished():
            keeps = (
                mode is CancelMode.HEAD_FINISHES
                and clip.index == self.job.head
                and clip.state in (ClipState.RUNNING, ClipState.STAGED)
            )
            if clip.waits_for_sweep:
                unwanted = clip.stopping not in (StopReason.NONE, StopReason.REBOUND)
                stopping = clip.stopping if unwanted else StopReason.CANCELLED
                self._open(replace(clip, stopping=stopping, hold=Hold.NONE), StepKind.SWEEP)
            elif not keeps:
                self._stop(clip, StopReason.CANCELLED)
        self._skip_rest(StopReason.CANCELLED)
        if self.job.state is not JobState.CANCELLED:
            self._settle()

    def retry(self, *, clips: Iterable[ClipRange]) -> None:
        """An operator has what failed and what was skipped for it made again, as a new run. `clips` are all clips.

        Sources and outputs are looked at again before anything runs. Published clips are never made again.
        """
        stored = tuple(clips)
        again = tuple(item for item in stored if item.state is ClipState.FAILED or item.skip_reason in RETRIED)
        failed = sum(item.clips for item in again if item.state is ClipState.FAILED)
        skipped = sum(item.clips for item in again) - failed
        run = self.job.run_number + 1
        self._move_job(JobEventKind.RETRY, reason="", data={"run": run, "clips": failed + skipped})
        for item in again:
            after = next_clip_state(clip_index=item.first, state=item.state, event=ClipEvent.REQUEUE)
            data = {"first": item.first, "last": item.last, "run": run}
            self._note("clips.requeue", before=item.state, after=after, data=data)
        first = again[0].first
        self.job = replace(
            self.job, run_number=run, admitted=False, cancel=CancelMode.NONE, head=first, next_clip=first,
            failed=self.job.failed - failed, skipped=self.job.skipped - skipped,
        )  # fmt: skip
        self.new_run = True
        self.commands.extend(probes_of(ranges=_joined(again)))

    def rebind(self, *, digest: str) -> None:
        """An operator has another revision of the spec made, whose digest is given. Nothing may be published yet.

        A held job takes it at once. In a job in doubt everything that was begun is stopped and swept first; if a sweep
        then finds a published file, the rebind is refused after all.
        """
        state = self.job.state
        held = state is JobState.PENDING and self.job.hold
        doubt = state is JobState.RECOVERY_REQUIRED and self.job.cancel is CancelMode.NONE
        if self.job.completed or not (held or doubt):
            self.refuse("rebind")
        self._move_job(JobEventKind.REBIND, data={"spec_digest": digest})
        self.job = replace(self.job, rebinding=True)
        for clip in self._unfinished():
            if clip.waits_for_sweep:
                self._open(replace(clip, stopping=StopReason.REBOUND, hold=Hold.NONE), StepKind.SWEEP)
            else:
                self._stop(clip, StopReason.REBOUND)
        if doubt:
            self.job = replace(self.job, reason="what was begun is swept; then the new revision comes into force")
        self._settle()

    def reschedule(self, *, priority: int | None, queue: str | None) -> None:
        """An operator changes priority, queue or both; it counts for every step that is not granted yet."""
        before = self.job
        after = replace(
            before,
            priority=before.priority if priority is None else priority,
            queue=before.queue if queue is None else queue,
        )
        self.job = after
        data = {
            "priority": {"before": before.priority, "after": after.priority},
            "queue": {"before": before.queue, "after": after.queue},
        }
        self._move_job(JobEventKind.RESCHEDULE, reason=before.reason, data=data)

    def refuse(self, verb: str) -> NoReturn:
        """Refuse a verb that the job as it stands does not allow.

        Raises:
            IllegalTransitionError: always; it names what else the state allows.
        """
        state = self.job.state
        allowed = tuple(known for known in allowed_verbs(state=state) if known != verb)
        raise IllegalTransitionError(subject="job", state=state, event=verb, allowed=allowed)


def _joined(ranges: Iterable[ClipRange]) -> Iterator[tuple[int, int]]:
    """Yield neighbouring ranges as one."""
    start, end = -1, -2
    for item in ranges:
        if item.first != end + 1:
            if start >= 0:
                yield start, end
            start = item.first
        end = item.last
    if start >= 0:
        yield start, end
