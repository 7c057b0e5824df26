"""A world around one Board: executors that succeed, fail, hand back or vanish, and the files they publish.

It keeps to the executor protocol, so that whatever it finds wrong is wrong in the board.
"""

import random
from dataclasses import dataclass, field

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import PrepareAnswer, StepKind
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.records import CancelMode, Clip, Job, StepState


def new_job(*, clips: int, policy: FailurePolicy = FailurePolicy.FAIL_FAST, window: int = 8, hold: bool = False) -> Job:
    return Job(
        job_key="job",
        job_id="0000beef",
        state=JobState.PENDING,
        reason="",
        revision=1,
        failure_policy=policy,
        window=window,
        hold=hold,
        admitted=False,
        clip_count=clips,
        head=0,
        next_clip=0,
        completed=0,
        failed=0,
        skipped=0,
        has_warnings=False,
        cancel=CancelMode.NONE,
    )


@dataclass
class BoardWorld:
    """`bad` clips fail at their encode. Published clips are the files that exist."""

    job: Job
    bad: frozenset[int] = frozenset()
    clips: dict[int, Clip] = field(default_factory=dict)
    published: list[int] = field(default_factory=list)
    prepared: set[int] = field(default_factory=set)
    told_to_cancel: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    """Clips of which a dead attempt left a finished file."""
    in_one_go: bool = True
    """Whether an encode publishes in the same breath as it prepares, or leaves room for a loss between the two."""

    def do(self, verb: str, *arguments: object, **options: object) -> object:
        """Run one method of the board and keep what it decided."""
        board = Board(job=self.job, clips=[clip for clip in self.clips.values() if not clip.finished])
        answer = getattr(board, verb)(*arguments, **options)
        self.job = board.job
        self.clips.update(board.clips)
        if board.skip_unopened is not None:
            first, reason = board.skip_unopened
            for index in range(first, self.job.clip_count):
                self.clips[index] = Clip(index=index, state=ClipState.SKIPPED, skip_reason=reason)
        for command in board.commands:
            if type(command).__name__ == "CancelLease":
                self.told_to_cancel.add(command.clip_index)
        return answer

    def admit(self) -> "BoardWorld":
        self.do("admit", has_warnings=False)
        return self

    def steps(self, *states: StepState) -> list[Clip]:
        return [clip for clip in self.clips.values() if clip.step_state in states]

    def grantable(self) -> list[Clip]:
        allowed = {
            StepKind.ENCODE: {JobState.RUNNING},
            StepKind.PUBLISH: {JobState.RUNNING, JobState.CANCELLING},
            StepKind.SWEEP: set(JobState),
        }
        return [clip for clip in self.steps(StepState.QUEUED) if self.job.state in allowed[clip.step_kind]]

    def start(self, index: int) -> None:
        self.do("granted", index)
        self.do("started", index)

    def finish(self, index: int) -> None:
        """Let the running step of a clip end by itself, as the protocol says."""
        clip = self.clips[index]
        if clip.step_kind is StepKind.SWEEP and index in self.left and index not in self.published:
            self.left.discard(index)
            if clip.state is ClipState.INTERRUPTED:
                self.do("delivered", index, has_warnings=False, facts={})
            else:
                self.do("swept", index, found=FinalPath.ABSENT)
        elif clip.step_kind is StepKind.SWEEP:
            found = FinalPath.SAME if index in self.published else FinalPath.ABSENT
            self.do("swept", index, found=found)
        elif clip.state is ClipState.PUBLISHING:
            self.publish(index)
        elif index in self.told_to_cancel and clip.stopping:
            self.do("returned", index, why="CANCELLED")
        elif index in self.bad:
            self.do("failed", index, kind=FailureKind.TOOL_EXIT_NONZERO, message="FFmpeg exited with code 1")
        elif self.do("prepared", index, has_warnings=False, facts={}) is PrepareAnswer.PUBLISH and self.in_one_go:
            self.publish(index)

    def publish(self, index: int) -> None:
        assert index not in self.published, f"clip {index} was published twice"
        self.published.append(index)
        self.do("published", index)

    def lose(self, index: int, *, after_publishing: bool = False, finished: bool = False) -> None:
        """The executor of a running step vanishes, perhaps after its file was finished, or took the final name."""
        clip = self.clips[index]
        if finished and clip.step_state is StepState.RUNNING and clip.step_kind is not StepKind.SWEEP:
            self.left.add(index)
        if clip.state is ClipState.PUBLISHING and after_publishing:
            self.published.append(index)
        self.do("lost", index, why="gone")

    def run_to_rest(self, *, random_source: random.Random, executors: int = 4) -> None:
        """Let everything that can happen without an operator happen, in random order."""
        for _ in range(10_000):
            running = self.steps(StepState.RUNNING)
            leased = self.steps(StepState.LEASED)
            free = self.grantable() if len(running) + len(leased) < executors else []
            choices = [("finish", clip) for clip in running] + [("begin", clip) for clip in leased]
            choices += [("grant", clip) for clip in free]
            if not choices:
                return
            what, clip = random_source.choice(choices)
            if what == "grant":
                self.do("granted", clip.index)
            elif what == "begin":
                self.do("started", clip.index)
            else:
                self.finish(clip.index)
        raise AssertionError("the job never came to rest")

    def states(self) -> list[str]:
        return [self.clips[index].state if index in self.clips else "UNOPENED" for index in range(self.job.clip_count)]
