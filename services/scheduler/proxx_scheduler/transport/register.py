"""Puts the six services behind the front."""

from proxx.api.executors.v1.executor_service_pb2_grpc import add_ExecutorServiceServicer_to_server
from proxx.api.jobs.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from proxx.api.operator.v1.audit_service_pb2_grpc import add_AuditServiceServicer_to_server
from proxx.api.operator.v1.operator_service_pb2_grpc import add_OperatorServiceServicer_to_server
from proxx.api.profiles.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from proxx.api.watch.v1.watch_service_pb2_grpc import add_WatchServiceServicer_to_server
from proxx.core.jobs import SystemInfo
from proxx.core.profile_library import ProfileLibrary
from proxx_scheduler.app.denials import Denials
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.job_desk import JobDesk
from proxx_scheduler.app.watch_registry import WatchRegistry
from proxx_scheduler.transport.audit_service import AuditService
from proxx_scheduler.transport.executor_service import ExecutorService
from proxx_scheduler.transport.front import Front
from proxx_scheduler.transport.job_service import JobService
from proxx_scheduler.transport.operator_service import OperatorService
from proxx_scheduler.transport.paging import PageTokens
from proxx_scheduler.transport.profile_service import ProfileService
from proxx_scheduler.transport.watch_service import WatchService


def register_services(
    *,
    server: Front,
    jobs: JobDesk,
    executors: ExecutorDesk,
    watch: WatchRegistry,
    denials: Denials,
    library: ProfileLibrary,
    info: SystemInfo,
    tokens: PageTokens,
) -> None:
    """Register every service with its full name."""
    server.add_service(
        add_JobServiceServicer_to_server, JobService(desk=jobs, tokens=tokens), "proxx.api.jobs.v1.JobService"
    )
    server.add_service(
        add_ExecutorServiceServicer_to_server,
        ExecutorService(desk=executors, library=library),
        "proxx.api.executors.v1.ExecutorService",
    )
    server.add_service(
        add_ProfileServiceServicer_to_server,
        ProfileService(library=library, tokens=tokens),
        "proxx.api.profiles.v1.ProfileService",
    )
    server.add_service(
        add_OperatorServiceServicer_to_server,
        OperatorService(desk=jobs, info=info, tokens=tokens),
        "proxx.api.operator.v1.OperatorService",
    )
    server.add_service(
        add_WatchServiceServicer_to_server,
        WatchService(registry=watch, tokens=tokens),
        "proxx.api.watch.v1.WatchService",
    )
    server.add_service(
        add_AuditServiceServicer_to_server,
        AuditService(desk=jobs.audit, denials=denials),
        "proxx.api.operator.v1.AuditService",
    )
