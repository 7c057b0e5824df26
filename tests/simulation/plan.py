"""What one history is: jobs, hosts and faults, all drawn from the seed (swarm: each history has its own few faults)."""

import random
from dataclasses import dataclass, replace
from enum import StrEnum

from proxx.core.jobs import CollisionPolicy, FailurePolicy


class Fault(StrEnum):
    """The kinds of things that go wrong."""

    EXECUTOR_CRASH = "executor_crash"
    EXECUTOR_STOP = "executor_stop"
    DRAIN = "drain"
    SCHEDULER_CRASH = "scheduler_crash"
    SCHEDULER_STOP = "scheduler_stop"
    PARTITION = "partition"
    LOSS = "loss"
    REPEAT = "repeat"
    DELAY = "delay"
    STORE_REFUSES = "store_refuses"
    WALL_CLOCK = "wall_clock"
    DISK_KILL = "disk_kill"
    STALL = "stall"
    RENAME_ERROR = "rename_error"
    FLUSH_ERROR = "flush_error"
    DISK_FULL = "disk_full"
    POWER = "power"
    STRANGER = "stranger"
    SOURCE_CHANGE = "source_change"
    VERBS = "verbs"
    CANCEL = "cancel"
    FINISHED_CRASH = "finished_crash"
    WATCHER_CRASH = "watcher_crash"
    ENGINE_LOST = "engine_lost"


CHANGES_RESULTS = frozenset(
    {
        Fault.RENAME_ERROR,
        Fault.FLUSH_ERROR,
        Fault.DISK_FULL,
        Fault.STRANGER,
        Fault.SOURCE_CHANGE,
        Fault.CANCEL,
        Fault.POWER,
        Fault.ENGINE_LOST,
    }
)
"""Faults after which the files of a job may be others than those of a quiet sequential run."""


