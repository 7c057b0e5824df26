"""When a client calls again: a server that has too much to do says so, and says when."""

import random

from proxx.rpc.errors import CallError, RefusedCallError
from proxx.rpc.reasons import PASSING

_UNSAID_SECONDS = 1.0
_LONGEST_SECONDS = 30.0
_SPREAD = 0.5


def pause_before_again(failure: CallError, *, left_seconds: float) -> float | None:
    """Return how long to wait before the same call is made again, None when it is not to be made again.

    Only refusals that say that the call had no effect and may pass are answered with another call, after RetryInfo's
    delay and up to half as much again, so that those who were refused together do not come back together.
    `left_seconds` is what is left of the call's time.
    """
    if not isinstance(failure, RefusedCallError) or failure.reason not in PASSING:
        return None
    said = _UNSAID_SECONDS if failure.retry_seconds is None else min(failure.retry_seconds, _LONGEST_SECONDS)
    pause = said * random.uniform(1.0, 1.0 + _SPREAD)  # noqa: S311  spreads callers, protects nothing
    return pause if pause < left_seconds else None
