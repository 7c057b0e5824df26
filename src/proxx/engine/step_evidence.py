"""Evidence for the tools of a step: which files the paths are that they are given."""

import asyncio

from proxx.engine.disk import disk_error
from proxx.engine.evidence import PathEvidence, evidence_of
from proxx.runtime.where import Where


async def evidence_at(*, places: tuple[Where, ...]) -> tuple[PathEvidence, ...]:
    """Return which file or directory is at each place.

    Raises:
        StepFailedError: one cannot be looked at.
    """
    try:
        return tuple([await asyncio.to_thread(evidence_of, place) for place in places])
    except OSError as error:
        raise disk_error(error, what="cannot look at what a tool is to be shown") from error
