"""The rules that follow every change: which clip is head, what may run, what is stopped, where the job stands."""

from proxx.core.jobs import ClipState, JobState, LostPolicy
from proxx.core.replacing import replace
from proxx.core.steps import StepKind
from proxx_scheduler.domain.doubt import why_in_doubt
from proxx_scheduler.domain.effects import BecomesHead, CancelLease
from proxx_scheduler.domain.ledger import Ledger
from proxx_scheduler.domain.probing import probes_of
from proxx_scheduler.domain.records import Clip, Hold, StopReason
from proxx_scheduler.domain.transitions import JobEventKind


class Settling(Ledger):
    """A ledger that keeps to the rules (docs/ARCHITECTURE.md, "In-order commit")."""

    def _settle(self) -> None:
        if self.job.rebinding:
            self._finish_rebinding()
        self._advance_head()
        self._open_what_may_run()
        self._derive_state()

    def _advance_head(self) -> None:
        while True:
            following = self._next_unopened()  # next_clip itself may be a clip that an earlier run published
            rest = self.job.next_clip if following is None else following
            head = self._open_indexes[0] if self._open_indexes else rest
            if head != self.job.head:
                self.job = replace(self.job, head=head)
            clip = self.clips.get(head)
            if clip is not None and clip.ahead:  # the head is never held back
                self.commands.append(BecomesHead(clip_index=head))
                clip = self._put(replace(clip, ahead=False))
            if clip is None or not clip.provisional:
                return
            self.job = replace(self.job, failed=self.job.failed + 1)
            self._put(replace(clip, provisional=False))
            self._note("clip.failure_final", index=head, before=clip.state, after=clip.state)
            self._stop_after(head)
            self._skip_rest(StopReason.FAIL_FAST)

    def _open_what_may_run(self) -> None:
        running = self.job.state is JobState.RUNNING
        for clip in self._unfinished():
            if clip.step_kind is not None or clip.stopping is not StopReason.NONE:
                continue
            if self.job.fail_fast and clip.index != self.job.head:
                continue
            if clip.state is ClipState.STAGED and (running or self.job.state is JobState.CANCELLING):
                self._open(clip, StepKind.PUBLISH)
            elif clip.state is ClipState.QUEUED and running:
                self._open(clip, StepKind.ENCODE)
        if not running or (self.job.fail_fast and self._blocked()):
            return
        while (index := self._next_unopened()) is not None and self._room():
            self.job = replace(self.job, next_clip=index + 1)
            self._open(Clip(index=index, state=ClipState.QUEUED), StepKind.ENCODE)

    def _next_unopened(self) -> int | None:
        if self.upcoming is None:
            return self.job.next_clip if self.job.next_clip < self.job.clip_count else None
        return next((index for index in self.upcoming if index >= self.job.next_clip), None)

    def _room(self) -> bool:
        if self.job.fail_fast:
            return self.job.next_clip < self.job.head + self.job.window
        if len(self._open_indexes) < self.job.window:
            return True
        # a clip in doubt keeps its place in the record, not in the window: the rest runs first
        return len([clip for clip in self._unfinished() if clip.state is not ClipState.INTERRUPTED]) < self.job.window

    def _blocked(self) -> bool:
        return any(clip.state is ClipState.INTERRUPTED or clip.provisional for clip in self._unfinished())

    def _derive_state(self) -> None:
        state = self.job.state
        if state.terminal or state is JobState.PENDING:
            return
        if self.job.finished_clips == self.job.clip_count:
            self._move_job(self._outcome())
            return
        open_clips = self._unfinished()
        doubtful = [clip for clip in open_clips if clip.step_kind is None and clip.waits_for_sweep]
        if not doubtful or state is JobState.RECOVERY_REQUIRED:
            return
        others = any(clip.step_kind is not None for clip in open_clips) or self._unopened() > 0
        if self.job.fail_fast or not others:
            self._move_job(JobEventKind.RECOVER, reason=why_in_doubt(doubtful))

    def _finish_rebinding(self) -> None:
        """Let the new revision come into force once nothing is left of the old one, unless a clip was published."""
        open_clips = self._unfinished()
        if any(clip.step_kind is not None or clip.state is not ClipState.QUEUED for clip in open_clips):
            doubtful = [clip for clip in open_clips if clip.waits_for_sweep]
            if doubtful and all(clip.step_kind is None for clip in open_clips):
                self.job = replace(self.job, reason=why_in_doubt(doubtful))
            return
        self.job = replace(self.job, rebinding=False)
        if self.job.completed:
            state = self.job.state
            self._note("job.rebind_refused", before=state, after=state, data={"completed": self.job.completed})
            self.job = replace(self.job, reason="the rebind was refused: a clip had been published; resume goes on")
            return
        self._begin_again()

    def _begin_again(self) -> None:
        """Forget every clip; the job is validated whole again under its new revision, and waits for its start."""
        self._move_job(JobEventKind.REBOUND, reason="held")
        self.job = replace(
            self.job, hold=True, admitted=False, has_warnings=False, head=0, next_clip=0, failed=0, skipped=0
        )
        self.clips.clear()
        self._open_indexes.clear()
        self.changed.clear()
        self.upcoming = None  # no clip of an earlier run stands between them any more
        self.rebound = True
        self.commands.extend(probes_of(ranges=((0, self.job.clip_count - 1),)))

    def _outcome(self) -> JobEventKind:
        if self.job.completed == self.job.clip_count:
            return JobEventKind.FINISH_COMPLETED
        if self.job.state is JobState.CANCELLING:
            return JobEventKind.FINISH_CANCELLED
        return JobEventKind.FINISH_PARTIAL if self.job.completed else JobEventKind.FINISH_FAILED

    def _take_back(self, clip: Clip) -> None:
        """Sweep a clip in doubt without an operator, as often as its submission says (REQUEUE).

        A job that waits for its operator already leaves it to the operator's verb.
        """
        if self.job.requeue_limit == 0 or self.job.state is JobState.RECOVERY_REQUIRED:
            return
        if clip.requeues >= self.job.requeue_limit:
            self._put(replace(clip, hold=Hold.LOST_AGAIN))
            return
        taken = replace(clip, requeues=clip.requeues + 1)
        data = {"policy": LostPolicy.REQUEUE, "requeue": taken.requeues, "requeue_limit": self.job.requeue_limit}
        self._note("clip.requeue_by_policy", index=clip.index, before=clip.state, after=clip.state, data=data)
        self._open(taken, StepKind.SWEEP)

    def _stop_after(self, index: int) -> None:
        for clip in self._unfinished():
            if clip.index > index:
                self._stop(clip, StopReason.FAIL_FAST)

    def _stop(self, clip: Clip, reason: StopReason) -> None:
        if clip.stopping not in (StopReason.NONE, StopReason.REBOUND):
            return
        if clip.state in (ClipState.QUEUED, ClipState.LEASED) or clip.provisional:
            self._skip(self._close(clip), reason)
        elif clip.state is ClipState.RUNNING:
            self._put(replace(clip, stopping=reason))
            self.commands.append(CancelLease(clip_index=clip.index))
        elif clip.state is ClipState.STAGED and clip.step_kind is StepKind.SWEEP:
            self._put(replace(clip, stopping=reason))
        elif clip.state is ClipState.STAGED:
            self._open(replace(self._close(clip), stopping=reason), StepKind.SWEEP)
        elif clip.state is ClipState.INTERRUPTED:
            self._put(replace(clip, stopping=reason))
            if clip.step_kind is None and self.job.state is not JobState.RECOVERY_REQUIRED:
                self._open(self.clips[clip.index], StepKind.SWEEP)

    def _skip_rest(self, reason: StopReason) -> None:
        first = self.job.next_clip
        count = self._unopened()
        if count > 0:
            self.skip_unopened = (first, reason)
            self._note("clips.skip", before="QUEUED", after="SKIPPED", data={"first": first, "reason": reason})
            self.job = replace(self.job, next_clip=self.job.clip_count, skipped=self.job.skipped + count)
