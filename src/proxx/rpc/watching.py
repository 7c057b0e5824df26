"""Following jobs over a stream that may break: one iterator that resumes by itself and misses nothing."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import grpc

from proxx.core.jobs import ClipProgress, Heartbeat, JobEvent, Snapshot
from proxx.rpc.connection import METADATA, Connection
from proxx.rpc.errors import CallError, CallFailedError, RefusedCallError, SchedulerUnreachableError, call_error
from proxx.rpc.mapping import from_message
from proxx.rpc.reasons import Reason

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
    """Yield the stream's updates; on UNAVAILABLE, SLOW_READER or a stream that just ends, call again.

    Only snapshots and events move the place to resume from: they alone say what this reader has seen.

    Raises:
        CallError: refused, or unreachable for `reconnect_seconds` since the last message.
    """
    loop = asyncio.get_running_loop()
    wait = _SHORTEST_WAIT
    last_heard = loop.time()
    while True:
        stream = method(request, metadata=METADATA)
        loss: CallError = SchedulerUnreachableError(f"{connection.target}: the stream ended without a reason")
        try:
            async for message in stream:
                update = connection.read(message, _read)
                last_heard, wait = loop.time(), _SHORTEST_WAIT
                if isinstance(update, JobEvent) or (isinstance(update, Snapshot) and not update.partial):
                    request.after_sequence = max(request.after_sequence, update.sequence)
                yield update
        except grpc.aio.AioRpcError as error:
            loss = call_error(error, target=connection.target)
            if not _passing(loss):
                raise loss from error
        finally:
            stream.cancel()
        if loop.time() + wait - last_heard > reconnect_seconds:
            raise loss
        await asyncio.sleep(wait)
        wait = min(2 * wait, _LONGEST_WAIT)


def _passing(loss: CallError) -> bool:
    if isinstance(loss, RefusedCallError):
        return loss.reason == Reason.SLOW_READER
    return isinstance(loss, SchedulerUnreachableError)


def _read(message: Any) -> Update:
    name = message.WhichOneof("update")
    if name is None:
        raise CallFailedError("an update of a kind that this version does not know")
    return from_message(getattr(message, name), _KINDS[name])
