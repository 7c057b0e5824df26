"""Who has which calls open: gives places, lets wait in turn, and refuses."""

from proxx.core.overload.call_kind import CallKind
from proxx.core.overload.call_limits import CallLimits, KindLimits
from proxx.core.overload.caller import Caller
from proxx.core.overload.rate_limit import RateLimit
from proxx.core.overload.refusal import OverloadReason, OverloadRefusal
from proxx.core.overload.ticket import Ticket
from proxx.core.overload.token_bucket import TokenBucket
from proxx.core.overload.turns import Turns
from proxx.core.quoting import quote

_AGAIN_SECONDS = 1.0
_SHORTEST_SECONDS = 0.1
_SLEEPING = frozenset({CallKind.LONG_POLL, CallKind.STREAM, CallKind.HEALTH_STREAM, CallKind.LOOK})
_OF_EXECUTORS = frozenset({CallKind.EXECUTOR, CallKind.LONG_POLL})
_WITHOUT_RATE = frozenset({CallKind.HEALTH})


class CallBook:
    """All open calls of one server. Seconds are those of a clock that never goes back."""

    def __init__(self, *, limits: CallLimits) -> None:
        """Begin without calls."""
        self._limits = limits
        self._callers: dict[tuple[str, bool], Caller] = {}
        self._running = dict.fromkeys(CallKind, 0)
        self._crowd = 0
        self._turns = {kind: Turns() for kind in CallKind}

    @property
    def crowd(self) -> int:
        """How many calls are open that want work done: streams and long polls mostly sleep."""
        return self._crowd

    def running(self, kind: CallKind) -> int:
        """Return how many calls of a kind have a place."""
        return self._running[kind]

    def waiting(self, kind: CallKind) -> int:
        """Return how many calls of a kind wait for one."""
        return self._turns[kind].length

    def begin(self, *, kind: CallKind, name: str, is_open: bool, now: float) -> Ticket | OverloadRefusal:
        """Open a call of an identity, or, where `is_open`, of a host whose callers prove nothing.

        Returns a ticket, that runs or waits and has to be given back with `end`, or why the call is one too many.
        """
        caller = self._caller(name, is_open)
        bounds = self._limits.kinds[kind]
        refusal = self._too_often(caller, kind, now) or self._too_many(caller, kind, bounds)
        if refusal is not None:
            return refusal
        ticket = Ticket(caller=caller, kind=kind)
        self._crowd += kind not in _SLEEPING
        caller.open[kind] = caller.open.get(kind, 0) + 1
        may_run = caller.is_open or caller.running.get(kind, 0) < bounds.each_running
        if may_run and self._running[kind] < bounds.running:
            self._start(ticket)
        else:
            self._turns[kind].add(ticket)
        return ticket

    def end(self, ticket: Ticket) -> Ticket | None:
        """Close a call, whether it ran or waited. Returns the one that gets its place, if any."""
        caller, kind = ticket.caller, ticket.kind
        caller.open[kind] -= 1
        self._crowd -= kind not in _SLEEPING
        if not ticket.running:
            self._turns[kind].remove(ticket)
            return None
        ticket.running = False
        caller.running[kind] -= 1
        self._running[kind] -= 1
        following = self._turns[kind].take(most=self._limits.kinds[kind].each_running)
        if following is not None:
            self._start(following)
        return following

    def denied(self, *, host: str, now: float) -> bool:
        """Count a call that was not let through. Returns whether its host has had too many of those."""
        caller = self._caller(host, is_open=True)
        if caller.denied is None:
            caller.denied = TokenBucket(limit=self._limits.rate_denied, now=now)
        return caller.denied.take(now=now) > 0

    def waited_too_long(self, ticket: Ticket) -> OverloadRefusal:
        """Return the refusal of a call that got no place within the time."""
        limit = self._limits.kinds[ticket.kind].running
        return _refusal(
            OverloadReason.OVERLOADED,
            ticket.kind,
            limit,
            f"no place was free within {self._limits.wait_seconds:g} s: the server works on {limit} calls of the kind "
            f"{quote(text=ticket.kind.value)} at once",
        )

    def _start(self, ticket: Ticket) -> None:
        ticket.running = True
        ticket.caller.running[ticket.kind] = ticket.caller.running.get(ticket.kind, 0) + 1
        self._running[ticket.kind] += 1

    def _caller(self, name: str, is_open: bool) -> Caller:
        key = (name, is_open)
        caller = self._callers.get(key)
        if caller is None:
            if len(self._callers) >= self._limits.callers:
                self._callers = {known: each for known, each in self._callers.items() if any(each.open.values())}
            caller = self._callers[key] = Caller(name=name, is_open=is_open)
        return caller

    def _too_often(self, caller: Caller, kind: CallKind, now: float) -> OverloadRefusal | None:
        if kind in _WITHOUT_RATE:
            return None
        executors = kind in _OF_EXECUTORS
        limit = self._rate(caller.is_open, executors)
        bucket = caller.buckets.get(executors)
        if bucket is None:
            bucket = caller.buckets[executors] = TokenBucket(limit=limit, now=now)
        seconds = bucket.take(now=now)
        if not seconds:
            return None
        often = f"at most {limit.per_second:g} calls a second in the long run, {limit.burst} after a rest"
        return _refusal(
            OverloadReason.RATE_EXCEEDED,
            kind,
            round(limit.per_second),
            f"{caller.shown} calls too often: {often}",
            retry_seconds=max(_SHORTEST_SECONDS, seconds),
        )

    def _rate(self, is_open: bool, executors: bool) -> RateLimit:
        if executors:
            return self._limits.rate_executors_open if is_open else self._limits.rate_executors
        return self._limits.rate_open if is_open else self._limits.rate

    def _too_many(self, caller: Caller, kind: CallKind, bounds: KindLimits) -> OverloadRefusal | None:
        most = bounds.each_open if caller.is_open else bounds.each
        if caller.open.get(kind, 0) >= most:
            shown = quote(text=kind.value)
            text = f"{caller.shown} has {most} calls of the kind {shown} open, which is the most for one caller"
            return _refusal(OverloadReason.CALLS_EXCEEDED, kind, most, text)
        most = bounds.running + bounds.waiting
        if self._running[kind] + self._turns[kind].length >= most:
            text = (
                f"{most} calls of the kind {quote(text=kind.value)} are open, which is the most of all callers together"
            )
            return _refusal(OverloadReason.OVERLOADED, kind, most, text)
        return None


def _refusal(
    reason: OverloadReason, kind: CallKind, limit: int, message: str, *, retry_seconds: float = _AGAIN_SECONDS
) -> OverloadRefusal:
    return OverloadRefusal(reason=reason, message=message, kind=kind.value, limit=limit, retry_seconds=retry_seconds)
