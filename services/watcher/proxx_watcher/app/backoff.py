"""How long a drop waits whose submission failed for its own sake, before it is tried again."""

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 300.0


def longer(wait_seconds: float) -> float:
    """Return the wait after one of `wait_seconds` (0: none before): twice as long, from one second to five minutes."""
    return min(max(_FIRST_WAIT_SECONDS, wait_seconds * 2), _LONGEST_WAIT_SECONDS)
