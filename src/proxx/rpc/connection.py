"""A channel to one scheduler, and the one way in which clients call over it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from proxx.core.actor import CLAIM_KEY, claim_of
from proxx.rpc.channel import open_channel
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity
from proxx.rpc.errors import (
    STATUS_BYTES_CLIENT,
    STATUS_BYTES_KEY,
    CallFailedError,
    SchedulerUnreachableError,
    call_error,
)
from proxx.rpc.mapping_errors import MessageRefusedError
from proxx.rpc.retrying import pause_before_again

Answer = TypeVar("Answer")
METADATA = ((STATUS_BYTES_KEY, str(STATUS_BYTES_CLIENT)),)
_POLL_SECONDS = 0.05


class Connection:
    """An open channel. Dials lazily; close it when done."""

    def __init__(self, target: str, *, actor: str = "", security: ClientSecurity = OPEN_CLIENT) -> None:
        """Take the target, `host:port` or `unix:/path`, and the name that calls claim ("": none).

        Raises:
            AddressError: the target is malformed.
            ClientSecurityError: a token would be sent in the clear, or a file of `security` cannot be used.
        """
        self.target = target
        self._metadata = METADATA + (((CLAIM_KEY, claim_of(actor)),) if actor else ())
        self.channel = open_channel(target, security=security)

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

        A server that has too much to do for the call is asked again when it says so, as long as there is time.

        Raises:
            SchedulerUnreachableError, CallTimeoutError, RefusedCallError, CallFailedError: as the call ended; the last
                also when the answer breaks the contract.
        """
        metadata = (*METADATA, (CLAIM_KEY, claim_of(actor))) if actor else self._metadata
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while True:
            left = deadline - loop.time()
            try:
                answer = await method(request, timeout=left, metadata=metadata)
            except grpc.aio.AioRpcError as error:
                failure = call_error(error, target=self.target)
                pause = pause_before_again(failure, left_seconds=deadline - loop.time())
                if pause is None:
                    raise failure from error
            else:
                return self.read(answer, read)
            await asyncio.sleep(pause)

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
