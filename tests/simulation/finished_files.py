"""What a dead attempt of the state machine leaves: a finished file and its journal, which a SWEEP may deliver."""

from collections.abc import Collection, Sequence

from proxx.core.leases import Lease
from proxx.core.roots import RootPath
from proxx.core.staging import staged_path
from proxx.core.steps import Delivered, Journal, PreparedOutput, SweepWork
from tests.fakes.scripted_executor import sha256_of
from tests.simulation.memo import judged, planned_measure
from tests.simulation.sim_steps import EXECUTION


def finished_file(
    *, sweep: Lease, work: SweepWork, leases: Sequence[tuple[str, Lease]], started: Collection[str]
) -> Delivered | None:
    """Return the file of the clip's newest encode, where it was started and the SWEEP may deliver it.

    `leases` are all that were granted, in order, with the executor's name.
    """
    clip = (sweep.job_key, sweep.clip_index)
    made = [(name, one) for name, one in leases if one.encode is not None and (one.job_key, one.clip_index) == clip]
    if work.deliver is None or not made or made[-1][1].lease_id not in started:
        return None
    maker, encode = made[-1]
    taker = next(name for name, known in leases if known.lease_id == sweep.lease_id)
    assert encode.encode is not None
    plan, measured = planned_measure(encode.encode)
    output = PreparedOutput(
        staged=_staged(encode, plan.output, maker),
        sha256=sha256_of(encode),
        size_bytes=1,
        measured=measured,
        verdict=judged(plan=plan, measured=measured),
        execution=EXECUTION,
    )
    journal = Journal(
        step_id=encode.step_id,
        epoch=encode.epoch,
        incarnation=f"incarnation of {maker}",
        plan_digest=work.deliver.plan_digest,
        source=work.deliver.source,
        output=output,
    )
    return Delivered(staged=_staged(sweep, work.output, taker), journal=journal)


def _staged(lease: Lease, output: RootPath, name: str) -> RootPath:
    return staged_path(
        output=output,
        job_id=lease.job_id,
        clip_index=lease.clip_index,
        step_id=lease.step_id,
        epoch=lease.epoch,
        incarnation=f"incarnation of {name}",
    )
