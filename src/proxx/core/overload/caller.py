"""What is remembered of one caller."""

from proxx.core.overload.call_kind import CallKind
from proxx.core.overload.token_bucket import TokenBucket
from proxx.core.quoting import quote


class Caller:
    """A named identity, or (`is_open`) a host whose callers prove nothing. Counts are of its calls by kind."""

    __slots__ = ("buckets", "denied", "is_open", "name", "open", "running")

    def __init__(self, *, name: str, is_open: bool) -> None:
        """Begin without calls."""
        self.name = name
        self.is_open = is_open
        self.open: dict[CallKind, int] = {}
        self.running: dict[CallKind, int] = {}
        self.buckets: dict[bool, TokenBucket] = {}
        self.denied: TokenBucket | None = None

    @property
    def shown(self) -> str:
        """How a sentence names it."""
        return f"{'host' if self.is_open else 'identity'} {quote(text=self.name)}"
