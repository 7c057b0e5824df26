"""A board world with operators: runs, revisions and verbs, as storage keeps them."""

import random
from collections.abc import Callable
from itertools import groupby

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, JobState
from proxx.core.steps import StepKind
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.effects import CloseStep, OpenStep
from proxx_scheduler.domain.records import Clip, ClipRange, StepState
from proxx_scheduler.domain.transitions import IllegalTransitionError
from tests.fakes.board_world import BoardWorld


class VerbWorld(BoardWorld):
    """A board world that keeps what storage keeps over runs and revisions, and presses verbs at random."""

    def stored(self) -> tuple[ClipRange, ...]:
        """All clips as storage would show them."""
        rows = [
            self.clips.get(index, Clip(index=index, state=ClipState.QUEUED)) for index in range(self.job.clip_count)
        ]
        found = []
        for (state, reason), group in groupby(rows, key=lambda clip: (clip.state, clip.skip_reason)):
            items = list(group)
            found.append(ClipRange(first=items[0].index, last=items[-1].index, state=state, skip_reason=reason))
        return tuple(found)

    def upcoming(self) -> tuple[int, ...]:
        """What was never opened in this run, at most as many as the window is wide."""
        return tuple(index for index in range(self.job.next_clip, self.job.clip_count) if index not in self.clips)[
            : self.job.window
        ]

    def do(self, verb: str, *arguments: object, **options: object) -> object:
        board = Board(
            job=self.job,
            clips=[clip for clip in self.clips.values() if not clip.finished],
            upcoming=self.upcoming(),
        )
        answer = getattr(board, verb)(*arguments, **options)
        self.check(board)
        self.job = board.job
        if board.new_run or board.rebound:
            kept = {} if board.rebound else {ClipState.COMPLETED}
            self.clips = {index: clip for index, clip in self.clips.items() if clip.state in kept}
            self.told_to_cancel.clear()
        self.clips.update(board.clips)
        if board.skip_unopened is not None:
            first, reason = board.skip_unopened
            for index in range(first, self.job.clip_count):
                self.clips.setdefault(index, Clip(index=index, state=ClipState.SKIPPED, skip_reason=reason))
        for command in board.commands:
            if type(command).__name__ == "CancelLease":
                self.told_to_cancel.add(command.clip_index)
            elif isinstance(command, OpenStep) and command.kind is StepKind.ENCODE:
                self.told_to_cancel.discard(command.clip_index)
        return answer

    def check(self, board: Board) -> None:
        """No step for what is published, and no command twice at once for one clip."""
        for command in board.commands:
            if isinstance(command, OpenStep | CloseStep) and command.clip_index in self.clips:
                assert self.clips[command.clip_index].state is not ClipState.COMPLETED, command
        assert board.job.completed >= self.job.completed
        assert not (board.rebound and board.job.completed)
        assert not (board.rebound and board.job.head)
        assert board.job.completed + board.job.failed + board.job.skipped <= board.job.clip_count

    def press(self, verb: str) -> bool:
        """Press a verb. Returns whether it was allowed; a retry is in every job that ended without some clip."""
        retries = self.job.state in (JobState.PARTIAL, JobState.FAILED)
        deeds: dict[str, Callable[[], object]] = {
            "cancel": lambda: self.do("cancel", now=False),
            "cancel_now": lambda: self.do("cancel", now=True),
            "retry": lambda: self.do("retry", clips=self.stored()),
            "rebind": lambda: self.do("rebind", digest="d" * 64),
            "reschedule": lambda: self.do("reschedule", priority=1, queue=None),
        }
        try:
            deeds.get(verb, lambda: self.do(verb))()
        except IllegalTransitionError:
            assert not (verb == "retry" and retries)
            return False
        return True

    def probed(self, chance: random.Random) -> bool:
        """Let admission come to its decision. Returns whether there was one to come to."""
        if self.job.state is not JobState.PENDING or self.job.admitted:
            return False
        if chance.random() < (0.03 if self.job.run_number == 1 else 0.15):
            self.do("reject", violations=1)
        else:
            self.do("admit", has_warnings=False)
        return True

    def event(self, chance: random.Random) -> None:
        """Let one thing happen that needs no operator, good or bad."""
        running, leased = self.steps(StepState.RUNNING), self.steps(StepState.LEASED)
        deed = chance.choice(("grant", "grant", "begin", "begin", "finish", "finish", "lose", "return", "fail"))
        if deed == "grant" and self.grantable():
            self.do("granted", chance.choice(self.grantable()).index)
        elif deed == "begin" and leased:
            self.do("started", chance.choice(leased).index)
        elif deed == "finish" and running:
            self.finish(chance.choice(running).index)
        elif deed == "lose" and running + leased:
            clip = chance.choice(running + leased)
            self.lose(clip.index, after_publishing=chance.random() < 0.5, finished=chance.random() < 0.5)
        elif deed == "return" and running + leased:
            clip = chance.choice(running + leased)
            if clip.state is not ClipState.PUBLISHING or clip.step_kind is StepKind.PUBLISH:
                self.do("returned", clip.index, why="DRAINED")
        elif deed == "fail" and running:
            self._fail(chance.choice(running), chance)

    def _fail(self, clip: Clip, chance: random.Random) -> None:
        if clip.step_kind is StepKind.SWEEP and chance.random() < 0.3:
            self.do("swept", clip.index, found=FinalPath.FOREIGN)
        elif clip.step_kind is StepKind.SWEEP or clip.step_kind is StepKind.PUBLISH:
            self.do("failed", clip.index, kind=FailureKind.IO_ERROR, message="the volume is gone")
        elif clip.state is ClipState.RUNNING:
            self.do("failed", clip.index, kind=FailureKind.NO_SPACE, message="no space")

    def can_move(self) -> bool:
        """Whether anything can happen by itself."""
        looking = self.job.state is JobState.PENDING and not self.job.admitted
        return looking or bool(self.steps(StepState.RUNNING, StepState.LEASED) or self.grantable())
