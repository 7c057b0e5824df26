"""How long the request of each method may be. Only what carries a spec or files' facts is large."""

from collections.abc import Mapping

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""Largest message of all, published by GetSystemInfo."""

SMALL_BYTES = 64 * 1024
"""Largest request of a method that is not listed."""

_MIDDLE_BYTES = 1024 * 1024
_EXECUTORS = "/proxx.api.executors.v1.ExecutorService"
_JOBS = "/proxx.api.jobs.v1.JobService"

_LARGEST: Mapping[str, int] = {
    f"{_JOBS}/SubmitJob": MAX_MESSAGE_BYTES,
    f"{_JOBS}/PlanJob": MAX_MESSAGE_BYTES,
    f"{_JOBS}/PlanVerb": MAX_MESSAGE_BYTES,
    f"{_JOBS}/RebindPreset": MAX_MESSAGE_BYTES,
    f"{_JOBS}/ProbeSource": 8 * 1024 * 1024,
    f"{_JOBS}/WatchJobs": _MIDDLE_BYTES,
    f"{_EXECUTORS}/CompleteLeases": MAX_MESSAGE_BYTES,
    f"{_EXECUTORS}/PrepareLease": MAX_MESSAGE_BYTES,
    f"{_EXECUTORS}/PrepareLeases": MAX_MESSAGE_BYTES,
    f"{_EXECUTORS}/RenewLeases": _MIDDLE_BYTES,
    f"{_EXECUTORS}/OpenSession": 2 * _MIDDLE_BYTES,
    f"{_EXECUTORS}/ReleaseLeases": _MIDDLE_BYTES,
    "/proxx.api.watch.v1.WatchService/ReportFolders": _MIDDLE_BYTES,
}


def largest_message(*, method: str) -> int:
    """Return the most bytes that the request of a method (`/package.Service/Method`) may have."""
    return _LARGEST.get(method, SMALL_BYTES)
