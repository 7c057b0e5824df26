"""What a verb makes of every clip: read from the board after the verb was decided on a copy that is stored nowhere."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from proxx.core.jobs import ClipState, JobState
from proxx.core.steps import StepKind
from proxx.core.verbs import ClipFate, FateCount, FateRange
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.operator_verbs import RETRIED
from proxx_scheduler.domain.records import Clip, ClipRange, StopReason

FINISHED = frozenset({ClipState.COMPLETED, ClipState.FAILED, ClipState.SKIPPED})
WORKING = frozenset({ClipState.LEASED, ClipState.RUNNING, ClipState.PUBLISHING})


def fates(*, stored: Iterable[ClipRange], opened: Iterable[int], board: Board) -> tuple[FateRange, ...]:
    """Return the fate of every clip in clip order, neighbours with one fate together.

    `stored` are all clips as they were before the verb, `opened` those among them that were open then, `board` is the
    job after it.
    """
    known = frozenset(opened)
    found: list[tuple[int, int, ClipFate]] = []
    for item in stored:
        inside = sorted(index for index in known if item.first <= index <= item.last)
        start = item.first
        for index in inside:
            if start < index:
                found.append((start, index - 1, _closed(item, board, at=start)))
            found.append((index, index, _open(board.clips.get(index), board)))
            start = index + 1
        if start <= item.last:
            found.append((start, item.last, _closed(item, board, at=start)))
    return tuple(_joined(found))


def counted(ranges: Sequence[FateRange]) -> tuple[FateCount, ...]:
    """Return how many clips have each fate, in the order of the enum; fates of none are left out."""
    totals = {fate: sum(item.last - item.first + 1 for item in ranges if item.fate is fate) for fate in ClipFate}
    return tuple(FateCount(fate=fate, clips=clips) for fate, clips in totals.items() if clips)


def _closed(item: ClipRange, board: Board, *, at: int) -> ClipFate:
    """The fate of clips that were not open: finished, or never opened in this run."""
    if board.rebound:
        return ClipFate.WAIT
    if item.state in FINISHED:
        again = board.new_run and (item.state is ClipState.FAILED or item.skip_reason in RETRIED)
        return ClipFate.RUN if again else ClipFate.STAY
    if board.skip_unopened is not None and at >= board.skip_unopened[0]:
        return ClipFate.SKIP
    return ClipFate.RUN if _goes_on(board) else ClipFate.WAIT


def _open(clip: Clip | None, board: Board) -> ClipFate:
    if clip is None:
        return ClipFate.WAIT  # forgotten by a rebind: made anew when the job is started
    if clip.state is ClipState.SKIPPED:
        return ClipFate.SKIP
    if clip.step_kind is StepKind.SWEEP:
        return ClipFate.SWEEP
    if clip.provisional or clip.state in FINISHED:
        return ClipFate.STAY
    if clip.state in WORKING:
        return ClipFate.FINISH if clip.stopping is StopReason.NONE else ClipFate.STOP
    if clip.state is ClipState.STAGED:
        goes = _goes_on(board) or board.job.state is JobState.CANCELLING
        return ClipFate.PUBLISH if goes else ClipFate.WAIT
    if clip.state is ClipState.QUEUED and _goes_on(board):
        return ClipFate.RUN
    return ClipFate.WAIT


def _goes_on(board: Board) -> bool:
    """Whether what waits will be made without another verb."""
    job = board.job
    return job.state is JobState.RUNNING or (job.state is JobState.PENDING and not job.hold)


def _joined(found: Iterable[tuple[int, int, ClipFate]]) -> Iterable[FateRange]:
    for fate, group in groupby(found, key=lambda item: item[2]):
        items = list(group)
        yield FateRange(fate=fate, first=items[0][0], last=items[-1][1])
