"""gRPC health as a server tells it: whether it serves, for each of its names, and nothing else."""

from typing import Any

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health_aio


class Health(health_aio.HealthServicer):  # type: ignore[misc]  # the library says no types here
    """The library's servicer with the method that it lacks: anybody may call it, so it may not end as a defect."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        super().__init__()
        self._said: dict[str, health_pb2.HealthCheckResponse.ServingStatus] = {}

    async def set(self, service: str, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        """Say whether the server serves under a name."""
        self._said[service] = status
        await super().set(service, status)

    async def List(  # noqa: N802  the name of the method
        self, _request: health_pb2.HealthListRequest, _context: Any
    ) -> health_pb2.HealthListResponse:
        """Return what is said for each name."""
        found = {name: health_pb2.HealthCheckResponse(status=status) for name, status in self._said.items()}
        return health_pb2.HealthListResponse(statuses=found)
