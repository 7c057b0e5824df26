"""The kinds of calls that have budgets of their own, so that a flood of one leaves the others alone."""

from collections.abc import Mapping
from enum import StrEnum

_EXECUTORS = "proxx.api.executors.v1.ExecutorService"
_JOBS = "proxx.api.jobs.v1.JobService"
_HEALTH = "grpc.health.v1.Health"


class CallKind(StrEnum):
    """What a call holds while it lasts."""

    EXECUTOR = "executor"
    """Executors' calls that answer at once: work that was begun is lost without them."""
    LONG_POLL = "long poll"
    """Executors that wait for work."""
    SUBMISSION = "submission"
    """Calls that carry a JobSpec."""
    LOOK = "look"
    """Calls that wait until executors have looked at files."""
    STREAM = "stream"
    """Calls that are answered again and again until their caller has enough."""
    HEALTH = "health"
    """Whoever watches over the process."""
    HEALTH_STREAM = "health stream"
    """The same, for as long as it likes: nobody is asked who that is, so it takes no place of other streams."""
    OTHER = "other"
    """Everything else that answers at once."""


_KINDS: Mapping[str, CallKind] = {
    f"/{_EXECUTORS}/AcquireLeases": CallKind.LONG_POLL,
    f"/{_JOBS}/SubmitJob": CallKind.SUBMISSION,
    f"/{_JOBS}/PlanVerb": CallKind.SUBMISSION,
    f"/{_JOBS}/PlanJob": CallKind.LOOK,
    f"/{_JOBS}/RebindPreset": CallKind.LOOK,
    f"/{_JOBS}/ProbeSource": CallKind.LOOK,
    f"/{_JOBS}/WatchJobs": CallKind.STREAM,
    f"/{_HEALTH}/Check": CallKind.HEALTH,
    f"/{_HEALTH}/Watch": CallKind.HEALTH_STREAM,
}


def kind_of(*, method: str, streams: bool) -> CallKind:
    """Return the kind of a method by its full name (`/package.Service/Method`); `streams`: it may answer many times."""
    kind = _KINDS.get(method)
    if kind is not None:
        return kind
    if streams:
        return CallKind.STREAM
    return CallKind.EXECUTOR if method.startswith(f"/{_EXECUTORS}/") else CallKind.OTHER
