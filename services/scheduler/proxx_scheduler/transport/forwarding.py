"""Passes calls on to the leader as they are: bytes, metadata, deadline and cancellation one way, status the other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import grpc

from proxx.core.access import AUTHORIZATION_KEY, FORWARDED_KEY, Role, forwarded_of
from proxx.rpc.caller import caller
from proxx.rpc.client_security import ClientSecurity, ClientSecurityError
from proxx.rpc.errors import DETAILS_KEY, GONE, RefusedCallError, outcome_unknown, trailers_of
from proxx.rpc.reasons import Reason
from proxx_scheduler.app.denials import NotToldError
from proxx_scheduler.app.leader import LOOK_SECONDS, LeaderSeen
from proxx_scheduler.app.wake import Wake
from proxx_scheduler.domain.denials import CountedDenials
from proxx_scheduler.transport.denied_calls import NOTE_DENIALS, denials_request
from proxx_scheduler.transport.hop import Hop, task_is_cancelled
from proxx_scheduler.transport.service_table import METHODS, STREAMS, service_of

HOP_KEY = "proxx-forwarded"
"""Request metadata of a call that a standby passed on: from where. It is passed on once and never again."""

TELL_SECONDS = 5.0

OF_THE_CALLER = frozenset({AUTHORIZATION_KEY, FORWARDED_KEY})
"""Request metadata that is never passed on: a token is for whom it was sent to, and only a replica says who calls."""

OF_THE_CONNECTION = frozenset({"user-agent", "content-type", "te", "host", "trailer"})
Metadata = tuple[tuple[str, str | bytes], ...]


class Forwarder:
    """What a standby answers with. `changed` wakes those who follow `reason`."""

    def __init__(self, *, own: str, count: Callable[[str, grpc.StatusCode], None], security: ClientSecurity) -> None:
        """Take the address of this process, what counts forwarded calls by service and code, and how this replica
        proves itself to the leader.
        """
        self._security = security
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
            self._hop = Hop(seen, security=self._security)
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

    async def tell_denials(self, counted: Sequence[CountedDenials]) -> None:
        """Tell the leader which calls were denied here.

        Raises:
            NotToldError: it could not be told, or may not have heard it.
        """
        hop = self._hop
        if hop is None or not await hop.reached():
            raise NotToldError(self.reason or "the leadership moved on")
        request = denials_request(counted).SerializeToString()
        try:
            call = hop.begin(NOTE_DENIALS, request, seconds=TELL_SECONDS, metadata=((HOP_KEY, self._own),))
        except ClientSecurityError as error:
            raise NotToldError(str(error)) from error
        try:
            await call
        except grpc.aio.AioRpcError as error:
            raise NotToldError(f"{hop.leader}: {error.code().name}: {error.details()}") from error
        except asyncio.CancelledError as error:
            if task_is_cancelled():
                raise
            raise NotToldError(hop.over) from error
        finally:
            hop.end_call(call)

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

    def _begin(self, hop: Hop, path: str, request: bytes, context: Any) -> Any:
        try:
            return hop.begin(path, request, seconds=context.time_remaining(), metadata=self._onward(context))
        except ClientSecurityError as error:
            raise self._refusal(f"this replica cannot prove itself to the leader: {error}") from error

    async def _unary(self, path: str, request: bytes, context: Any) -> bytes:
        hop = await self._reach(context)
        call = self._begin(hop, path, request, context)
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
        call = self._begin(hop, path, request, context)
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
            if _refuses_replica(error):  # who calls is known here, so it is this replica that is not
                self._count(service_of(path), grpc.StatusCode.UNAVAILABLE)
                raise self._refusal(f"the leader does not take calls from this replica: {error.details()}") from error
            if error.code() not in GONE or any(key == DETAILS_KEY for key, _ in said):
                self._count(service_of(path), error.code())
                await context.abort(error.code(), error.details() or "", said)
            why = why or f"the leader went away under the call: {hop.leader}: {error.details()}"
        code, status = outcome_unknown(why)
        self._count(service_of(path), code)
        await context.abort(code, status.message, trailers_of(status))

    def _onward(self, context: Any) -> Metadata:
        """Return the metadata of a call to the leader: with who calls, and without what proved it to this replica."""
        kept = (item for item in _kept(context.invocation_metadata()) if item[0] not in OF_THE_CALLER)
        identity = caller(context)
        as_known = replace(
            identity, roles=identity.roles - {Role.REPLICA}
        )  # which one is on a connection of its own only
        known = () if identity.is_open else ((FORWARDED_KEY, forwarded_of(as_known)),)
        return (*kept, *known, (HOP_KEY, self._own))

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


def _refuses_replica(error: grpc.aio.AioRpcError) -> bool:
    """Return whether the leader refused a call for the replica that passed it on, and not for who made it."""
    return error.code() is grpc.StatusCode.UNAUTHENTICATED or str(error.details()).startswith(f"{FORWARDED_KEY}:")


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
