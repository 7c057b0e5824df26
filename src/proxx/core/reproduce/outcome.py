"""What came of making clips again."""

from dataclasses import dataclass
from enum import StrEnum

from proxx.core.reproduce.difference import Difference
from proxx.core.reproduce.locate import FirstDifference
from proxx.core.toolchain import Toolchain


class Outcome(StrEnum):
    """EQUAL: the same bytes. DIFFERENT: other bytes. IMPOSSIBLE: nothing was compared; the reason says why."""

    EQUAL = "EQUAL"
    DIFFERENT = "DIFFERENT"
    IMPOSSIBLE = "IMPOSSIBLE"


class PublishedState(StrEnum):
    """What stands at the recorded output path now."""

    AS_RECORDED = "AS_RECORDED"
    ALTERED = "ALTERED"
    ABSENT = "ABSENT"
    UNREADABLE = "UNREADABLE"
    NOT_LOOKED = "NOT_LOOKED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The file at the recorded output path. `sha256` is None where it could not be read."""

    state: PublishedState
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipReproduction:
    """One clip. `reason` is one sentence; `kept_path` is where the remade file was left, when it was asked for."""

    clip_index: int
    source_path: str
    output_path: str
    outcome: Outcome
    reason: str
    recorded_sha256: str | None
    remade_sha256: str | None
    published: Published
    differences: tuple[Difference, ...]
    first_difference: FirstDifference | None
    kept_path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """All clips that were asked for, and with which tools they were made again."""

    job_id: str
    job_key: str
    toolchain: Toolchain
    clips: tuple[ClipReproduction, ...]

    @property
    def outcome(self) -> Outcome:
        """DIFFERENT when any clip is, else IMPOSSIBLE when any clip is (or none was asked for), else EQUAL."""
        found = {clip.outcome for clip in self.clips} or {Outcome.IMPOSSIBLE}
        return next(word for word in (Outcome.DIFFERENT, Outcome.IMPOSSIBLE, Outcome.EQUAL) if word in found)


def judge_digests(*, recorded: str, remade: str, published: Published) -> tuple[Outcome, str]:
    """Return the outcome and its sentence from three digests: recorded, remade, and of the file that is there now.

    A published file that is not the recorded one any more counts as DIFFERENT, also where the remade one is right.
    """
    if remade == recorded and published.state is PublishedState.ALTERED:
        return Outcome.DIFFERENT, "the remade file is the recorded one; the published file was altered since"
    if remade == recorded:
        notes = {
            PublishedState.ABSENT: "; the published file is not there any more",
            PublishedState.UNREADABLE: "; the published file cannot be read",
        }
        return Outcome.EQUAL, f"the same bytes as recorded{notes.get(published.state, '')}"
    if published.sha256 == remade:
        return Outcome.DIFFERENT, "the remade file is the published one; the digest in the result is of another file"
    sentences = {
        PublishedState.AS_RECORDED: "other bytes than the published file, which is the recorded one",
        PublishedState.ALTERED: "other bytes than recorded, and the published file was altered since",
        PublishedState.ABSENT: "other bytes than recorded; the published file is not there any more to compare with",
        PublishedState.UNREADABLE: "other bytes than recorded; the published file cannot be read to compare with",
        PublishedState.NOT_LOOKED: "other bytes than recorded",
    }
    return Outcome.DIFFERENT, sentences[published.state]
