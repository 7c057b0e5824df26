"""Passes calls on to the leader as they are: bytes, metadata, deadline and cancellation one way, status the other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import grpc

from proxx.rpc.errors import DETAILS_KEY, GONE, RefusedCallError, outcome_unknown, trailers_of
from proxx.rpc.reasons import Reason
from proxx_scheduler.app.leader import LOOK_SECONDS, LeaderSeen
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.transport.hop import Hop, task_is_cancelled
from proxx_scheduler.transport.service_table import METHODS, STREAMS, service_of

HOP_KEY = "proxx-forwarded"
"""Request metadata of a call that a standby passed on: from where. It is passed on once and never again."""

OF_THE_CONNECTION = frozenset({"user-agent", "content-type", "te", "host", "trailer"})
Metadata = tuple[tuple[str, str | bytes], ...]


class Forwarder:
    """What a standby answers with. `changed` wakes those who follow `reason`."""

    def __init__(self, *, own: str, count: Callable[[str, grpc.StatusCode], None]) -> None:
        """Take the address of this process, and what counts forwarded calls by service and code."""
        self.changed = Wake()
        self.seen: LeaderSeen | None = None
        self._own = own
        self._count = count
        self._hop: Hop | None = None
        self._trouble = ""
        self._ended = ""
        self._leaving = ""
        self._moved = Wake()
        self._closing: set[asyncio.Task[None]] = set()

    def saw(self, seen: LeaderSeen | None, trouble: str) -> None:
        """Follow whoever leads now. `trouble` says why the database could not be asked, "" else."""
        self.seen, self._trouble = seen, trouble
        usable = seen is not None and seen.address not in ("", self._own)
        wanted = (seen.term, seen.address) if seen is not None and usable else None
        have = None if self._hop is None else (self._hop.leader.term, self._hop.leader.address)
        if wanted == have:
            return
        self._leave(f"the leadership moved on: {seen}")
        if seen is not None and usable:
            self._hop = Hop(seen)
        self._moved.set()

    async def run(self) -> None:
        """Ask the leader from time to time whether it is there, for ever."""
        while True:
            moved = self._moved.seen()
            hop = self._hop
            before = self.reason
            if hop is not None:
                await hop.probe()
            if self.reason != before or hop is None:
                self.changed.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), LOOK_SECONDS)

    @property
    def reason(self) -> str:
        """Why calls cannot be passed on, "" when they can."""
        if self._ended:
            return self._ended
        hop = self._hop
        if hop is None:
            known = "nobody ever led" if self.seen is None else f"last: {self.seen}"
            return "; ".join(filter(None, (f"no leader can be reached: {known}", self._trouble)))
        if hop.silence:
            return f"the leader does not answer: {self.seen}: {hop.silence}"
        return "" if hop.ready else f"the leader is not ready: {self.seen}"

    def handler(self, path: str) -> Any:
        """Return what serves a method by passing it on; None for one of a service that is not known.

        Whether a service has a method its leader says, which may be newer than this process.
        """
        if service_of(path) not in METHODS:
            return None

        async def unary(request: bytes, context: Any) -> bytes:
            return await self._unary(path, request, context)

        def stream(request: bytes, context: Any) -> AsyncIterator[bytes]:
            return self._stream(path, request, context)

        if STREAMS.get(path, True):
            return grpc.unary_stream_rpc_method_handler(stream)
        return grpc.unary_unary_rpc_method_handler(unary)

    def end(self, why: str) -> None:
        """End what is under way and refuse what comes: this process leads soon, or goes away."""
        self._ended = why
        self._leave(why)

    def drain(self, why: str) -> None:
        """End what only waits, so that the rest can be finished soon: this process goes away."""
        self._leaving = why
        if self._hop is not None:
            self._hop.end_long_polls()

    async def close(self) -> None:
        """Wait until every channel is closed."""
        if self._closing:
            await asyncio.wait(self._closing)

    def _leave(self, why: str) -> None:
        hop, self._hop = self._hop, None
        if hop is not None:
            hop.end(why)
            task = asyncio.create_task(hop.close(), name="hop-close")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _reach(self, context: Any) -> Hop:
        if any(key == HOP_KEY for key, _ in context.invocation_metadata() or ()):
            raise self._refusal("it was passed on here by another standby, and this scheduler does not lead")
        hop = self._hop
        if hop is None or not await hop.reached():
            raise self._refusal(self.reason or "the leadership moved on")
        return hop

    async def _unary(self, path: str, request: bytes, context: Any) -> bytes:
        hop = await self._reach(context)
        call = hop.begin(path, request, seconds=context.time_remaining(), metadata=self._onward(context))
        try:
            answer: bytes = await call
            await _pass_initial_metadata(call, context)
            await _pass_trailing_metadata(call, context)
            self._count(service_of(path), grpc.StatusCode.OK)
            return answer
        except (grpc.aio.AioRpcError, asyncio.CancelledError) as error:
            await self._fail(path, hop, error, context)
            raise
        finally:
            hop.end_call(call)

    async def _stream(self, path: str, request: bytes, context: Any) -> AsyncIterator[bytes]:
        hop = await self._reach(context)
        call = hop.begin(path, request, seconds=context.time_remaining(), metadata=self._onward(context))
        try:
            await _pass_initial_metadata(call, context)
            async for message in call:
                yield message
            await _pass_trailing_metadata(call, context)
            self._count(service_of(path), grpc.StatusCode.OK)
        except (grpc.aio.AioRpcError, asyncio.CancelledError) as error:
            await self._fail(path, hop, error, context)
            raise
        finally:
            hop.end_call(call)

    async def _fail(self, path: str, hop: Hop, error: BaseException, context: Any) -> None:
        """End the call as the leader ended it. Returns when it was the caller that went away."""
        if isinstance(error, asyncio.CancelledError) and task_is_cancelled():
            self._count(service_of(path), grpc.StatusCode.CANCELLED)
            return
        why = hop.over or self._leaving
        if isinstance(error, grpc.aio.AioRpcError):
            said = _kept(error.trailing_metadata())
            if error.code() not in GONE or any(key == DETAILS_KEY for key, _ in said):
                self._count(service_of(path), error.code())
                await context.abort(error.code(), error.details() or "", said)
            why = why or f"the leader went away under the call: {hop.leader}: {error.details()}"
        code, status = outcome_unknown(why)
        self._count(service_of(path), code)
        await context.abort(code, status.message, trailers_of(status))

    def _onward(self, context: Any) -> Metadata:
        return (*_kept(context.invocation_metadata()), (HOP_KEY, self._own))

    def _refusal(self, why: str) -> RefusedCallError:
        seen = self.seen
        return RefusedCallError(
            reason=Reason.NOT_LEADER,
            message=f"the call was not passed on: {why}",
            metadata={
                "holder": "" if seen is None else seen.holder,
                "term": "" if seen is None else str(seen.term),
                "address": "" if seen is None else seen.address,
            },
        )


async def _pass_initial_metadata(call: Any, context: Any) -> None:
    initial = _kept(await call.initial_metadata())
    if initial:
        await context.send_initial_metadata(initial)


async def _pass_trailing_metadata(call: Any, context: Any) -> None:
    context.set_trailing_metadata(_kept(await call.trailing_metadata()))


def _kept(metadata: Iterable[tuple[str, str | bytes]] | None) -> Metadata:
    """Return the metadata of the call, without that of its connection."""
    return tuple(
        (key, value)
        for key, value in metadata or ()
        if key == DETAILS_KEY or not (key.startswith(("grpc-", ":")) or key in OF_THE_CONNECTION)
    )
