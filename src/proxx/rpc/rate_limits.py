"""What stands between a listener and its handlers: how much is taken at once, of whom, how long and how often.

Executors' calls have places of their own, so that no flood of other calls delays a heartbeat. The rules are pure and
lie in proxx.core.overload; here are the clock, the waiting and the refusals.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import unquote

import structlog

from proxx.core.access import Identity
from proxx.core.overload import CallBook, CallKind, CallLimits, OverloadRefusal, Ticket, kind_of, largest_message
from proxx.rpc.calm import Calm
from proxx.rpc.errors import RefusedCallError, request_invalid
from proxx.rpc.overload_metrics import OverloadMetrics
from proxx.rpc.reasons import Reason

_TELL_SECONDS = 10.0
_AT_ONCE = frozenset({CallKind.EXECUTOR, CallKind.LONG_POLL, CallKind.HEALTH})
"""Never held back, neither to calm down nor when refused."""

_OPEN_ENDED = frozenset({CallKind.STREAM, CallKind.HEALTH_STREAM})
_CROWD = 32
"""From so many calls on that are open, streams and long polls aside, work waits until the door is quiet."""
_LARGEST_TOLD = 100


class CallGuard:
    """Gives calls their places. `enter` before anything of a call is read, `leave` when it is over."""

    def __init__(
        self,
        *,
        limits: CallLimits,
        clock: Callable[[], float],
        metrics: OverloadMetrics | None = None,
    ) -> None:
        """Take the limits and a clock that never goes back, in seconds."""
        self._limits = limits
        self._book = CallBook(limits=limits)
        self._clock = clock
        self._metrics = metrics
        self._places: dict[Ticket, asyncio.Future[None]] = {}
        self._calm = Calm(clock=clock)
        self._parked = 0
        self._told: dict[tuple[str, str], tuple[float, int]] = {}
        self._log = structlog.stdlib.get_logger("proxx.rpc.limits")
        if metrics is not None:
            metrics.follow(self._book)

    @property
    def receive_seconds(self) -> float:
        """How long a request may take to arrive once its call has a place."""
        return self._limits.receive_seconds

    async def enter(
        self, *, method: str, streams: bool, identity: Identity, peer: str, left_seconds: float | None
    ) -> Ticket:
        """Wait for the place of a call (`/package.Service/Method`).

        It counts for the identity, or for the host of `peer` where nobody proves anything. `left_seconds` is what is
        left of its deadline, None without one. `leave` has to follow.

        Raises:
            RefusedCallError: it is one too many, or its deadline is too far away.
        """
        kind = kind_of(method=method, streams=streams)
        if left_seconds is not None and left_seconds > self._limits.deadline_seconds + 1 and kind not in _OPEN_ENDED:
            rule = f"at most {self._limits.deadline_seconds:g} s for a call that answers once"
            raise request_invalid(field="deadline", rule=f"{rule}, got {left_seconds:.0f} s")
        name = host_of(peer) if identity.is_open else identity.name
        self._calm.came()
        found = self._book.begin(kind=kind, name=name, is_open=identity.is_open, now=self._clock())
        if isinstance(found, OverloadRefusal):
            if kind not in _AT_ONCE:
                await self._park(left_seconds)
            raise self._refused(found, method)
        if not found.running:
            await self._wait(found, method)
        if kind not in _AT_ONCE and self._book.crowd >= _CROWD:
            await self._calmly(found)
        return found

    def leave(self, ticket: Ticket) -> None:
        """Give the place of a call to the next one."""
        following = self._book.end(ticket)
        if following is not None:
            place = self._places[following]
            if not place.done():
                place.set_result(None)

    async def denied(self, peer: str) -> None:
        """Hold the answer to a call back that was not let through, when its host has had many of those."""
        if self._book.denied(host=host_of(peer), now=self._clock()):
            await self._park(None)

    def check_size(self, *, method: str, size: int) -> None:
        """Look at the length of a request before it is parsed.

        Raises:
            RefusedCallError: MESSAGE_TOO_LARGE.
        """
        limit = largest_message(method=method)
        if size > limit:
            raise RefusedCallError(
                reason=Reason.MESSAGE_TOO_LARGE,
                message=f"the request has {size} bytes, one of this method at most {limit}",
                metadata={"limit": str(limit), "size": str(size), "method": method},
            )

    async def _wait(self, ticket: Ticket, method: str) -> None:
        place = self._places[ticket] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._limits.wait_seconds):
                await place
        except TimeoutError:
            self.leave(ticket)
            raise self._refused(self._book.waited_too_long(ticket), method) from None
        except asyncio.CancelledError:
            self.leave(ticket)
            raise
        finally:
            del self._places[ticket]

    async def _calmly(self, ticket: Ticket) -> None:
        try:
            await self._calm.wait()
        except asyncio.CancelledError:
            self.leave(ticket)
            raise

    async def _park(self, left_seconds: float | None) -> None:
        """Hold a refusal back: a flood that is answered at once only floods faster."""
        seconds = self._limits.park_for(already=self._parked)
        if left_seconds is not None:
            seconds = min(seconds, left_seconds / 2)
        if seconds <= 0:
            return
        self._parked += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._parked -= 1

    def _refused(self, refusal: OverloadRefusal, method: str) -> RefusedCallError:
        if self._metrics is not None:
            self._metrics.refused(refusal)
        self._tell(refusal)
        return RefusedCallError(
            reason=refusal.reason.value,
            message=refusal.message,
            metadata={"limit": str(refusal.limit), "kind": refusal.kind, "method": method},
            retry_seconds=refusal.retry_seconds,
        )

    def _tell(self, refusal: OverloadRefusal) -> None:
        """Log the first refusal of a kind at once and the others counted: a flood must not fill the log."""
        key = (refusal.reason.value, refusal.kind)
        last, more = self._told.get(key, (-_TELL_SECONDS, 0))
        now = self._clock()
        if now - last < _TELL_SECONDS:
            self._told[key] = (last, more + 1)
            return
        self._told[key] = (now, 0)
        self._log.warning(
            "rpc.limit_reached", reason=key[0], kind=key[1], message=refusal.message, not_told_since_last=more
        )


def host_of(peer: str) -> str:
    """Return the host in the text of a gRPC peer (`ipv4:1.2.3.4:5`, `ipv6:[::1]:5` or escaped, `unix:…`)."""
    family, _, rest = peer.partition(":")
    if family not in ("ipv4", "ipv6"):
        return family[:_LARGEST_TOLD] or "unknown"
    return unquote(rest).rpartition(":")[0].strip("[]")[:_LARGEST_TOLD]