CLIP_BYTES = 5_000_000
"""What a clip of a history is expected to take, and a little more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPlan:
    """One job: its clips, which of them cannot be encoded, and how it is submitted."""

    number: int
    clips: int
    bad: frozenset[int]
    policy: FailurePolicy
    window: int
    hold: bool
    submit_at: float
    collision: CollisionPolicy
    standing: frozenset[int]
    """Clips at whose output a file stands before the job is submitted."""
    requeues: int = 0
    """How often a lost clip is queued again by policy; 0 holds it."""
    raw: bool = False
    """Whether its sources are camera RAW, which Resolve alone inspects and encodes."""

    @property
    def job_id(self) -> str:
        return f"{0xA0 + self.number:08x}"

    def source(self, index: int) -> str:
        return f"/footage/{self.number}/c{index}.mov"

    def output(self, index: int) -> str:
        return f"/proxies/{self.number}/c{index}_proxy.{'mov' if self.raw else 'mp4'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPlan:
    """One history."""

    seed: int
    jobs: tuple[JobPlan, ...]
    hosts: int
    slots: int
    lease_seconds: float
    encode_seconds: tuple[float, float]
    bit_exact: bool
    faults: frozenset[Fault]
    quiet_from: float
    """When faults stop, in virtual seconds."""
    fence_after: int = 0
    """After so many failures in a row an executor is fenced; 0: never."""
    staging_budget: int | None = None
    """Bytes that may be staged ahead of the heads of jobs; None: any number."""
    watched: bool = False
    """Whether the jobs are dropped into a watch folder, and a watcher submits them."""
    probe_slots: tuple[int, ...] = ()
    """How many PROBEs each host takes beside its slots; 0: they take slots."""
    resolve: frozenset[int] = frozenset()
    """The hosts that have Resolve instead of FFmpeg."""

    @property
    def comparable(self) -> bool:
        """Whether its FAIL_FAST jobs must leave the files of a sequential run."""
        return not self.faults & CHANGES_RESULTS


def draw_plan(seed: int) -> HistoryPlan:
    """Draw a history."""
    source = random.Random(f"plan {seed}")
    policies = random.Random(f"policies {seed}")  # apart: they came later, and move no other draw
    finished = random.Random(f"finished {seed}")  # apart, too
    watching = random.Random(f"watching {seed}")  # apart, too
    probing = random.Random(f"probing {seed}")  # apart, too
    later = (Fault.FINISHED_CRASH, Fault.WATCHER_CRASH, Fault.ENGINE_LOST)
    faults = frozenset(fault for fault in Fault if fault not in later and source.random() < 0.22)
    plan = HistoryPlan(
        seed=seed,
        jobs=tuple(_job(source, policies, number) for number in range(1 if source.random() < 0.7 else 2)),
        hosts=source.randint(1, 3),
        slots=source.randint(1, 2),
        lease_seconds=3.0,
        encode_seconds=source.choice([(0.3, 2.0), (1.0, 6.0)]),
        bit_exact=source.random() < 0.5,
        faults=faults,
        quiet_from=source.uniform(8.0, 25.0) if faults else 0.0,
        fence_after=policies.choice([0, 0, 1, 2]),
    )
    if finished.random() < 0.3:
        plan = replace(plan, faults=faults | {Fault.FINISHED_CRASH}, quiet_from=max(plan.quiet_from, 12.0))
    if watching.random() < 0.2:
        plan = replace(plan, watched=True)
        if watching.random() < 0.7:
            faults = plan.faults | {Fault.WATCHER_CRASH}
            plan = replace(plan, faults=faults, quiet_from=max(plan.quiet_from, 10.0))
    plan = replace(plan, probe_slots=tuple(probing.choice([0, 1, 2]) for _ in range(plan.hosts)))
    plan = replace(plan, staging_budget=finished.choice([None, None, 0, CLIP_BYTES, 2 * CLIP_BYTES + 1]))
    return _with_resolve(plan, random.Random(f"resolve {seed}"))  # apart, too


def _with_resolve(plan: HistoryPlan, source: random.Random) -> HistoryPlan:
    """Let some histories have camera RAW, and hosts with Resolve for it; each job has a host that can encode it."""
    flags = [source.random() < 0.6 for _ in plan.jobs]
    hosts = {number for number in range(plan.hosts) if source.random() < 0.5}
    lost = source.random() < 0.4
    if source.random() < 0.7 or not any(flags):
        return plan
    if not all(flags) and plan.hosts == 1:
        flags = [True for _ in flags]
    hosts.add(0)
    if not all(flags):
        hosts.discard(1)
    jobs = tuple(replace(job, raw=raw) for job, raw in zip(plan.jobs, flags, strict=True))
    plan = replace(plan, jobs=jobs, resolve=frozenset(hosts))
    if lost:
        plan = replace(plan, faults=plan.faults | {Fault.ENGINE_LOST}, quiet_from=max(plan.quiet_from, 10.0))
    return plan


def _job(source: random.Random, policies: random.Random, number: int) -> JobPlan:
    clips = source.choice([1, 1, 2, 2, 3, 4])
    bad = frozenset(index for index in range(clips) if source.random() < 0.12)
    collision = source.choices(
        [CollisionPolicy.FAIL, CollisionPolicy.SUFFIX, CollisionPolicy.OVERWRITE], weights=[8, 1, 2]
    )[0]
    standing = frozenset[int]()
    if collision is not CollisionPolicy.FAIL or source.random() < 0.02:
        standing = frozenset(index for index in range(clips) if source.random() < 0.5)
    return JobPlan(
        number=number,
        clips=clips,
        bad=bad,
        policy=FailurePolicy.FAIL_FAST if source.random() < 0.75 else FailurePolicy.CONTINUE,
        window=source.choice([1, 2, 8]),
        hold=source.random() < 0.1,
        submit_at=source.uniform(0.0, 4.0),
        collision=collision,
        standing=standing,
        requeues=policies.choice([0, 0, 1, 2]),
    )
