"""The services of this scheduler and their methods, read from the contract: what a standby knows without serving them.

A service that is registered is listed here too; a test holds the two against each other.
"""

from collections.abc import Mapping

from proxx.api.executors.v1 import executor_service_pb2
from proxx.api.jobs.v1 import job_service_pb2
from proxx.api.operator.v1 import audit_service_pb2, operator_service_pb2
from proxx.api.profiles.v1 import profile_service_pb2
from proxx.api.watch.v1 import watch_service_pb2

_SERVICES = (
    job_service_pb2.DESCRIPTOR.services_by_name["JobService"],
    executor_service_pb2.DESCRIPTOR.services_by_name["ExecutorService"],
    profile_service_pb2.DESCRIPTOR.services_by_name["ProfileService"],
    operator_service_pb2.DESCRIPTOR.services_by_name["OperatorService"],
    audit_service_pb2.DESCRIPTOR.services_by_name["AuditService"],
    watch_service_pb2.DESCRIPTOR.services_by_name["WatchService"],
)

SERVICE_NAMES = tuple(str(service.full_name) for service in _SERVICES)
"""Their full names."""

STREAMS: Mapping[str, bool] = {
    f"/{service.full_name}/{method.name}": bool(method.server_streaming)
    for service in _SERVICES
    for method in service.methods
}
"""Every method's path, and whether it answers with a stream. No method takes a stream."""

METHODS: Mapping[str, tuple[str, ...]] = {
    str(service.full_name): tuple(method.name for method in service.methods) for service in _SERVICES
}
"""The names of every service's methods."""

NEVER_WRONG = frozenset(
    {
        "/proxx.api.executors.v1.ExecutorService/GetAsset",
        "/proxx.api.operator.v1.OperatorService/GetSystemInfo",
        "/proxx.api.operator.v1.OperatorService/WhoAmI",
        "/proxx.api.profiles.v1.ProfileService/GetProfile",
        "/proxx.api.profiles.v1.ProfileService/ListProfiles",
    }
)
"""Answered from what never changes while a process lives, so that it does not matter who leads."""

LONG_POLLS = frozenset({"/proxx.api.executors.v1.ExecutorService/AcquireLeases"})
"""Wait for work; one that is cut short is asked again with the same number and misses nothing."""


def service_of(path: str) -> str:
    """Return the full name of the service in a method's path."""
    return path.lstrip("/").rpartition("/")[0]
