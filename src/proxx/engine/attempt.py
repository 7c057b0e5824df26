"""One attempt at one clip, whatever engine makes it: the plan rebuilt, this host's places, the staged name held."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from proxx.core.failure import FailureKind
from proxx.core.leases import Lease
from proxx.core.plan import PLANNER_VERSION, Plan
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.roots import RootPath
from proxx.core.staging import staged_path
from proxx.core.steps import EncodeWork
from proxx.engine.disk import disk_error
from proxx.engine.errors import failed
from proxx.engine.mounts import MountError, MountTable, mount_failure
from proxx.engine.staging import remove_staged, reserve_staged


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one attempt works on. `source` and `staged_file` are paths of this host."""

    lease: Lease
    plan: Plan
    work: EncodeWork
    source: Path
    staged: RootPath
    staged_file: Path


def place_of(*, lease: Lease, incarnation: str) -> RootPath | None:
    """Return where the attempt of this lease stages its output; None for a lease that stages nothing."""
    if lease.encode is None:
        return None
    return staged_path(
        output=lease.encode.inputs.output,
        job_id=lease.job_id,
        clip_index=lease.clip_index,
        step_id=lease.step_id,
        epoch=lease.epoch,
        incarnation=incarnation,
    )


def begin_attempt(*, mounts: MountTable, lease: Lease, work: EncodeWork, incarnation: str) -> Attempt:
    """Rebuild the plan and find the places. Touches no file.

    Raises:
        StepFailedError: PLAN_MISMATCH, or a path that this host does not reach.
    """
    plan = _rebuild(work)
    staged = place_of(lease=lease, incarnation=incarnation)
    assert staged is not None  # noqa: S101  the lease carries the work that this was called with
    try:
        source = mounts.local(work.inputs.source)
    except MountError as error:
        raise mount_failure(error, FailureKind.SOURCE_UNREADABLE) from error
    try:
        staged_file = mounts.local(staged)
    except MountError as error:
        raise mount_failure(error, FailureKind.IO_ERROR) from error
    return Attempt(lease=lease, plan=plan, work=work, source=source, staged=staged, staged_file=staged_file)


@contextlib.contextmanager
def holding_place(*, mounts: MountTable, attempt: Attempt) -> Iterator[None]:
    """Hold the staged name; whatever goes wrong in the block, all that was staged is gone before the error goes on.

    Raises:
        StepFailedError: NO_SPACE or IO_ERROR, or whatever the block raises.
    """
    try:
        reserve_staged(mounts.rooted(attempt.staged), quarantine=attempt.work.replaces is not None)
    except OSError as error:
        raise disk_error(error, what="cannot stage the output") from error
    try:
        yield
    except BaseException:
        remove_staged(mounts=mounts, staged=attempt.staged)
        raise


def _rebuild(work: EncodeWork) -> Plan:
    if work.planner_version != PLANNER_VERSION:
        raise failed(
            FailureKind.PLAN_MISMATCH,
            f"the plan was made by planner version {work.planner_version}; this executor has version {PLANNER_VERSION}",
        )
    try:
        plan = plan_clip(inputs=work.inputs)
    except PlanRefusedError as refusal:
        raise failed(
            FailureKind.PLAN_MISMATCH, f"the scheduler made a plan and this executor refuses one: {refusal}"
        ) from refusal
    if plan.digest != work.plan_digest:
        raise failed(
            FailureKind.PLAN_MISMATCH,
            f"the plan rebuilt here has digest {plan.digest}; the scheduler's has {work.plan_digest}",
        )
    return plan
