"""What a JobSpec folder keeps in memory between two passes; all of it can be found out again."""

from dataclasses import dataclass, field
from datetime import datetime

from proxx.core.jobs import JobState, JobView
from proxx.core.violation import Violation
from proxx.core.watch_folders import EntryState
from proxx_watcher.domain.sighting import History
from proxx_watcher.domain.spec_names import name_order
from proxx_watcher.domain.spec_record import SpecRecord
from proxx_watcher.domain.spec_rules import Step


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A JobSpec file that no job of this folder follows yet.

    `read_form` is the form in which it was last read, with `sha256` and `violations` of that. `step` is what the
    rules said of it, `generation` what that is about; None before it was judged. `decided_on` is what stood under its
    result's name then. `changes` counts how often it was seen to change.
    """

    name: str
    history: History
    since: datetime
    state: EntryState = EntryState.WAITING
    reason: str = "seen for the first time"
    read_form: tuple[int, ...] | None = None
    sha256: str = ""
    violations: tuple[Violation, ...] = ()
    step: Step | None = None
    generation: int = 0
    decided_on: object = None
    order: int = 0
    changes: int = 0
    next_ask: float = 0.0
    wait_seconds: float = 0.0
    """When it may be submitted again after its submission failed, by the monotonic clock, and how long that waits."""
    settles: bool = True
    """Whether it comes to a decision without anybody's help, as far as can be seen."""


@dataclass(slots=True, kw_only=True)
class Live:
    """A record that was submitted and not delivered, and its job as last seen."""

    record: SpecRecord
    view: JobView | None
    state: EntryState
    since: datetime
    reason: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether the job comes to an end without an operator; only such jobs count against `max_workers`."""
        return self.state in (EntryState.SUBMITTED, EntryState.RUNNING)


@dataclass(slots=True, kw_only=True)
class Leftover:
    """A file among those whose job goes on, which no known job belongs to."""

    name: str
    form: tuple[int, ...]
    since: datetime
    sha256: str = ""
    reason: str = "not looked up yet"
    held: bool = False
    next_ask: float = 0.0


@dataclass(slots=True, kw_only=True)
class Odd:
    """A name that is no JobSpec and that an operator may wonder about."""

    reason: str
    since: datetime


@dataclass(slots=True, kw_only=True)
class SpecState:
    """Everything of one folder by name; `live` by ledger key."""

    candidates: dict[str, Candidate] = field(default_factory=dict)
    live: dict[str, Live] = field(default_factory=dict)
    leftovers: dict[str, Leftover] = field(default_factory=dict)
    odd: dict[str, Odd] = field(default_factory=dict)
    frozen: frozenset[str] | None = None
    """With `--once`: the names of the first look; others wait for another time."""
    failures: int = 0


def live_state(view: JobView) -> tuple[EntryState, str]:
    """Return how a job that goes on is shown, and why where the state does not say it."""
    if view.state is JobState.RECOVERY_REQUIRED:
        return EntryState.RECOVERY_REQUIRED, f"job {view.job_id}: {view.reason or 'work in doubt'}"
    if view.state is JobState.PENDING:
        return (EntryState.HELD if view.options.hold else EntryState.SUBMITTED), ""
    return EntryState.RUNNING, "" if view.state is JobState.RUNNING else f"the job is {view.state}"


def ready_order(candidate: Candidate) -> tuple[int, bytes]:
    """Return the key by which candidates are submitted: when they became ready, then the bytes of their names."""
    return candidate.order, name_order(candidate.name)
