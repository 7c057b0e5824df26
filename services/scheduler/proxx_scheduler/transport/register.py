"""Puts the four services on a server."""

from proxx.api.executors.v1.executor_service_pb2_grpc import add_ExecutorServiceServicer_to_server
from proxx.api.jobs.v1.job_service_pb2_grpc import add_JobServiceServicer_to_server
from proxx.api.operator.v1.operator_service_pb2_grpc import add_OperatorServiceServicer_to_server
from proxx.api.profiles.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from proxx.core.jobs import SystemInfo
from proxx.core.profile_library import ProfileLibrary
from proxx.rpc.server import RpcServer
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.job_desk import JobDesk
from proxx_scheduler.transport.executor_service import ExecutorService
from proxx_scheduler.transport.job_service import JobService
from proxx_scheduler.transport.operator_service import OperatorService
from proxx_scheduler.transport.profile_service import ProfileService


def register_services(
    *, server: RpcServer, jobs: JobDesk, executors: ExecutorDesk, library: ProfileLibrary, info: SystemInfo
) -> None:
    """Register every service with its full name."""
    server.add_service(add_JobServiceServicer_to_server, JobService(jobs), "proxx.api.jobs.v1.JobService")
    server.add_service(
        add_ExecutorServiceServicer_to_server,
        ExecutorService(desk=executors, library=library),
        "proxx.api.executors.v1.ExecutorService",
    )
    server.add_service(
        add_ProfileServiceServicer_to_server, ProfileService(library), "proxx.api.profiles.v1.ProfileService"
    )
    server.add_service(
        add_OperatorServiceServicer_to_server,
        OperatorService(desk=jobs, info=info),
        "proxx.api.operator.v1.OperatorService",
    )
