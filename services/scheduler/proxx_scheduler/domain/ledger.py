"""The working set of one job, and the only places that write to it.

State changes through the transition tables only. What storage is to do is collected in `commands`, what is to be
recorded in `events`; which unopened clips are to be skipped, and whether all clips begin again, in attributes beside.
"""

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence

from proxx.core.jobs import ClipState, JobState
from proxx.core.replacing import replace
from proxx.core.steps import StepKind
from proxx_scheduler.domain.effects import CloseStep, EventDraft, OpenStep, RequeueStep, StepCommand
from proxx_scheduler.domain.records import Clip, Hold, Job, StepState, StopReason
from proxx_scheduler.domain.transitions import ClipEvent, JobEventKind, next_clip_state, next_job_state


class Ledger:
    """One job and its open clips, with what was decided about them."""

    def __init__(self, *, job: Job, clips: Iterable[Clip], upcoming: Sequence[int] | None = None) -> None:
        """Take the job and every clip that was opened and is not finished.

        `upcoming` are the next clips that were never opened in this run, as many as the window is wide, where clips of
        an earlier run stand between them; None says that they are all those from `job.next_clip` on.
        """
        self.job = job
        self.clips = {clip.index: clip for clip in clips}
        self._open_indexes = sorted(clip.index for clip in self.clips.values() if not clip.finished)
        self.upcoming = upcoming
        self.commands: list[StepCommand] = []
        self.events: list[EventDraft] = []
        self.changed: set[int] = set()
        self.skip_unopened: tuple[int, StopReason] | None = None
        self.new_run = False
        """A new run began: the result of the one before is to be kept, and its failed and skipped clips begin again."""
        self.rebound = False
        """The newest revision of the spec comes into force, and every clip begins again."""

    def _unopened(self) -> int:
        """How many clips were never opened in this run, and are still to be."""
        return self.job.clip_count - self.job.finished_clips - len(self._open_indexes)

    def _unfinished(self) -> list[Clip]:
        return [self.clips[index] for index in self._open_indexes]

    def _put(self, clip: Clip) -> Clip:
        before = self.clips.get(clip.index)
        known = before is not None and not before.finished
        if known and clip.finished:
            self._open_indexes.remove(clip.index)
        elif not (known or clip.finished):
            insort(self._open_indexes, clip.index)
        self.clips[clip.index] = clip
        self.changed.add(clip.index)
        return clip

    def stored(self) -> None:
        """What was decided is on its way to storage: the next decision begins with what stands now."""
        self.commands, self.events, self.changed = [], [], set()
        if len(self.clips) > len(self._open_indexes):
            self.clips = {index: self.clips[index] for index in self._open_indexes}

    def _step(self, index: int, state: StepState) -> Clip:
        return self._put(replace(self.clips[index], step_state=state))

    def _open(self, clip: Clip, kind: StepKind) -> Clip:
        ahead = kind is StepKind.ENCODE and self.job.fail_fast and clip.index != self.job.head
        self.commands.append(OpenStep(clip_index=clip.index, kind=kind, ahead=ahead))
        return self._put(replace(clip, step_kind=kind, step_state=StepState.QUEUED, ahead=ahead))

    def _close(self, clip: Clip) -> Clip:
        if clip.step_kind is None:
            return clip
        self.commands.append(CloseStep(clip_index=clip.index))
        return self._put(replace(clip, step_kind=None, step_state=None, ahead=False))

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
        if reason is StopReason.REBOUND:
            if self.job.state is not JobState.CANCELLING:
                self._give_up(clip)
                return
            reason = StopReason.CANCELLED  # cancelled while it was being rebound
        skipped = replace(clip, skip_reason=reason, stopping=StopReason.NONE, provisional=False)
        self._move(skipped, ClipEvent.SKIP, data={"reason": reason})
        self.job = replace(self.job, skipped=self.job.skipped + 1)

    def _give_up(self, clip: Clip) -> None:
        """Bring a clip whose work was ended for a rebind back to where it was before it began."""
        free = replace(clip, stopping=StopReason.NONE, provisional=False, failure_kind=None, hold=Hold.NONE)
        if clip.state is ClipState.QUEUED:
            self._put(free)
            return
        event = ClipEvent.RETURN if clip.state in (ClipState.LEASED, ClipState.RUNNING) else ClipEvent.REQUEUE
        self._move(free, event, data={"why": StopReason.REBOUND})

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
