"""The decisions about one job: a pure working set of the job and its open clips.

Every method is one thing that happened. It changes the records through the transition tables only, and collects what
storage is to do (`commands`), what is to be recorded (`events`) and which unopened clips are to be skipped. No clock,
no ids, no I/O: the same calls give the same result (docs/ARCHITECTURE.md, "In-order commit").
"""

from collections.abc import Mapping, Sequence

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, JobState
from proxx.core.replacing import replace
from proxx.core.steps import PrepareAnswer, StepKind
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.effects import OpenInspect
from proxx_scheduler.domain.losing import loss_facts, why_given_up
from proxx_scheduler.domain.operator_verbs import OperatorVerbs
from proxx_scheduler.domain.records import CancelMode, Hold, StepState, StopReason
from proxx_scheduler.domain.transitions import ClipEvent, JobEventKind


class Board(OperatorVerbs):
    """One job and its open clips; see the module's text. Operators' verbs and the rules stand in the modules beside."""

    # --- admission ----------------------------------------------------------------------------------------------

    def admit(self, *, has_warnings: bool, facts: Mapping[str, object] | None = None) -> None:
        """Every source was probed and accepted. A held job waits for its operator."""
        self.job = replace(self.job, admitted=True, has_warnings=self.job.has_warnings or has_warnings)
        if self.job.hold:
            data = {"held": True, **(facts or {})}
            self._note("job.admitted", before=self.job.state, after=self.job.state, data=data)
            self.job = replace(self.job, reason="held")
            return
        self._move_job(JobEventKind.ADMIT, data=facts)
        self._settle()

    def inspect(self, *, clips: Sequence[int]) -> None:
        """Every source was probed and none refused; the facts of these clips only Resolve can state."""
        state = self.job.state
        self._note("job.inspect", before=state, after=state, data={"clips": len(clips)})
        self.commands.extend(OpenInspect(clip_index=index) for index in clips)

    def reject(self, *, violations: int) -> None:
        """Some source, path or name was refused: nothing is made. What an earlier run published stays."""
        event = JobEventKind.REJECT
        if self.job.run_number > 1:
            event = JobEventKind.FINISH_PARTIAL if self.job.completed else JobEventKind.FINISH_FAILED
        data = {"violations": violations, "run": self.job.run_number}
        self._move_job(event, reason="validation", data=data if self.job.run_number > 1 else {"violations": violations})
        self._skip_rest(StopReason.REJECTED)

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

    def published(self, index: int, *, facts: Mapping[str, object] | None = None) -> None:
        """The file stands under its final name, durably."""
        self._finish(self._close(self.clips[index]), ClipEvent.COMPLETE, data=facts)
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

    def lost(self, index: int, *, why: str, losses: int = 0) -> None:
        """The executor of the live step stopped answering for a whole lease; of a SWEEP, `losses` of its starts did."""
        clip = self.clips[index]
        if clip.step_kind is StepKind.SWEEP:
            facts = loss_facts(why=why, losses=losses)
            self._note("clip.sweep_lost", index=index, before=clip.state, after=clip.state, data=facts)
            given_up = why_given_up(losses=losses)
            if given_up:
                self.failed(index, kind=FailureKind.EXECUTOR_LOST, message=given_up)
                return
        if clip.step_kind is StepKind.SWEEP or clip.step_state is not StepState.RUNNING:
            self.returned(index, why=why)
            return
        stopping = clip.stopping
        if stopping is StopReason.NONE and self.job.state is JobState.CANCELLING:
            stopping = StopReason.CANCELLED
        clip = self._move(replace(self._close(clip), stopping=stopping), ClipEvent.INTERRUPT, data={"why": why})
        if stopping is not StopReason.NONE and (self.job.state is not JobState.RECOVERY_REQUIRED or self.job.rebinding):
            self._open(clip, StepKind.SWEEP)
        elif stopping is StopReason.NONE:
            self._take_back(clip)
        self._settle()

    def delivers(self, index: int) -> bool:
        """Whether a finished file that a dead attempt of this clip left is still wanted."""
        clip = self.clips.get(index)
        if clip is None or clip.state is not ClipState.INTERRUPTED:
            return False
        return clip.stopping is StopReason.NONE and self.job.state is not JobState.CANCELLING

    def delivered(self, index: int, *, has_warnings: bool, facts: Mapping[str, object]) -> None:
        """A SWEEP took the finished file of a dead attempt; the final path is free. It is published in its turn."""
        stopping = self.clips[index].stopping
        if stopping is StopReason.NONE and not self.delivers(index):
            stopping = StopReason.CANCELLED
        clip = self._move(self._close(self.clips[index]), ClipEvent.DELIVER, data=facts)
        if stopping is StopReason.NONE:
            self.job = replace(self.job, has_warnings=self.job.has_warnings or has_warnings)
        else:  # it was cancelled or rebound while the SWEEP looked: another one removes the file
            self._open(replace(clip, stopping=stopping), StepKind.SWEEP)
        self._settle()

    def delivery_refused(self, index: int, *, facts: Mapping[str, object]) -> None:
        """What a SWEEP delivered is not what the clip needs: the SWEEP is to be done again, and removes it."""
        clip = self.clips[index]
        self._note("clip.delivery_refused", index=index, before=clip.state, after=clip.state, data=facts)
        self._requeue(clip)

    def swept(self, index: int, *, found: FinalPath, facts: Mapping[str, object] | None = None) -> None:
        """What dead attempts staged is gone; `found` says what stands under the final name."""
        clip = self._close(self.clips[index])
        facts = {"final_path": found, **(facts or {})}
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
