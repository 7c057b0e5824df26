"""The token bucket: a rate in the long run, a burst after a rest."""

from proxx.core.overload.rate_limit import RateLimit


class TokenBucket:
    """Full at first. Each call takes one token; tokens come back at the rate, up to the burst."""

    __slots__ = ("_limit", "_since", "_tokens")

    def __init__(self, *, limit: RateLimit, now: float) -> None:
        """Take the limit and the present moment, in seconds of a clock that never goes back."""
        self._limit = limit
        self._tokens = float(limit.burst)
        self._since = now

    def take(self, *, now: float) -> float:
        """Take a token. Returns 0.0, or the seconds until there is one; then none was taken."""
        passed = max(0.0, now - self._since)
        self._since = max(self._since, now)
        self._tokens = min(float(self._limit.burst), self._tokens + passed * self._limit.per_second)
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._limit.per_second
