"""Work in doubt: what a SWEEP can see of it, and how its job says why it waits."""

from collections.abc import Iterable
from enum import StrEnum

from proxx_scheduler.domain.records import Clip, Hold


class FinalPath(StrEnum):
    """What a SWEEP saw under the final name. UNREPLACED: the file that was to be replaced, as it was at admission."""

    ABSENT = "absent"
    SAME = "same"
    UNREPLACED = "unreplaced"
    FOREIGN = "foreign"


SENTENCES = {
    Hold.FOREIGN: "other bytes stand at the final path of",
    Hold.SWEEP_FAILED: "what was left could not be swept of",
    Hold.PUBLISH_FAILED: "the file system failed while it published",
    Hold.LOST_AGAIN: "every automatic requeue was used, and the executor was lost again while it worked on",
    Hold.NONE: "the executor was lost while it worked on",
}
"""The gravest first: a job names one reason."""


def why_in_doubt(clips: Iterable[Clip]) -> str:
    """Return why a job waits for its operator, in one sentence; `clips` are those in doubt, at least one."""
    doubtful = list(clips)
    hold = next(hold for hold in SENTENCES if any(clip.hold is hold for clip in doubtful))
    numbers = ", ".join(str(clip.index) for clip in doubtful if clip.hold is hold)
    return f"{SENTENCES[hold]} clip {numbers}"
