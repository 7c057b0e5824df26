"""One open call in the book."""

from proxx.core.overload.call_kind import CallKind
from proxx.core.overload.caller import Caller


class Ticket:
    """`running`: the call has a place and may go on; until then it waits for one."""

    __slots__ = ("caller", "kind", "running")

    def __init__(self, *, caller: Caller, kind: CallKind) -> None:
        """Begin to wait."""
        self.caller = caller
        self.kind = kind
        self.running = False
