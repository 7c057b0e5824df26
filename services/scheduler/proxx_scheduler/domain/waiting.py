"""Why something waits: pure, from facts that cost little to collect. The gravest reason is the one that is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from proxx.core.jobs import ClipState, JobState
from proxx.core.quoting import quote
from proxx.core.reports.units import size_text
from proxx.core.waiting import WaitingCode, WaitingReason
from proxx_scheduler.domain.needs import Needs
from proxx_scheduler.domain.records import Job
from proxx_scheduler.domain.rules import Rules

COUNTED = 1000
"""So far what is ahead is counted; more is told as `1000 or more`."""

NAMED = 5
"""So many holders of a resource are named."""

NAMED_CODECS = 12
"""So many pairs of each executor are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An executor with a session. `alive`: it called within one lease; `draining`, `fenced`: it gets nothing new.

    `codecs` are the pairs that its Resolve encodes, `probe_slots` how many PROBEs it does beside its slots.
    """

    name: str
    engine: str
    roots: frozenset[str]
    planner_version: int
    alive: bool
    draining: bool
    fenced: bool = False
    codecs: frozenset[str] = frozenset()
    probe_slots: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What holds for every step. `trouble` is why the database refuses writes; `holders` are those of each resource;
    `staged` has the bytes that are staged, or being made to be, on each root with a staging budget.
    """

    candidates: Sequence[Candidate]
    rules: Rules
    held: Mapping[str, int] = field(default_factory=dict)
    holders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    staged: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What goes before a step: steps of higher priority, steps of its own queue, and the queue that is next (or "")."""

    higher: int
    before: int
    next_queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A queued step: its queue, what it needs, what goes before it, how large its output is expected to be, and which
    step is next of those under the same staging budget."""

    queue: str
    needs: Needs
    ahead: Ahead
    expected_bytes: int = 0
    next_staged: "NextStaged | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStaged:
    """The step that is next of those under one staging budget: none of them passes it."""

    job_key: str
    clip_index: int
    expected_bytes: int


def why_clip_waits(
    *, index: int, state: ClipState, job: Job, line: Line | None, site: Site
) -> WaitingReason | None:  # fmt: skip
    """Return why a clip waits, None when it does not. `line` is its queued step, or that which probes it, if any."""
    if state not in (ClipState.QUEUED, ClipState.STAGED, ClipState.INTERRUPTED) or job.state.terminal:
        return None
    if site.trouble:
        return _reason(WaitingCode.STORAGE, f"the database refuses writes: {site.trouble}")
    if job.state is JobState.PENDING:
        if job.hold and job.admitted:
            return _reason(WaitingCode.HELD, "the job is held until it is started")
        blocked = None if line is None else why_step_waits(line=line, site=site)
        return blocked or _reason(WaitingCode.PROBING, "the job's sources are being probed or inspected")
    if line is not None:
        return why_step_waits(line=line, site=site)
    if job.state is JobState.PAUSED:
        return _reason(WaitingCode.PAUSED, "the job is paused until it is resumed")
    if job.state is JobState.RECOVERY_REQUIRED or state is ClipState.INTERRUPTED:
        return _reason(WaitingCode.RECOVERY, job.reason or "its executor was lost: resume or cancel the job")
    if state is ClipState.QUEUED and index >= job.next_clip:
        return _unopened(job)
    return _reason(WaitingCode.HEAD, f"clip {job.head} is not finished, and files appear in the order of the job")


def _unopened(job: Job) -> WaitingReason:
    if job.fail_fast and job.next_clip < job.head + job.window:
        return _reason(WaitingCode.HEAD, f"clip {job.head} is in doubt, or a clip after it failed")
    first = f" from clip {job.head} on" if job.fail_fast else ""
    return _reason(WaitingCode.WINDOW, f"{job.window} clips{first} are open at once (max_parallel_clips)")


def why_step_waits(*, line: Line, site: Site) -> WaitingReason:
    """Return why a queued step waits: who could run it, then what is scarce, then who goes before it."""
    missing = why_nobody_can(needs=line.needs, candidates=site.candidates)
    return missing or _scarce(line, site) or _behind(line)


def why_nobody_can(*, needs: Needs, candidates: Sequence[Candidate]) -> WaitingReason | None:
    """Return why no executor can run steps with these needs, None when one can."""
    kind = "" if needs.open_to_all else f"{needs.engine} "
    fit = [item for item in candidates if needs.open_to_all or item.engine == needs.engine]
    alive = [item for item in fit if item.alive]
    if not alive:
        lost = f": {_names(fit)} answered no more" if fit else ""
        return _reason(WaitingCode.NO_EXECUTOR, f"no {kind}executor is healthy{lost}")
    mounting = [item for item in alive if item.roots.issuperset(needs.roots)]
    if not mounting:
        return _no_root(needs, alive, kind)
    answering = [item for item in mounting if item.codecs or needs.engine != "resolve"]
    if not answering:
        detail = f"DaVinci Resolve answers on no executor that could run it: {_names(mounting)}"
        return _reason(WaitingCode.NO_EXECUTOR, detail)
    planning = [item for item in answering if needs.planner_version in (None, item.planner_version)]
    if not planning:
        known = ", ".join(str(version) for version in sorted({item.planner_version for item in mounting}))
        detail = f"it was planned by planner version {needs.planner_version}; the executors have {known}"
        return _reason(WaitingCode.PLANNER_VERSION, detail)
    encoding = [item for item in planning if not needs.codec or needs.codec in item.codecs]
    if not encoding:
        return _no_codec(needs, planning)
    return _why_none_takes(needs, encoding)


