"""A step whose executor found no working engine: who else may do it."""

from collections.abc import Collection
from dataclasses import replace

from proxx.core.failure import FailureKind
from proxx_scheduler.app.granting import can_run
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import LeaseRecord
from proxx_scheduler.domain.losing import may_move
from proxx_scheduler.domain.needs import Needs


def next_needs(tx: Tx, *, lease: LeaseRecord, failure: FailureKind, name: str, alive: Collection[str]) -> Needs | None:
    """Return what a failed step asks for from now on so that another executor gets it; None when it is over.

    `name` is the executor that failed, `alive` are the incarnations of those that call. It is over when the failure is
    not the host's, when its file was prepared, when it was given on as often as may be, or when nobody else is there
    that could run it.
    """
    if failure is not FailureKind.ENGINE_UNAVAILABLE or lease.answer is not None:
        return None
    if not may_move(step=lease.kind, failure=failure, before=tx.setbacks(lease)):
        return None
    needs = tx.step_needs(lease)
    needs = replace(needs, avoid=tuple(sorted({*needs.avoid, name})))
    for session in tx.sessions():
        description = session.description
        if session.draining or not session.open or description.incarnation not in alive:
            continue
        if can_run(needs=needs, description=description) and not tx.is_barred(description.name):
            return needs
    return None
