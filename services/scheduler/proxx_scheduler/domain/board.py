"""The decisions about one job: a pure working set of the job and its open clips.

Every method is one thing that happened. It changes the records through the transition tables only, and collects what
storage is to do (`commands`), what is to be recorded (`events`) and which unopened clips are to be skipped. No clock,
no ids, no I/O: the same calls give the same result (docs/ARCHITECTURE.md, "In-order commit").
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, JobState
from proxx.core.steps import PrepareAnswer, StepKind
from proxx_scheduler.domain.doubt import FinalPath, why_in_doubt
from proxx_scheduler.domain.effects import CancelLease, CloseStep, EventDraft, OpenStep, RequeueStep, StepCommand
from proxx_scheduler.domain.records import CancelMode, Clip, Hold, Job, StepState, StopReason
from proxx_scheduler.domain.transitions import (
    ClipEvent,
    IllegalTransitionError,
    JobEventKind,
    allowed_verbs,
    next_clip_state,
    next_job_state,
)


class Board:
    """One job and its open clips; see the module's text."""

    def __init__(self, *, job: Job, clips: Iterable[Clip]) -> None:
        """Take the job and every clip that was opened and is not finished."""
        self.job = job
        self.clips = {clip.index: clip for clip in clips}
        self.commands: list[StepCommand] = []
        self.events: list[EventDraft] = []
        self.changed: set[int] = set()
        self.skip_unopened: tuple[int, StopReason] | None = None

    # --- admission and operators' verbs -------------------------------------------------------------------------

    def admit(self, *, has_warnings: bool) -> None:
        """Every source was probed and accepted. A held job waits for its operator."""
        self.job = replace(self.job, admitted=True, has_warnings=self.job.has_warnings or has_warnings)
        if self.job.hold:
            self._note("job.admitted", before=self.job.state, after=self.job.state, data={"held": True})
            self.job = replace(self.job, reason="held")
            return
        self._move_job(JobEventKind.ADMIT)
        self._settle()

    def reject(self, *, violations: int) -> None:
        """Some source, path or name was refused: nothing is made."""
        self._move_job(JobEventKind.REJECT, reason="validation", data={"violations": violations})
        self._skip_rest(StopReason.REJECTED)

    def start(self) -> None:
        """An operator starts a held job."""
        if self.job.state is not JobState.PENDING or not self.job.hold:
            self._refuse("start")
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
        """An operator resumes. Work in doubt is swept before anything else; a cancelled job goes on being cancelled."""
        if self.job.cancel is CancelMode.NONE:
            self._move_job(JobEventKind.RESUME)
        else:
            self._move_job(JobEventKind.CANCEL, reason="cancelled", data={"mode": self.job.cancel})
        for clip in self._unfinished():
            if clip.waits_for_sweep:
                self._open(replace(clip, hold=Hold.NONE), StepKind.SWEEP)
        self._settle()

    def cancel(self, *, now: bool) -> None:
        """An operator cancels: the head may finish and publish unless `now`; everything else ends SKIPPED."""
        mode = CancelMode.NOW if now else CancelMode.HEAD_FINISHES
        if self.job.cancel is CancelMode.NOW or (self.job.cancel is mode and self.job.state is JobState.CANCELLING):
            mode = self.job.cancel
        self.job = replace(self.job, cancel=mode)
        self._move_job(JobEventKind.CANCEL, reason="cancelled", data={"mode": mode})
        for clip in self._unfinished():
            keeps = (
                mode is CancelMode.HEAD_FINISHES
                and clip.index == self.job.head
                and clip.state in (ClipState.RUNNING, ClipState.STAGED)
            )
            if clip.waits_for_sweep:
                stopping = clip.stopping if clip.stopping is not StopReason.NONE else StopReason.CANCELLED
                self._open(replace(clip, stopping=stopping, hold=Hold.NONE), StepKind.SWEEP)
            elif not keeps:
                self._stop(clip, StopReason.CANCELLED)
        self._skip_rest(StopReason.CANCELLED)
        if self.job.state is not JobState.CANCELLED:
            self._settle()

    # --- what executors do --------------------------------------------------------------------------------------

    def granted(self, index: int) -> None:
        """The clip's live step was leased."""
        clip = self._step(index, StepState.LEASED)
        if clip.step_kind is StepKind.ENCODE:
            self._move(clip, ClipEvent.GRANT)

    def started(self, index: int) -> None:
        """The start barrier of the clip's live step was passed."""
        clip = self._step(index, StepState.RUNNING)
        if clip.step_kind is not StepKind.SWEEP:
            self._move(clip, ClipEvent.START)

    def prepared(self, index: int, *, has_warnings: bool, facts: Mapping[str, object]) -> PrepareAnswer:
        """A verified staged file is durable; decide what becomes of it."""
        clip = self.clips[index]
        if clip.stopping is not StopReason.NONE:
            return PrepareAnswer.DISCARD  # the lease lives until its executor says that the staged file is gone
        self.job = replace(self.job, has_warnings=self.job.has_warnings or has_warnings)
        if not self.job.fail_fast or index == self.job.head:
            self._move(clip, ClipEvent.PREPARE, data=facts)
            return PrepareAnswer.PUBLISH
        self._move(self._close(clip), ClipEvent.STAGE, data=facts)
        self._settle()
        return PrepareAnswer.STAGED

    def published(self, index: int) -> None:
        """The file stands under its final name, durably."""
        self._finish(self._close(self.clips[index]), ClipEvent.COMPLETE)
        self._settle()

    def failed(self, index: int, *, kind: FailureKind, message: str) -> None:
        """The clip's live step failed and left nothing behind."""
        kind_of_step = self.clips[index].step_kind
        clip = self._close(self.clips[index])
        facts = {"kind": kind, "message": message}
        if kind_of_step is StepKind.PUBLISH and kind is FailureKind.IO_ERROR and clip.state is ClipState.PUBLISHING:
            # the volume is gone, and with it a good staged file: it is to be looked for, not given up
            self._move(replace(clip, hold=Hold.PUBLISH_FAILED), ClipEvent.INTERRUPT, data=facts)
        elif kind_of_step is StepKind.SWEEP:
            self._put(replace(clip, hold=Hold.SWEEP_FAILED))
            self._note("clip.sweep_failed", index=index, before=clip.state, after=clip.state, data=facts)
        elif clip.stopping is not StopReason.NONE:
            self._skip(clip, clip.stopping)
        elif not self.job.fail_fast or index == self.job.head:
            self._finish(replace(clip, failure_kind=kind), ClipEvent.FAIL, data=facts)
            if self.job.fail_fast:
                self._stop_after(index)
                self._skip_rest(StopReason.FAIL_FAST)
        elif kind is FailureKind.NO_SPACE and clip.state is ClipState.RUNNING:
            self._move(replace(clip, head_only=True), ClipEvent.RETURN, data=facts)
        else:
            provisional = replace(clip, failure_kind=kind, provisional=True)
            self._move(provisional, ClipEvent.FAIL, data={**facts, "provisional": True})
            self._stop_after(index)
        self._settle()

    def returned(self, index: int, *, why: str) -> None:
        """The live step was handed back, or lost before its start: it provably had no effect."""
        clip = self.clips[index]
        if clip.step_kind is StepKind.SWEEP:
            self._requeue(clip)
            return
        stopping = clip.stopping
        cancelling = self.job.state is JobState.CANCELLING
        if clip.step_kind is StepKind.PUBLISH or clip.state is ClipState.PUBLISHING:
            if stopping is StopReason.NONE and cancelling and self.job.cancel is CancelMode.NOW:
                stopping = StopReason.CANCELLED
            if clip.state is ClipState.PUBLISHING:
                clip = self._move(clip, ClipEvent.RETURN, data={"why": why})
            if stopping is not StopReason.NONE:
                self._open(replace(self._close(clip), stopping=stopping), StepKind.SWEEP)
            elif clip.step_kind is StepKind.PUBLISH:
                self._requeue(clip)
            else:
                self._close(clip)  # the staged file is durable: a PUBLISH step takes it from here
        elif stopping is not StopReason.NONE or cancelling:
            self._skip(self._close(clip), stopping if stopping is not StopReason.NONE else StopReason.CANCELLED)
        else:
            self._requeue(self._move(clip, ClipEvent.RETURN, data={"why": why}))
        self._settle()

    def lost(self, index: int, *, why: str) -> None:
        """The executor of the live step stopped answering for a whole lease."""
        clip = self.clips[index]
        if clip.step_kind is StepKind.SWEEP or clip.step_state is not StepState.RUNNING:
            self.returned(index, why=why)
            return
        stopping = clip.stopping
        if stopping is StopReason.NONE and self.job.state is JobState.CANCELLING:
            stopping = StopReason.CANCELLED
        clip = self._move(replace(self._close(clip), stopping=stopping), ClipEvent.INTERRUPT, data={"why": why})
        if stopping is not StopReason.NONE and self.job.state is not JobState.RECOVERY_REQUIRED:
            self._open(clip, StepKind.SWEEP)
        self._settle()

    def swept(self, index: int, *, found: FinalPath) -> None:
        """What dead attempts staged is gone; `found` says what stands under the final name."""
        clip = self._close(self.clips[index])
        facts = {"final_path": found}
        if clip.state is ClipState.STAGED:
            self._skip(clip, clip.stopping)
        elif found is FinalPath.SAME:
            self._finish(clip, ClipEvent.ADOPT, data=facts)
        elif found is FinalPath.FOREIGN:
            self._put(replace(clip, hold=Hold.FOREIGN))
            self._note("clip.held", index=index, before=clip.state, after=clip.state, data=facts)
        elif clip.stopping is not StopReason.NONE:
            self._skip(clip, clip.stopping)
        elif self.job.state is JobState.CANCELLING:
            self._skip(clip, StopReason.CANCELLED)
        else:
            self._open(self._move(clip, ClipEvent.REQUEUE, data=facts), StepKind.ENCODE)
        self._settle()

    # --- the rules that follow every change ---------------------------------------------------------------------

    def _settle(self) -> None:
        self._advance_head()
        self._open_what_may_run()
        self._derive_state()

    def _advance_head(self) -> None:
        while True:
            head = min((clip.index for clip in self._unfinished()), default=self.job.next_clip)
            self.job = replace(self.job, head=head)
            clip = self.clips.get(head)
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
        while self.job.next_clip < self.job.clip_count and self._room():
            index = self.job.next_clip
            self.job = replace(self.job, next_clip=index + 1)
            self._open(Clip(index=index, state=ClipState.QUEUED), StepKind.ENCODE)

    def _room(self) -> bool:
        if self.job.fail_fast:
            return self.job.next_clip < self.job.head + self.job.window
        # a clip in doubt keeps its place in the record, not in the window: the rest runs first
        return sum(clip.state is not ClipState.INTERRUPTED for clip in self._unfinished()) < self.job.window

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
        doubtful = [clip for clip in open_clips if clip.waits_for_sweep]
        if not doubtful or state is JobState.RECOVERY_REQUIRED:
            return
        others = any(clip.step_kind is not None for clip in open_clips) or self.job.next_clip < self.job.clip_count
        if self.job.fail_fast or not others:
            self._move_job(JobEventKind.RECOVER, reason=why_in_doubt(doubtful))

    def _outcome(self) -> JobEventKind:
        if self.job.completed == self.job.clip_count:
            return JobEventKind.FINISH_COMPLETED
        if self.job.state is JobState.CANCELLING:
            return JobEventKind.FINISH_CANCELLED
        return JobEventKind.FINISH_PARTIAL if self.job.completed else JobEventKind.FINISH_FAILED

    def _stop_after(self, index: int) -> None:
        for clip in self._unfinished():
            if clip.index > index:
                self._stop(clip, StopReason.FAIL_FAST)

    def _stop(self, clip: Clip, reason: StopReason) -> None:
        if clip.stopping is not StopReason.NONE:
            return
        if clip.state in (ClipState.QUEUED, ClipState.LEASED) or clip.provisional:
            self._skip(self._close(clip), reason)
        elif clip.state is ClipState.RUNNING:
            self._put(replace(clip, stopping=reason))
            self.commands.append(CancelLease(clip_index=clip.index))
        elif clip.state is ClipState.STAGED:
            self._open(replace(self._close(clip), stopping=reason), StepKind.SWEEP)
        elif clip.state is ClipState.INTERRUPTED:
            self._put(replace(clip, stopping=reason))
            if clip.step_kind is None and self.job.state is not JobState.RECOVERY_REQUIRED:
                self._open(self.clips[clip.index], StepKind.SWEEP)

    def _skip_rest(self, reason: StopReason) -> None:
        first = self.job.next_clip
        count = self.job.clip_count - first
        if count > 0:
            self.skip_unopened = (first, reason)
            self._note("clips.skip", before="QUEUED", after="SKIPPED", data={"first": first, "reason": reason})
            self.job = replace(self.job, next_clip=self.job.clip_count, skipped=self.job.skipped + count)

    # --- the only places that write -----------------------------------------------------------------------------

    def _unfinished(self) -> list[Clip]:
        return [self.clips[index] for index in sorted(self.clips) if not self.clips[index].finished]

    def _put(self, clip: Clip) -> Clip:
        self.clips[clip.index] = clip
        self.changed.add(clip.index)
        return clip

    def _step(self, index: int, state: StepState) -> Clip:
        return self._put(replace(self.clips[index], step_state=state))

    def _open(self, clip: Clip, kind: StepKind) -> Clip:
        self.commands.append(OpenStep(clip_index=clip.index, kind=kind))
        return self._put(replace(clip, step_kind=kind, step_state=StepState.QUEUED))

    def _close(self, clip: Clip) -> Clip:
        if clip.step_kind is None:
            return clip
        self.commands.append(CloseStep(clip_index=clip.index))
        return self._put(replace(clip, step_kind=None, step_state=None))

    def _requeue(self, clip: Clip) -> None:
        self.commands.append(RequeueStep(clip_index=clip.index))
        self._put(replace(clip, step_state=StepState.QUEUED))

    def _move(self, clip: Clip, event: ClipEvent, *, data: Mapping[str, object] | None = None) -> Clip:
        after = next_clip_state(clip_index=clip.index, state=clip.state, event=event)
        self._note(f"clip.{event}", index=clip.index, before=clip.state, after=after, data=data)
        return self._put(replace(clip, state=after))

    def _finish(self, clip: Clip, event: ClipEvent, *, data: Mapping[str, object] | None = None) -> None:
        moved = self._move(clip, event, data=data)
        if moved.state is ClipState.COMPLETED:
            self.job = replace(self.job, completed=self.job.completed + 1)
        else:
            self.job = replace(self.job, failed=self.job.failed + 1)

    def _skip(self, clip: Clip, reason: StopReason) -> None:
        skipped = replace(clip, skip_reason=reason, stopping=StopReason.NONE, provisional=False)
        self._move(skipped, ClipEvent.SKIP, data={"reason": reason})
        self.job = replace(self.job, skipped=self.job.skipped + 1)

    def _move_job(
        self, event: JobEventKind, *, reason: str | None = None, data: Mapping[str, object] | None = None
    ) -> None:
        before = self.job.state
        after = next_job_state(state=before, event=event)
        kept = self.job.reason if after.terminal else ""
        self.job = replace(self.job, state=after, reason=kept if reason is None else reason)
        self._note(f"job.{event}", before=before, after=after, data=data)

    def _note(
        self, kind: str, *, before: str, after: str, index: int | None = None, data: Mapping[str, object] | None = None
    ) -> None:
        self.job = replace(self.job, revision=self.job.revision + 1)
        self.events.append(
            EventDraft(kind=kind, clip_index=index, before=str(before), after=str(after), data=data or {})
        )

    def _refuse(self, verb: str) -> None:
        state = self.job.state
        allowed = tuple(known for known in allowed_verbs(state=state) if known != "start")
        raise IllegalTransitionError(subject="job", state=state, event=verb, allowed=allowed)
