"""The way from a standby to one leader, for the length of one term."""

import asyncio
import contextlib
import itertools
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from proxx.rpc.channel import open_channel
from proxx.rpc.channel_options import client_options
from proxx.rpc.client_security import ClientSecurity, ClientSecurityError
from proxx.rpc.server import READINESS
from proxx_scheduler.app.leader import LeaderSeen
from proxx_scheduler.transport.service_table import LONG_POLLS, STREAMS, service_of

PROBE_SECONDS = 3.0
"""A leader that does not say for so long whether it is ready is taken for silent."""

PATIENCE_SECONDS = 1.0
"""How long a call waits for a leader that was not heard yet, or is silent."""

OWN_CONNECTION = ("grpc.use_local_subchannel_pool", 1)
"""A server bounds the calls of one connection. So each service has one of its own, and some for what lasts."""

LANES = 16
"""Connections among which the streams and calls for work of one service take turns."""


class Hop:
    """Channels to a leader, what was heard of it, and the calls under way."""

    def __init__(self, leader: LeaderSeen, *, security: ClientSecurity) -> None:
        """Take the leader, and how this replica proves itself to it; nothing is dialled yet."""
        self.leader = leader
        self._security = security
        self.over = ""
        self.silence = "it was not heard yet"
        self.ready = False
        self._heard = asyncio.Event()
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._methods: dict[str, Any] = {}
        self._calls: dict[Any, str] = {}
        self._lanes = itertools.count()

    async def probe(self) -> None:
        """Ask the leader whether it is ready, and remember what it says."""
        request = health_pb2.HealthCheckRequest(service=READINESS)
        try:
            stub: Any = health_pb2_grpc.HealthStub(self._channel("health"))
        except ClientSecurityError as error:  # its files may be set right meanwhile
            self.silence = str(error)
            return
        call = stub.Check(request, timeout=PROBE_SECONDS)
        self._calls[call] = ""
        try:
            answer = await call
        except grpc.aio.AioRpcError as error:
            self.silence = f"{error.code().name}: {error.details()}"
            self.ready = False
            self._heard.clear()
        except asyncio.CancelledError:
            if task_is_cancelled():
                raise
        else:
            self.silence = ""
            self.ready = answer.status == health_pb2.HealthCheckResponse.SERVING
            self._heard.set()
        finally:
            self._calls.pop(call, None)

    async def reached(self) -> bool:
        """Return whether the leader is there, after a moment at most."""
        if not self._heard.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), PATIENCE_SECONDS)
        return self._heard.is_set() and not self.over

    def begin(
        self, path: str, request: bytes, *, seconds: float | None, metadata: tuple[tuple[str, str | bytes], ...]
    ) -> Any:
        """Begin a call with the bytes of its request. `end_call` has to follow.

        A method that is not in the table is taken for a stream: on the wire one answer is a stream of one message.
        """
        method = self._methods.get(path)
        if method is None:
            streams = STREAMS.get(path, True)
            lasts = streams or path in LONG_POLLS
            lane = f", what lasts {next(self._lanes) % LANES}" if lasts else ""
            channel = self._channel(service_of(path) + lane)
            method = channel.unary_stream(path) if streams else channel.unary_unary(path)
            if path in STREAMS and not lasts:  # others are named by callers, without end
                self._methods[path] = method
        call = method(request, timeout=seconds, metadata=metadata)
        self._calls[call] = path
        return call

    def end_call(self, call: Any) -> None:
        """Forget a call; one that is under way is cancelled."""
        call.cancel()
        self._calls.pop(call, None)

    def end(self, why: str) -> None:
        """End every call: the leader is another one. Nothing can be begun after it."""
        self.over = why
        for call in tuple(self._calls):
            call.cancel()

    def end_long_polls(self) -> None:
        """End the calls that only wait."""
        for call, path in tuple(self._calls.items()):
            if path in LONG_POLLS:
                call.cancel()

    async def close(self) -> None:
        """Close the channels."""
        for channel in self._channels.values():
            await channel.close()

    def _channel(self, name: str) -> grpc.aio.Channel:
        if name not in self._channels:
            self._channels[name] = open_channel(
                self.leader.address, security=self._security, options=(*client_options(), OWN_CONNECTION)
            )
        return self._channels[name]


def task_is_cancelled() -> bool:
    """Return whether it is the task that was cancelled, and not the call that it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
