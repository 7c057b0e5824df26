"""The published numbers (docs/LIMITS.md): how many calls of each kind at once, and how often one caller may call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from proxx.core.overload.call_kind import CallKind
from proxx.core.overload.rate_limit import RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLimits:
    """Bounds of one kind. `running` calls are worked on at once, `waiting` wait for a place, in turn by caller.

    `each` is how many a named identity may have open, `each_open` a host whose callers prove nothing; both count those
    that wait. `each_running` is how many places one named identity may hold.
    """

    running: int
    waiting: int
    each: int
    each_running: int
    each_open: int


_DEFAULT_KINDS: Mapping[CallKind, KindLimits] = MappingProxyType(
    {
        CallKind.EXECUTOR: KindLimits(running=128, waiting=2048, each=2176, each_running=128, each_open=2176),
        CallKind.LONG_POLL: KindLimits(running=4096, waiting=0, each=4096, each_running=4096, each_open=4096),
        CallKind.SUBMISSION: KindLimits(running=4, waiting=256, each=128, each_running=3, each_open=260),
        CallKind.LOOK: KindLimits(running=32, waiting=128, each=32, each_running=16, each_open=160),
        CallKind.STREAM: KindLimits(running=256, waiting=0, each=64, each_running=64, each_open=256),
        CallKind.HEALTH: KindLimits(running=64, waiting=0, each=32, each_running=32, each_open=32),
        CallKind.HEALTH_STREAM: KindLimits(running=64, waiting=0, each=32, each_running=32, each_open=32),
        CallKind.OTHER: KindLimits(running=16, waiting=256, each=128, each_running=12, each_open=272),
    }
)

_RATE = RateLimit(per_second=500, burst=1000)
_RATE_OPEN = RateLimit(per_second=500, burst=1000)
_RATE_EXECUTORS = RateLimit(per_second=2000, burst=4000)
_RATE_EXECUTORS_OPEN = RateLimit(per_second=5000, burst=10_000)
_RATE_DENIED = RateLimit(per_second=20, burst=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Everything about calls that a server bounds beside the sizes of messages. Times in seconds.

    `rate` is of one named identity, `rate_open` of one host whose callers prove nothing; `rate_executors` and
    `rate_executors_open` are those of executors' calls; calls that are denied to a host are answered at once up to
    `rate_denied`. `wait_seconds`: how long a call waits for a place. The refusal of one that is too many is held back
    for `park_seconds`, and the longer the more are held back, up to `longest_park_seconds` where there are `parked` of
    them, which is the most: who floods slows itself down. `receive_seconds`: how long a request may take to arrive;
    `deadline_seconds`: the longest deadline of a call that answers once.
    """

    kinds: Mapping[CallKind, KindLimits] = field(default_factory=lambda: _DEFAULT_KINDS)
    rate: RateLimit = _RATE
    rate_open: RateLimit = _RATE_OPEN
    rate_executors: RateLimit = _RATE_EXECUTORS
    rate_executors_open: RateLimit = _RATE_EXECUTORS_OPEN
    rate_denied: RateLimit = _RATE_DENIED
    wait_seconds: float = 5.0
    park_seconds: float = 1.0
    longest_park_seconds: float = 30.0
    parked: int = 8192
    receive_seconds: float = 30.0
    deadline_seconds: float = 3600.0
    callers: int = 10_000
    """Callers that are remembered; beyond, those without an open call are forgotten."""

    def park_for(self, *, already: int) -> float:
        """Return how long a refusal is held back while `already` others are: 0.0 where there are too many of those."""
        if already >= self.parked:
            return 0.0
        return self.park_seconds + (self.longest_park_seconds - self.park_seconds) * already / self.parked
