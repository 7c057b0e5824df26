"""When an executor is fenced off: it fails or loses one clip after another, and the footage does not explain it.

Pure rules over what executors failed at since they last finished a clip; docs/EXECUTOR_PROTOCOL.md, "Fencing", says why
they are as they are. Footage is never blamed on a host: what another executor failed at too counts for neither, and
failures that footage can explain fence nobody unless another executor finishes clips of the same footage meanwhile.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from proxx.core.failure import FailureKind

OWN = frozenset({FailureKind.TOOL_NOT_FOUND, FailureKind.PLAN_MISMATCH})
"""What only the executor itself can be the reason of, whoever else says the same."""

HOST = OWN | {
    FailureKind.IO_ERROR,
    FailureKind.EXECUTOR_LOST,
    FailureKind.ENGINE_UNAVAILABLE,
    FailureKind.STORAGE_UNAVAILABLE,
}
"""What footage alone does not cause: the executor, its host, its engine, or what it mounts."""

NOBODY = frozenset(
    {
        FailureKind.OUTPUT_EXISTS,
        FailureKind.NO_SPACE,
        FailureKind.SOURCE_CHANGED,
        FailureKind.STAGED_LOST,
        FailureKind.ASSET_UNAVAILABLE,
    }
)
"""What another executor would meet just the same: a volume, a file of somebody else, a profile that is gone."""

REMEMBERED = 32
"""So many failures of an executor are kept, to tell whether another fails at the same."""

RECORDS_KEPT = 500
"""So many executors are remembered by what they failed at; those that are fenced are never forgotten."""

SOURCES_KEPT = 64
"""So many sources of one death are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One failure of an executor, or one death with everything that was lost by it.

    `sources` are digests of the files concerned; `job_key` and `clip_index` name the first. `counts`: nothing excused
    it and nothing was finished since. `others_finished`: another executor was a witness (see `Row`).
    Of a death, `incarnation` and `sequence` (its newest acquire call) tell which one it was.
    """

    kind: FailureKind
    sources: tuple[str, ...]
    job_key: str
    clip_index: int
    counts: bool = True
    others_finished: bool = False
    incarnation: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorRecord:
    """What is held against an executor, by its name. Fenced when `fence_time` is not None."""

    name: str
    marks: tuple[Mark, ...] = ()
    fence_reason: str = ""
    fence_time: datetime | None = None

    @property
    def fenced(self) -> bool:
        """Whether it gets nothing new."""
        return self.fence_time is not None

    @property
    def streak(self) -> tuple[Mark, ...]:
        """The marks that count, oldest first."""
        return tuple(mark for mark in self.marks if mark.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Which lease was lost: granted by the acquire call `granted` of an incarnation whose newest was `newest`."""

    incarnation: str
    granted: int
    newest: int


class Row:
    """The clips of one job that an executor failed since it last finished one, and whether a witness speaks against it.

    A witness is another executor that finished a clip of the same job which stands behind the first failed one, after
    that one failed. Clips of other jobs are other footage, and clips that stand before were begun before: a card whose
    second half is bad would be blamed on the host that got to it first.
    """

    def __init__(self, first: int) -> None:
        """Begin with the first clip that failed."""
        self._first = first
        self.witnessed = False

    def finished_by_another(self, clip_index: int) -> None:
        """Another executor finished a clip of the same job."""
        self.witnessed = self.witnessed or clip_index > self._first


def with_failure(
    *, records: Mapping[str, ExecutorRecord], name: str, mark: Mark, loss: Loss | None = None
) -> tuple[ExecutorRecord, ...]:
    """Return the records that change when an executor fails or loses a clip: its own, and those that it excuses."""
    if mark.kind in NOBODY:
        return ()
    own = records.get(name, ExecutorRecord(name=name))
    if loss is not None:
        mark = replace(mark, incarnation=loss.incarnation, sequence=loss.newest)
        same = next((known for known in own.marks if _is_same_death(known, loss)), None)
        if same is not None:  # one death, however many leases it takes
            mark = replace(same, sources=tuple(dict.fromkeys((*same.sources, *mark.sources)))[:SOURCES_KEPT])
            own = replace(own, marks=tuple(known for known in own.marks if known is not same))
    own = replace(own, marks=tuple(known for known in own.marks if _differ(known, mark)))  # the same again is one
    changed = []
    for other in records.values():
        shared = [other.name != name and _excuse_each_other(known, mark) for known in other.marks]
        if any(shared):
            mark = replace(mark, counts=False)
        if any(known.counts and same for known, same in zip(other.marks, shared, strict=True)):
            pairs = zip(other.marks, shared, strict=True)
            excused = tuple(replace(known, counts=False) if same else known for known, same in pairs)
            changed.append(replace(other, marks=excused))
    return (replace(own, marks=(*own.marks, mark)[-REMEMBERED:]), *changed)


def finished(record: ExecutorRecord) -> ExecutorRecord:
    """Return the record of an executor that finished a clip: nothing counts any more, and a fence stays."""
    return replace(record, marks=tuple(replace(mark, counts=False) for mark in record.marks))


def released(record: ExecutorRecord) -> ExecutorRecord:
    """Return the record of an executor that an operator trusts again."""
    return replace(finished(record), fence_reason="", fence_time=None)


def why_fence(record: ExecutorRecord, *, fence_after: int) -> str:
    """Return why an executor is to be fenced, "" when it is not. `fence_after` failures in a row do it; 0: none do."""
    streak = record.streak
    if record.fenced or fence_after == 0 or len(streak) < fence_after:
        return ""
    certain = sum(mark.kind in HOST for mark in streak) >= fence_after
    contradicted = any(mark.others_finished for mark in streak[1:])
    if not (certain or contradicted):
        return ""
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(mark.kind for mark in streak).items()))
    others = "; others finished clips of the same job meanwhile" if contradicted else ""
    return f"{len(streak)} times in a row it failed or was lost, and finished nothing between: {kinds}{others}"


def superfluous(records: Iterable[ExecutorRecord]) -> tuple[str, ...]:
    """Return the names that can be forgotten where too many are remembered: first those against whom nothing counts."""
    known = sorted(records, key=lambda record: (bool(record.streak), record.name))
    free = [record.name for record in known if not record.fenced]
    return tuple(free[: max(0, len(known) - RECORDS_KEPT)])


def _is_same_death(mark: Mark, loss: Loss) -> bool:
    """Whether a lease was lost with those of an earlier mark: it was granted before that one was made."""
    lost = mark.kind is FailureKind.EXECUTOR_LOST
    return lost and mark.incarnation == loss.incarnation and loss.granted <= mark.sequence


def _differ(one: Mark, other: Mark) -> bool:
    return set(one.sources).isdisjoint(other.sources)


def _excuse_each_other(known: Mark, mark: Mark) -> bool:
    """Whether two executors failed at the same: the same source, or, where footage can be the reason, the same job."""
    if known.job_key == mark.job_key and known.kind not in HOST and mark.kind not in HOST:
        return True
    return known.kind not in OWN and mark.kind not in OWN and not _differ(known, mark)


def by_name(records: Iterable[ExecutorRecord]) -> dict[str, ExecutorRecord]:
    """Return records by the names of their executors."""
    return {record.name: record for record in records}
