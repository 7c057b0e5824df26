"""What an operator should know before a verb, beside the fate of every clip. One sentence each."""

from collections.abc import Iterable

from proxx.core.jobs import ClipState, JobState
from proxx.core.verbs import Verb
from proxx_scheduler.domain.board import Board
from proxx_scheduler.domain.doubt import why_in_doubt
from proxx_scheduler.domain.records import Clip, Job, StopReason

WORKING = frozenset({ClipState.LEASED, ClipState.RUNNING, ClipState.PUBLISHING})


def verb_warnings(*, verb: Verb, before: Job, opened: Iterable[Clip], board: Board) -> tuple[str, ...]:
    """Return the warnings of a verb: `before` and `opened` are job and open clips before it, `board` is after it."""
    clips = list(opened)
    found: list[str] = []
    doubtful = [clip for clip in clips if clip.waits_for_sweep]
    if doubtful:
        found.append(f"in doubt: {why_in_doubt(doubtful)}")
    doubt = [clip for clip in doubtful if clip.state is ClipState.INTERRUPTED]
    if doubt and verb is Verb.RESUME and not before.cancel:
        found.append(
            "of a clip in doubt the sweep looks for a finished proxy: one under its final name is adopted; one that was"
            " finished and not yet published is published in its turn; otherwise the clip is made again"
        )
    elif doubt and verb in (Verb.RESUME, Verb.CANCEL, Verb.CANCEL_NOW, Verb.REBIND):
        found.append("a finished proxy of a clip in doubt that is not yet under its final name is thrown away")
    match verb:
        case Verb.START if not before.admitted:
            found.append("the sources are still being looked at: the job runs only once every one is accepted")
        case Verb.RESUME if before.rebinding:
            found.append("the rebind that waits is dropped: the job goes on under the revision in force")
        case Verb.CANCEL if any(clip.state in WORKING and clip.index == before.head for clip in clips):
            found.append(f"clip {before.head} finishes and is published first; CANCEL_NOW stops it too")
        case Verb.CANCEL_NOW if any(clip.state in WORKING for clip in clips):
            found.append("work under way is stopped and thrown away")
        case Verb.RETRY:
            found.append(
                f"run {board.job.run_number} looks at sources and outputs again before anything is made; if one is"
                " refused, an output that exists too, nothing is made"
            )
        case Verb.REBIND:
            found.append("the job is held afterwards: nothing is made until it is started")
            if before.state is JobState.RECOVERY_REQUIRED:
                found.append("if a published file is found by the sweep, the revision in force stays")
        case Verb.RESCHEDULE if any(clip.state in WORKING for clip in clips):
            found.append("clips that an executor has keep it")
        case _:
            pass
    if before.cancel and verb is Verb.RESUME:
        found.append("the job was being cancelled, and goes on being cancelled")
    stopping = [clip.index for clip in clips if clip.stopping not in (StopReason.NONE, StopReason.REBOUND)]
    if stopping and verb is not Verb.CANCEL_NOW:
        found.append(f"clips that are being stopped already: {', '.join(map(str, stopping))}")
    return tuple(found)
