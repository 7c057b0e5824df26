"""A channel to one scheduler, and the one way in which clients call over it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from proxx.core.actor import CLAIM_KEY, claim_of
from proxx.rpc.address import check_address
from proxx.rpc.channel_options import client_options
from proxx.rpc.errors import (
    STATUS_BYTES_CLIENT,
    STATUS_BYTES_KEY,
    CallFailedError,
    SchedulerUnreachableError,
    call_error,
)
from proxx.rpc.mapping_errors import MessageRefusedError

Answer = TypeVar("Answer")
METADATA = ((STATUS_BYTES_KEY, str(STATUS_BYTES_CLIENT)),)
_POLL_SECONDS = 0.05


class Connection:
    """An open channel. Dials lazily; close it when done."""

    def __init__(self, target: str, *, actor: str = "") -> None:
        """Take the target, `host:port` or `unix:/path`, and the name under which calls are made ("": none).

        Raises:
            AddressError: the target is malformed.
        """
        check_address(target)
        self.target = target
        self._metadata = METADATA + (((CLAIM_KEY, claim_of(actor)),) if actor else ())
        self.channel = grpc.aio.insecure_channel(target, options=client_options())

    async def call(
        self,
        method: Callable[..., Awaitable[Any]],
        request: object,
        *,
        timeout_seconds: float,
        read: Callable[[Any], Answer],
        actor: str = "",
    ) -> Answer:
        """Make a unary call and read its answer; `actor` is the name of this call's caller where it is another one.

        Raises:
            SchedulerUnreachableError, CallTimeoutError, RefusedCallError, CallFailedError: as the call ended; the last
                also when the answer breaks the contract.
        """
        try:
            metadata = (*METADATA, (CLAIM_KEY, claim_of(actor))) if actor else self._metadata
            answer = await method(request, timeout=timeout_seconds, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise call_error(error, target=self.target) from error
        return self.read(answer, read)

    def read(self, answer: Any, read: Callable[[Any], Answer]) -> Answer:
        """Read one received message.

        Raises:
            CallFailedError: it breaks the contract.
        """
        try:
            return read(answer)
        except MessageRefusedError as error:
            kind = type(answer).__name__
            raise CallFailedError(f"{self.target}: the answer {kind} breaks the contract: {error}") from error

    async def wait_ready(self, *, timeout_seconds: float) -> None:
        """Wait until the server says through health that it is ready.

        Raises:
            SchedulerUnreachableError: it did not within the time.
        """
        stub: Any = health_pb2_grpc.HealthStub(self.channel)
        request = health_pb2.HealthCheckRequest(service="readiness")
        try:
            async with asyncio.timeout(timeout_seconds):
                while True:
                    try:
                        answer = await stub.Check(request, wait_for_ready=True)
                    except grpc.aio.AioRpcError as error:
                        if error.code() is not grpc.StatusCode.UNAVAILABLE:
                            raise call_error(error, target=self.target) from error
                    else:
                        if answer.status == health_pb2.HealthCheckResponse.SERVING:
                            return
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError as error:
            raise SchedulerUnreachableError(f"{self.target}: not ready within {timeout_seconds} s") from error

    async def close(self) -> None:
        """Close the channel; calls under way are cancelled."""
        await self.channel.close()
