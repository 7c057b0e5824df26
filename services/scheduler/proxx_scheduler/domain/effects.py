"""What a decision asks storage to do: step commands and events, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from proxx.core.steps import StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """A step of this kind is to be queued for the clip. `ahead`: it encodes ahead of the head, to be staged."""

    clip_index: int
    kind: StepKind
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BecomesHead:
    """The clip is head from now on: its live ENCODE step, opened ahead, is held back by no staging budget any more."""

    clip_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseStep:
    """The clip's live step is over; a lease on it is fenced off."""

    clip_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequeueStep:
    """The clip's live step goes back to its old place in the queue."""

    clip_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelLease:
    """The executor that holds the clip's live step is to be told CANCEL."""

    clip_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenProbe:
    """A PROBE step is to be queued for these clips, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInspect:
    """An INSPECT step is to be queued for the clip, whose facts only Resolve can state."""

    clip_index: int


StepCommand = OpenStep | BecomesHead | CloseStep | RequeueStep | CancelLease | OpenProbe | OpenInspect


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """An event to append: what changed, from what to what, with which facts."""

    kind: str
    clip_index: int | None
    before: str
    after: str
    data: Mapping[str, object] = field(default_factory=dict)
