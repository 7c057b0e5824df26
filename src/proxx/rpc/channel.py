"""Channels of clients: in the clear, or over TLS with credentials that follow their files."""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeAlias

import grpc

from proxx.rpc.address import check_address
from proxx.rpc.channel_options import client_options
from proxx.rpc.client_credentials import ClientCredentials
from proxx.rpc.client_security import OPEN_CLIENT, ClientSecurity

Options = Sequence[tuple[str, int]]
Begin: TypeAlias = Callable[..., Any]
AUTHORIZATION = "authorization"
"""The metadata key of a bearer token (RFC 6750)."""


def open_channel(
    target: str, *, security: ClientSecurity = OPEN_CLIENT, options: Options | None = None
) -> grpc.aio.Channel:
    """Return a channel to `host:port` or `unix:/path`; nothing is dialled yet. `options` are client_options() if None.

    Raises:
        AddressError: the target is malformed.
        ClientSecurityError: a token would be sent in the clear, or a file cannot be used.
    """
    check_address(target)
    security.check_target(target)
    given = client_options() if options is None else options
    if not security.encrypts(target) and not security.has_token:
        return grpc.aio.insecure_channel(target, options=given)
    return FollowingChannel(target, credentials=ClientCredentials(security, target=target), options=given)


class _Line:
    """One gRPC channel, what begins calls on it, and how many are under way."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        """Take the channel."""
        self.channel = channel
        self.methods: dict[tuple[str, str], Begin] = {}
        self.calls = 0


class FollowingChannel(grpc.aio.Channel):
    """Looks like one channel. When the files of its credentials change, new calls go over a new one.

    gRPC for Python cannot give a channel other credentials. So calls that are under way end on the old one, which is
    then closed. Each call carries the bearer token of its moment.
    """

    def __init__(self, target: str, *, credentials: ClientCredentials, options: Options) -> None:
        """Open the first channel.

        Raises:
            ClientFilesError: a file cannot be used.
        """
        self._target = target
        self._credentials = credentials
        self._options = options
        self._line = self._new_line()
        self._old: set[_Line] = set()
        self._closing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        """Return the channel."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the channel."""
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        """Close every channel; calls under way have `grace` seconds, None cancels them."""
        for line in (*self._old, self._line):
            await line.channel.close(grace)
        while self._closing:
            await asyncio.wait(set(self._closing))

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        """Return the state of the newest channel."""
        return self._line.channel.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        """Wait for another state of the newest channel."""
        await self._line.channel.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        """Wait until the newest channel is connected."""
        await self._line.channel.channel_ready()

    def unary_unary(self, method: str, *serializers: Any, **settings: Any) -> Any:
        """Return what begins calls of a method, one message each way."""
        return self._begin("unary_unary", method, serializers, settings)

    def unary_stream(self, method: str, *serializers: Any, **settings: Any) -> Any:
        """Return what begins calls of a method that answers with a stream."""
        return self._begin("unary_stream", method, serializers, settings)

    def stream_unary(self, method: str, *serializers: Any, **settings: Any) -> Any:
        """Return what begins calls of a method that takes a stream."""
        return self._begin("stream_unary", method, serializers, settings)

    def stream_stream(self, method: str, *serializers: Any, **settings: Any) -> Any:
        """Return what begins calls of a method with a stream each way."""
        return self._begin("stream_stream", method, serializers, settings)

    def _begin(self, kind: str, method: str, serializers: tuple[Any, ...], settings: dict[str, Any]) -> Begin:
        def begin(request: Any = None, *, metadata: Any = None, **call_settings: Any) -> Any:
            line = self._current()
            made = line.methods.get((kind, method))
            if made is None:
                made = getattr(line.channel, kind)(method, *serializers, **settings)
                line.methods[kind, method] = made
            token = self._credentials.token()
            if token:
                metadata = (*(metadata or ()), (AUTHORIZATION, f"Bearer {token}"))
            call = made(request, metadata=metadata, **call_settings)
            line.calls += 1
            call.add_done_callback(lambda _: self._ended(line))
            return call

        return begin

    def _ended(self, line: _Line) -> None:
        line.calls -= 1
        if line in self._old and not line.calls:
            self._close(line)

    def _current(self) -> _Line:
        if self._credentials.renewed():
            old, self._line = self._line, self._new_line()
            self._old.add(old)
            if not old.calls:
                self._close(old)
        return self._line

    def _close(self, line: _Line) -> None:
        self._old.discard(line)
        closing = asyncio.get_running_loop().create_task(line.channel.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _new_line(self) -> _Line:
        made = self._credentials.for_channel()
        if made is None:
            return _Line(grpc.aio.insecure_channel(self._target, options=self._options))
        return _Line(grpc.aio.secure_channel(self._target, made, options=self._options))
