"""All that happens around every call, in one place: draining, deadlines, unknown fields, errors, log, metrics."""

import asyncio
import functools
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import Any

import grpc
import structlog

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
from proxx.rpc.reasons import Reason
from proxx.rpc.server_metrics import Call, ServerMetrics
from proxx.rpc.unknown_fields import Received, receiving

OUR_SERVICES = "proxx.api."
OTHER_METHOD = "other"
"""What a method of a listed service goes by that is not listed: its name may be anything that a caller makes up."""

Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]


class ServingInterceptor(grpc.aio.ServerInterceptor):
    """Wraps every handler of a server. Handlers raise; only this class turns what they raise into a status.

    RefusedCallError becomes its own code, MessageRefusedError becomes REQUEST_INVALID, OutcomeUnknownError UNAVAILABLE
    without a reason, anything else INTERNAL with a correlation id whose trace is in the log. While draining, calls of
    our own services are refused with DRAINING and every open stream is ended with it.
    """

    def __init__(
        self,
        *,
        draining: asyncio.Event,
        metrics: ServerMetrics | None,
        new_id: Callable[[], str],
        require_deadline: bool,
    ) -> None:
        """Take the drain signal, the metrics (None: none), the source of correlation ids and the deadline rule."""
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
        service, _, method = str(handler_call_details.method).lstrip("/").rpartition("/")
        streams = (handler.request_streaming, handler.response_streaming)
        kinds = {(False, False): "unary", (False, True): "server_stream", (True, False): "client_stream"}
        name = method if method in self._listed.get(service, (method,)) else OTHER_METHOD
        call = Call(kind=kinds.get(streams, "bidi_stream"), service=service, method=name)
        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[streams]
        behaviour = handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
        wrap = self._stream if handler.response_streaming else self._unary
        wrapped: Any = functools.partial(wrap, call, behaviour)
        deserializer = handler.request_deserializer
        if deserializer is not None and service.startswith(OUR_SERVICES) and not handler.request_streaming:
            deserializer = receiving(deserializer)
        return make(
            wrapped,
            request_deserializer=deserializer,
            response_serializer=handler.response_serializer,
        )

    async def _unary(self, call: Call, behaviour: Any, request: Any, context: Any) -> Any:
        began = self._begin(call)
        code = grpc.StatusCode.OK
        try:
            return await behaviour(self._checked(call, request, context), context)
        except grpc.aio.AbortError:
            code = context.code()
            raise
        except asyncio.CancelledError:
            code = grpc.StatusCode.CANCELLED
            raise
        except Exception as error:  # noqa: BLE001  the one place where a handler's defect becomes INTERNAL
            code, status = self._status(call, error, context)
            await context.abort(code, status.message, trailers_of(status))
        finally:
            self._end(call, code, began)

    async def _stream(self, call: Call, behaviour: Any, request: Any, context: Any) -> AsyncIterator[Any]:
        began = self._begin(call)
        code = grpc.StatusCode.OK
        try:
            source = behaviour(self._checked(call, request, context), context)
            async for message in source if call.method == OTHER_METHOD else self._until_drained(source):
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
            await context.abort(code, status.message, trailers_of(status))
        finally:
            self._end(call, code, began)

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

    def _checked(self, call: Call, request: Any, context: Any) -> Any:
        """Return the request as its handler takes it."""
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
        refusal = self._refusal(call, error)
        return status_of(refusal, limit_bytes=status_limit(context.invocation_metadata()))

    def _refusal(self, call: Call, error: Exception) -> RefusedCallError:
        if isinstance(error, RefusedCallError) and error.reason in Reason.__members__:
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


def _draining() -> RefusedCallError:
    return RefusedCallError(reason=Reason.DRAINING, message="the server is shutting down; call again")
