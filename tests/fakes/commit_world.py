"""Jobs that share executors, a disk and a staging budget: what the boards decide, with the files that come of it.

Executors may die at any moment: with half a file, with a finished one whose journal was written, before or after its
publication. What they leave is on the disk, and only a SWEEP sees it. It keeps to the executor protocol.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from proxx.core.failure import FailureKind
from proxx.core.jobs import ClipState, FailurePolicy, JobState
from proxx.core.steps import PrepareAnswer, StepKind
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import FinalPath
from proxx_scheduler.domain.records import Clip, Job, StepState
from proxx_scheduler.domain.rules import Rules
from tests.fakes.board_world import BoardWorld, new_job

ROOT = "proxies"
RESTING = frozenset({JobState.PAUSED, JobState.RECOVERY_REQUIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One job: how many clips, which fail, how large each output is, and how it is submitted."""

    clips: int
    bad: frozenset[int]
    sizes: tuple[int, ...]
    policy: FailurePolicy
    window: int
    requeues: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a job leaves: its state and counts, for each clip its state, reason and failure, and the files by clip."""

    job: tuple[JobState, int, int, int]
    results: tuple[tuple[ClipState, str, FailureKind | None], ...]
    files: tuple[tuple[int, str], ...]
    """In the order in which they appeared; that of a CONTINUE job counts for nothing."""


@dataclass
class CommitWorld(BoardWorld):
    """One job. `staged` are whole files in the staging directory, `files` those under their final names."""

    sizes: Sequence[int] = ()
    staged: dict[int, str] = field(default_factory=dict)
    files: dict[int, str] = field(default_factory=dict)
    offered: set[int] = field(default_factory=set)
    encodes: list[int] = field(default_factory=list)
    in_one_go: bool = False

    def grant(self, index: int) -> None:
        """Lease the queued step of a clip; a SWEEP is told now whether it may deliver."""
        board = Board(job=self.job, clips=[clip for clip in self.clips.values() if not clip.finished])
        if board.delivers(index):
            self.offered.add(index)
        self.do("granted", index)

    def finish(self, index: int) -> None:
        clip = self.clips[index]
        if clip.step_kind is StepKind.SWEEP:
            self._sweep(index)
        elif clip.step_kind is StepKind.ENCODE and clip.state is ClipState.RUNNING:
            self._encode(index)
        else:
            self._publish(index)

    def _encode(self, index: int) -> None:
        if index in self.told_to_cancel and self.clips[index].stopping:
            self.do("returned", index, why="CANCELLED")
        elif index in self.bad:
            self.do("failed", index, kind=FailureKind.TOOL_EXIT_NONZERO, message="FFmpeg exited with code 1")
        else:
            self._make(index)
            if self.do("prepared", index, has_warnings=False, facts={}) is PrepareAnswer.DISCARD:
                del self.staged[index]
                self.do("returned", index, why="CANCELLED")

    def _make(self, index: int) -> None:
        self.encodes.append(index)
        self.staged[index] = f"proxy of {index}"

    def _publish(self, index: int) -> None:
        assert index not in self.files, f"clip {index} was published twice"
        self.files[index] = self.staged.pop(index)
        self.do("published", index)

    def _sweep(self, index: int) -> None:
        may_deliver = index in self.offered
        self.offered.discard(index)
        if index in self.files:
            self.staged.pop(index, None)
            self.do("swept", index, found=FinalPath.SAME)
        elif index in self.staged and may_deliver:
            self.do("delivered", index, has_warnings=False, facts={})
        else:
            finished = self.staged.pop(index, None) is not None
            self.do("swept", index, found=FinalPath.ABSENT)
            assert not (finished and self.clips[index].state is ClipState.QUEUED), f"clip {index} is made once more"

    def die(self, index: int, chance: random.Random) -> None:
        """The executor of a leased or running step is gone, at a moment of its work."""
        clip = self.clips[index]
        running = clip.step_state is StepState.RUNNING
        if running and clip.state is ClipState.RUNNING and index not in self.bad and chance.random() < 0.5:
            self._make(index)  # its journal was written, and nobody was told
        elif running and clip.state is ClipState.PUBLISHING and chance.random() < 0.5:
            self.files[index] = self.staged.pop(index)
        self.offered.discard(index)
        self.do("lost", index, why="gone")

    def ended(self) -> Ended:
        """What the job leaves."""
        shown = [self.clips[index] for index in range(self.job.clip_count)]
        results = tuple(
            (clip.state, clip.skip_reason.value, clip.failure_kind if clip.state is ClipState.FAILED else None)
            for clip in shown
        )
        counts = (self.job.state, self.job.completed, self.job.failed, self.job.skipped)
        files = self.files.items() if self.job.fail_fast else sorted(self.files.items())
        return Ended(job=counts, results=results, files=tuple(files))


class Farm:
    """Jobs, executors with one slot each, and one root with a staging budget (None: no budget)."""

    def __init__(self, work: Sequence[Work], *, executors: int, budget: int | None) -> None:
        self._executors = executors
        self._rules = Rules() if budget is None else Rules(budgets={ROOT: budget})
        self.jobs = [CommitWorld(job=_job(item), bad=item.bad, sizes=item.sizes) for item in work]
        for job in self.jobs:
            job.admit()

    @property
    def used(self) -> int:
        """What of the budget is taken."""
        return sum(
            size
            for job in self.jobs
            if job.job.fail_fast
            for index, size in enumerate(job.sizes)
            if index in job.clips and _counts(job.clips[index])
        )

    def grantable(self, job: CommitWorld) -> list[Clip]:
        """The queued steps that the budget lets begin."""
        return [clip for clip in job.grantable() if not clip.ahead or self._fits(job, clip)]

    def _fits(self, job: CommitWorld, clip: Clip) -> bool:
        return self._rules.fits(root=ROOT, staged=self.used, expected=job.sizes[clip.index])

    def step(self, chance: random.Random, *, trouble: float = 0.0) -> bool:
        """Let one thing happen that needs no operator; with `trouble` it may be a bad one. False: nothing can."""
        held = [(job, clip) for job in self.jobs for clip in job.steps(StepState.LEASED, StepState.RUNNING)]
        free = [(job, clip) for job in self.jobs for clip in self.grantable(job)]
        choices = held + (free if len(held) < self._executors else [])
        if not choices:
            return False
        job, clip = chance.choice(choices)
        if clip.step_state is StepState.QUEUED:
            job.grant(clip.index)
        elif chance.random() < trouble:
            self._go_wrong(job, clip, chance)
        elif clip.step_state is StepState.LEASED:
            job.do("started", clip.index)
        else:
            job.finish(clip.index)
        return True

    def _go_wrong(self, job: CommitWorld, clip: Clip, chance: random.Random) -> None:
        encoding = clip.step_kind is StepKind.ENCODE and clip.state is ClipState.RUNNING
        deed = chance.choice(("die", "die", "return", "fail"))
        if deed == "return" and not (clip.step_kind is StepKind.ENCODE and clip.state is ClipState.PUBLISHING):
            job.offered.discard(clip.index)
            job.do("returned", clip.index, why="DRAINED")
        elif deed == "fail" and clip.step_kind is StepKind.SWEEP and clip.step_state is StepState.RUNNING:
            job.do("failed", clip.index, kind=FailureKind.IO_ERROR, message="not now")
        elif deed == "fail" and encoding and job.job.fail_fast and clip.index != job.job.head:
            job.do("failed", clip.index, kind=FailureKind.NO_SPACE, message="no space")
        else:
            job.die(clip.index, chance)

    def stuck(self) -> list[CommitWorld]:
        """The jobs that have not ended, wait for no operator, and have nothing that can happen."""
        return [
            job
            for job in self.jobs
            if not job.job.state.terminal
            and job.job.state not in RESTING
            and not job.steps(StepState.LEASED, StepState.RUNNING)
            and not self.grantable(job)
        ]

    def resume(self) -> None:
        """An operator resumes what waits for one."""
        for job in self.jobs:
            if job.job.state in RESTING:
                job.do("resume")


def _counts(clip: Clip) -> bool:
    begun = clip.ahead and clip.step_state in (StepState.LEASED, StepState.RUNNING)
    return begun or clip.state is ClipState.STAGED


def _job(item: Work) -> Job:
    return replace(new_job(clips=item.clips, policy=item.policy, window=item.window), requeue_limit=item.requeues)