def _why_none_takes(needs: Needs, able: Sequence[Candidate]) -> WaitingReason | None:
    """Return why none of the executors that could run steps with these needs is given one."""
    left = [item for item in able if item.name not in needs.avoid]
    if not left:
        detail = f"the engine of every executor that could run it was unavailable when it had it: {_names(able)}"
        return _reason(WaitingCode.NO_EXECUTOR, detail)
    if any(not (item.draining or item.fenced) for item in left):
        return None
    if not any(item.fenced for item in left):
        return _reason(WaitingCode.DRAINED, f"every executor that could run it is drained: {_names(left)}")
    how = "fenced off" if all(item.fenced for item in left) else "fenced off or drained"
    return _reason(WaitingCode.FENCED, f"every executor that could run it is {how}: {_names(left)}")


def _no_codec(needs: Needs, able: Sequence[Candidate]) -> WaitingReason:
    """Name the pair that no executor encodes, and what they encode."""
    hosts = "; ".join(f"{quote(text=item.name)} encodes {_codecs(item)}" for item in able[:NAMED])
    more = f"; and {len(able) - NAMED} more" if len(able) > NAMED else ""
    detail = f"no healthy {needs.engine} executor encodes {quote(text=needs.codec)}: {hosts}{more}"
    return _reason(WaitingCode.NO_CODEC, detail)


def _codecs(item: Candidate) -> str:
    pairs = sorted(item.codecs)
    more = f" and {len(pairs) - NAMED_CODECS} more" if len(pairs) > NAMED_CODECS else ""
    return ", ".join(quote(text=pair) for pair in pairs[:NAMED_CODECS]) + more


def _no_root(needs: Needs, alive: Sequence[Candidate], kind: str) -> WaitingReason:
    mounted = frozenset[str]().union(*(item.roots for item in alive))
    absent = [quote(text=root) for root in needs.roots if root not in mounted]
    if absent:
        return _reason(WaitingCode.NO_ROOT, f"no healthy {kind}executor mounts root {', '.join(absent)}")
    together = " and ".join(quote(text=root) for root in needs.roots)
    return _reason(WaitingCode.NO_ROOT, f"no healthy {kind}executor mounts {together} together")


def _scarce(line: Line, site: Site) -> WaitingReason | None:
    for name in line.needs.resources:
        resource, holders = site.rules.resources.get(name), site.holders.get(name, ())
        if resource is not None and len(holders) >= resource.count:
            more = f" and {len(holders) - NAMED} more" if len(holders) > NAMED else ""
            users = ", ".join(holders[:NAMED]) + more
            return _reason(WaitingCode.RESOURCE, f"all {resource.count} of {quote(text=name)} are in use by {users}")
    limit, held = site.rules.limits.get(line.queue), site.held.get(line.queue, 0)
    if limit is not None and held >= limit and not line.needs.finishes:
        detail = f"queue {quote(text=line.queue)} runs {held} steps, and its limit is {limit}"
        return _reason(WaitingCode.QUEUE_LIMIT, detail)
    return _over_budget(line, site)


def _over_budget(line: Line, site: Site) -> WaitingReason | None:
    root, expected = line.needs.staging, line.expected_bytes
    staged, which = site.staged.get(root, 0), "this clip"
    if not root:
        return None
    if site.rules.fits(root=root, staged=staged, expected=expected):
        first = line.next_staged
        if first is None or site.rules.fits(root=root, staged=staged, expected=first.expected_bytes):
            return None
        which = f"clip {first.clip_index} of job {first.job_key}, which goes first,"
        expected = first.expected_bytes
    budget = size_text(site.rules.budgets[root])
    detail = (
        f"on root {quote(text=root)} {size_text(staged)} are staged or being made ahead of their turn, {which} is"
        f" expected to take {size_text(expected)}, and the staging budget is {budget}; as head it goes without"
    )
    return _reason(WaitingCode.STAGING_BUDGET, detail)


def _behind(line: Line) -> WaitingReason:
    ahead = line.ahead
    if ahead.higher:
        return _reason(WaitingCode.PRIORITY, f"behind {_count(ahead.higher)} of higher priority")
    if ahead.next_queue not in ("", line.queue):
        queue = quote(text=line.queue)
        detail = f"queue {quote(text=ahead.next_queue)} is next; queue {queue} has had its share"
        return _reason(WaitingCode.FAIR_SHARE, detail)
    if ahead.before:
        return _reason(WaitingCode.TURN, f"behind {_count(ahead.before)} of queue {quote(text=line.queue)}")
    return _reason(WaitingCode.SLOT, "it is next; no executor has asked for it yet")


def _count(steps: int) -> str:
    if steps >= COUNTED:
        return f"{COUNTED} or more clips"
    return "1 clip" if steps == 1 else f"{steps} clips"


def _names(items: Sequence[Candidate]) -> str:
    shown = ", ".join(quote(text=item.name) for item in items[:NAMED])
    return shown + (f" and {len(items) - NAMED} more" if len(items) > NAMED else "")


def _reason(code: WaitingCode, detail: str) -> WaitingReason:
    return WaitingReason(code=code, detail=detail)
