"""Following jobs over a stream that may break: one iterator that resumes by itself and misses nothing."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import grpc

from proxx.core.jobs import ClipProgress, Heartbeat, JobEvent, Snapshot
from proxx.rpc.connection import METADATA, Connection
from proxx.rpc.errors import CallError, CallFailedError, RefusedCallError, SchedulerUnreachableError, call_error
from proxx.rpc.mapping import from_message
from proxx.rpc.reasons import PASSING, UNRECOGNISED, Reason
from proxx.rpc.retrying import pause_before_again

Update = Snapshot | JobEvent | ClipProgress | Heartbeat
_KINDS: dict[str, type[Snapshot] | type[JobEvent] | type[ClipProgress] | type[Heartbeat]] = {
    "snapshot": Snapshot,
    "event": JobEvent,
    "progress": ClipProgress,
    "heartbeat": Heartbeat,
}
_SHORTEST_WAIT = 0.1
_LONGEST_WAIT = 2.0


async def watch(
    connection: Connection, method: Any, request: Any, *, reconnect_seconds: float
) -> AsyncGenerator[Update, None]:
    """Yield the stream's updates; on UNAVAILABLE, SLOW_READER, too much to do or a stream that just ends, call again.

    A stream that was let in and then refused, because its certificate or token ended, is called again, too: with what
    this client shows now. Only snapshots and events move the place to resume from: they alone say what this reader
    has seen.

    Raises:
        CallError: refused, or unreachable for `reconnect_seconds` since the last message.
    """
    loop = asyncio.get_running_loop()
    wait = _SHORTEST_WAIT
    last_heard = loop.time()
    let_in = False
    while True:
        stream = method(request, metadata=METADATA)
        began = loop.time()
        loss: CallError = SchedulerUnreachableError(f"{connection.target}: the stream ended without a reason")
        try:
            async for message in stream:
                let_in = True
                update = connection.read(message, _read)
                last_heard, wait = loop.time(), _SHORTEST_WAIT
                if isinstance(update, JobEvent) or (isinstance(update, Snapshot) and not update.partial):
                    request.after_sequence = max(request.after_sequence, update.sequence)
                yield update
        except grpc.aio.AioRpcError as error:
            loss = call_error(error, target=connection.target)
            if not _passing(loss, let_in=let_in):
                raise loss from error
            if isinstance(loss, RefusedCallError) and loop.time() - began > _LONGEST_WAIT:
                last_heard = loop.time()  # it was let in, and the server is there: it has just refused
        finally:
            stream.cancel()
        left = reconnect_seconds - (loop.time() - last_heard)
        if wait > left:
            raise loss
        await asyncio.sleep(pause_before_again(loss, left_seconds=left) or wait)
        wait = min(2 * wait, _LONGEST_WAIT)


def _passing(loss: CallError, *, let_in: bool) -> bool:
    if isinstance(loss, RefusedCallError):
        if loss.reason in UNRECOGNISED:
            return let_in
        return loss.reason == Reason.SLOW_READER or loss.reason in PASSING
    return isinstance(loss, SchedulerUnreachableError)


def _read(message: Any) -> Update:
    name = message.WhichOneof("update")
    if name is None:
        raise CallFailedError("an update of a kind that this version does not know")
    return from_message(getattr(message, name), _KINDS[name])
