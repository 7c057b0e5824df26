"""All that happens around every call, in one place: access, draining, deadlines, fields, errors, log, metrics."""

import asyncio
import functools
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import structlog
from google.protobuf.message import DecodeError

from proxx.core.access import OPEN, AccessReason, Identity
from proxx.core.overload import Ticket
from proxx.rpc.access_gate import AccessGate, Shown
from proxx.rpc.caller import known_caller, serve_as
from proxx.rpc.errors import (
    OutcomeUnknownError,
    RefusedCallError,
    outcome_unknown,
    request_invalid,
    status_limit,
    status_of,
    trailers_of,
)
from proxx.rpc.mapping_errors import MessageRefusedError
from proxx.rpc.rate_limits import CallGuard
from proxx.rpc.reasons import PASSING, Reason
from proxx.rpc.server_metrics import Call, ServerMetrics
from proxx.rpc.unknown_fields import Received, receiving

OUR_SERVICES = "proxx.api."
OTHER_METHOD = "other"
"""What a method of a listed service goes by that is not listed: its name may be anything that a caller makes up."""

_ACCESS = frozenset(reason.value for reason in AccessReason)

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How one method is served: its labels, its full name, its handler, and whether callers must pass the gate.

    `comes`: the request is one message. It is fetched, as bytes, once its caller is let through and the call has its
    place; `read` makes the message of it.
    """

    call: Call
    path: str
    behaviour: Any
    gated: bool
    streams: bool
    comes: bool
    read: Callable[[bytes], Any] | None = None


class ServingInterceptor(grpc.aio.ServerInterceptor):
    """Wraps every handler of a server. Handlers raise; only this class turns what they raise into a status.

    RefusedCallError becomes its own code, MessageRefusedError becomes REQUEST_INVALID, OutcomeUnknownError UNAVAILABLE
    without a reason, anything else INTERNAL with a correlation id whose trace is in the log. Who calls is looked at
    first of all, before a byte of the request is read; a stream ends when its caller's credentials do. While draining,
    calls of our own services are refused with DRAINING and every open stream is ended with it.
    """

    def __init__(
        self,
        *,
        gate: AccessGate,
        limits: CallGuard,
        draining: asyncio.Event,
        metrics: ServerMetrics | None,
        new_id: Callable[[], str],
        require_deadline: bool,
    ) -> None:
        """Take gate, limits, drain signal, metrics (None: none), source of correlation ids and the deadline rule."""
        self._gate = gate
        self._limits = limits
        self._draining = draining
        self._metrics = metrics
        self._new_id = new_id
        self._require_deadline = require_deadline
        self._listed: dict[str, frozenset[str]] = {}
        self._log = structlog.stdlib.get_logger("proxx.rpc.server")

    def list_methods(self, methods: Mapping[str, Collection[str]]) -> None:
        """Take the methods of services, by full names: only these are counted by their names.

        Another one that is served all the same is of a newer version, passed on, and of unknown kind: it is served as a
        stream, and when the server drains it has the grace of calls that answer once.
        """
        self._listed.update({service: frozenset(names) for service, names in methods.items()})

    async def intercept_service(self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return the wrapped handler, or what gRPC gives for a method that nobody registered."""
        handler: Any = await continuation(handler_call_details)
        if handler is None:
            return None
        path = str(handler_call_details.method)
        service, _, method = path.lstrip("/").rpartition("/")
        streams = (handler.request_streaming, handler.response_streaming)
        kinds = {(False, False): "unary", (False, True): "server_stream", (True, False): "client_stream"}
        name = method if method in self._listed.get(service, (method,)) else OTHER_METHOD
        # gRPC fetches the message of a handler that takes one before it asks it anything: here it comes when it may.
        make = (
            grpc.stream_stream_rpc_method_handler
            if handler.response_streaming
            else grpc.stream_unary_rpc_method_handler
        )
        deserializer = handler.request_deserializer
        if deserializer is not None and service.startswith(OUR_SERVICES) and not handler.request_streaming:
            deserializer = receiving(deserializer)
        comes = not handler.request_streaming
        served = Served(
            call=Call(kind=kinds.get(streams, "bidi_stream"), service=service, method=name),
            path=path,
            behaviour=handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream,
            gated=self._gate.asks(path, handler_call_details.invocation_metadata),
            streams=handler.response_streaming,
            comes=comes,
            read=deserializer if comes else None,
        )
        wrapped: Any = functools.partial(self._stream if handler.response_streaming else self._unary, served)
        return make(
            wrapped,
            request_deserializer=None if comes else deserializer,
            response_serializer=handler.response_serializer,
        )

    async def _unary(self, served: Served, request: Any, context: Any) -> Any:
        call = served.call
        began = self._begin(call)
        code = grpc.StatusCode.OK
        ticket: Ticket | None = None
        try:
            identity = OPEN
            if served.gated:
                _, identity = self._enter(served, context)
            else:
                serve_as(OPEN)
            ticket = await self._place(served, identity, context)
            if served.comes:
                request = await self._received(served, context)
            return await served.behaviour(self._checked(served, request, context), context)
        except grpc.aio.AbortError:
            code = context.code()
            raise
        except asyncio.CancelledError:
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception as error:  # noqa: BLE001  the one place where a handler's defect becomes INTERNAL
            code, status = self._status(call, error, context)
            if isinstance(error, RefusedCallError) and error.reason in _ACCESS:
                self._give_back(ticket)  # the answer may be held back, its place not
                ticket = None
                await self._limits.denied(str(context.peer()))
            await context.abort(code, status.message, trailers_of(status))
        finally:
            self._give_back(ticket)
            self._end(call, code, began)

    async def _stream(self, served: Served, request: Any, context: Any) -> AsyncIterator[Any]:
        call = served.call
        began = self._begin(call)
        code = grpc.StatusCode.OK
        ticket: Ticket | None = None
        shown: Shown | None = None
        try:
            identity = OPEN
            if served.gated:
                shown, identity = self._enter(served, context)
            else:
                serve_as(OPEN)
            ticket = await self._place(served, identity, context)
            if served.comes:
                request = await self._received(served, context)
            source = served.behaviour(self._checked(served, request, context), context)
            async for message in source if call.method == OTHER_METHOD else self._until_drained(source):
                if shown is not None:
                    self._gate.admit(served.path, shown)
                yield message
                if self._metrics is not None:
                    self._metrics.sent(call)
        except grpc.aio.AbortError:
            code = context.code()
            raise
        except (asyncio.CancelledError, GeneratorExit):
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception as error:  # noqa: BLE001  the one place where a handler's defect becomes INTERNAL
            code, status = self._status(call, error, context)
            if isinstance(error, RefusedCallError) and error.reason in _ACCESS:
                self._give_back(ticket)  # the answer may be held back, its place not
                ticket = None
                await self._limits.denied(str(context.peer()))
            await context.abort(code, status.message, trailers_of(status))
        finally:
            self._give_back(ticket)
            self._end(call, code, began)

    def _enter(self, served: Served, context: Any) -> tuple[Shown, Identity]:
        """Let the caller through, and say to the handler who it is. Returns what it showed, and who it is."""
        shown = self._gate.shown(context)
        identity = self._gate.admit(served.path, shown)
        serve_as(identity)
        return shown, identity

    async def _place(self, served: Served, identity: Identity, context: Any) -> Ticket:
        """Wait until the call may be worked on."""
        if self._draining.is_set() and served.path.startswith(f"/{OUR_SERVICES}"):
            raise _draining()
        left = context.time_remaining()
        return await self._limits.enter(
            method=served.path, streams=served.streams, identity=identity, peer=context.peer(), left_seconds=left
        )

    def _give_back(self, ticket: Ticket | None) -> None:
        """Give the place of a call to the next one, if it has one."""
        if ticket is not None:
            self._limits.leave(ticket)

    async def _received(self, served: Served, context: Any) -> bytes:
        """Fetch the one message of a request."""
        try:
            async with asyncio.timeout(self._limits.receive_seconds):
                data = await context.read()
        except TimeoutError:
            rule = f"did not arrive within {self._limits.receive_seconds:g} s"
            raise request_invalid(field="message", rule=rule) from None
        if data is grpc.aio.EOF:
            raise request_invalid(field="message", rule="is missing: the call ended without one")
        if served.call.method != OTHER_METHOD:
            self._limits.check_size(method=served.path, size=len(data))
        return bytes(data)

    async def _until_drained(self, source: Any) -> AsyncIterator[Any]:
        """Pass on what a handler yields (or let it write by itself); end it when the server drains."""
        drained = asyncio.ensure_future(self._draining.wait())
        written = inspect.isawaitable(source)
        step: asyncio.Future[Any] | None = None
        try:
            while True:
                step = asyncio.ensure_future(source if written else _next(source))
                await asyncio.wait({step, drained}, return_when=asyncio.FIRST_COMPLETED)
                if not step.done():
                    raise _draining()
                if written:
                    step.result()
                    return
                message = step.result()
                if message is _END:
                    return
                yield message
        finally:
            drained.cancel()
            if step is not None:
                step.cancel()
                await asyncio.wait({step})
            if not written:
                await source.aclose()

    def _checked(self, served: Served, request: Any, context: Any) -> Any:
        """Return the request as its handler takes it."""
        call = served.call
        if served.read is not None:
            request = _read(served.read, request)
        if not call.service.startswith(OUR_SERVICES):
            return request
        if self._draining.is_set():
            raise _draining()
        if self._require_deadline and call.kind == "unary" and context.time_remaining() is None:
            raise request_invalid(
                field="deadline", rule="a unary call needs a deadline; set a timeout in the client (grpc-timeout)"
            )
        if not isinstance(request, Received):
            return request
        if paths := request.unknown:
            name = request.message.DESCRIPTOR.full_name
            raise RefusedCallError(
                reason=Reason.REQUEST_INVALID,
                message=f"{len(paths)} field(s) that {name} does not define: {paths[0]}",
                metadata={"field": paths[0]},
                fields=tuple((path, "unknown field") for path in paths),
            )
        return request.message

    def _begin(self, call: Call) -> float:
        if self._metrics is not None:
            self._metrics.started(call)
        return time.perf_counter()

    def _end(self, call: Call, code: grpc.StatusCode, began: float) -> None:
        seconds = time.perf_counter() - began
        if self._metrics is not None:
            self._metrics.handled(call, code=code, seconds=seconds)
        self._log.debug(
            "rpc.handled", service=call.service, method=call.method, code=code.name, seconds=round(seconds, 6)
        )

    def _status(self, call: Call, error: Exception, context: Any) -> tuple[grpc.StatusCode, Any]:
        if isinstance(error, OutcomeUnknownError):
            self._log.warning("rpc.outcome_unknown", method=call.method, message=str(error))
            return outcome_unknown(str(error))
        refusal = self._refusal(call, error, context)
        return status_of(refusal, limit_bytes=status_limit(context.invocation_metadata()))

    def _refusal(self, call: Call, error: Exception, context: Any) -> RefusedCallError:
        if isinstance(error, RefusedCallError) and error.reason in _ACCESS:
            self._gate.denied(error, service=call.service, method=call.method, context=context, identity=known_caller())
            return error
        if isinstance(error, RefusedCallError) and error.reason in Reason.__members__:
            if error.reason not in PASSING:  # the limits tell of those, counted
                self._log.info("rpc.refused", method=call.method, reason=error.reason, message=error.message)
            return error
        if isinstance(error, MessageRefusedError):
            self._log.info("rpc.refused", method=call.method, reason=Reason.REQUEST_INVALID.value, message=str(error))
            return request_invalid(field=error.path or "message", rule=error.rule)
        correlation_id = self._new_id()
        self._log.error("rpc.defect", method=call.method, correlation_id=correlation_id, exc_info=error)
        return RefusedCallError(
            reason=Reason.INTERNAL,
            message=f"the server failed; its log has the trace under correlation id {correlation_id}",
            metadata={"correlation_id": correlation_id},
        )


_END = object()


async def _next(source: AsyncIterator[Any]) -> Any:
    return await anext(source, _END)


def _read(read: Callable[[bytes], Any], data: bytes) -> Any:
    try:
        return read(data)
    except DecodeError as error:
        raise request_invalid(field="message", rule=f"is not of the type of this method: {error}") from error


def _draining() -> RefusedCallError:
    return RefusedCallError(reason=Reason.DRAINING, message="the server is shutting down; call again")
