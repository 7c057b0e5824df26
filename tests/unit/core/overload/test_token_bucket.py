"""The token bucket: a rate in the long run, a burst after a rest."""

from hypothesis import given
from hypothesis import strategies as st

from proxx.core.overload import RateLimit, TokenBucket


def test_a_burst_passes_and_the_next_call_is_told_when_there_is_a_token() -> None:
    bucket = TokenBucket(limit=RateLimit(per_second=2, burst=3), now=10.0)
    assert [bucket.take(now=10.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_tokens_come_back_at_the_rate_and_never_beyond_the_burst() -> None:
    bucket = TokenBucket(limit=RateLimit(per_second=2, burst=3), now=0.0)
    assert [bucket.take(now=0.0) for _ in range(3)] == [0.0] * 3
    assert [bucket.take(now=0.5) for _ in range(2)] == [0.0, 0.5]
    assert [bucket.take(now=1000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_a_clock_that_seems_to_go_back_gives_nothing_twice() -> None:
    bucket = TokenBucket(limit=RateLimit(per_second=1, burst=1), now=10.0)
    assert [bucket.take(now=moment) for moment in (10.0, 5.0, 10.0)] == [0.0, 1.0, 1.0]


@given(
    pauses=st.lists(st.floats(min_value=0, max_value=5), max_size=200),
    rate=st.floats(min_value=0.1, max_value=50),
    burst=st.integers(min_value=1, max_value=20),
)
def test_no_caller_ever_gets_more_than_burst_and_rate(pauses: list[float], rate: float, burst: int) -> None:
    now, passed = 0.0, 0
    bucket = TokenBucket(limit=RateLimit(per_second=rate, burst=burst), now=now)
    for pause in pauses:
        now += pause
        passed += not bucket.take(now=now)
    assert passed <= burst + rate * now + 1e-6


@given(rate=st.floats(min_value=0.1, max_value=1000), burst=st.integers(min_value=1, max_value=20))
def test_who_waits_as_long_as_was_said_is_let_through(rate: float, burst: int) -> None:
    bucket = TokenBucket(limit=RateLimit(per_second=rate, burst=burst), now=0.0)
    waits = [bucket.take(now=0.0) for _ in range(burst + 1)]
    assert bucket.take(now=waits[-1] + 1e-9) == 0.0
