"""The entry of a source that nobody could look at."""

from proxx.core.steps import ProbedSource
from proxx.core.violation import Violation, ViolationCode


def unprobed(*, clip_index: int, path: str, why: str) -> ProbedSource:
    """Return an entry without facts whose violation says why."""
    message = f"{path} could not be probed: {why}"
    return ProbedSource(
        clip_index=clip_index,
        identity=None,
        detection=None,
        facts=None,
        output_exists=False,
        violations=(Violation(code=ViolationCode.PROBE_FAILED, field="source", message=message),),
    )
