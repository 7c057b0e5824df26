"""What waits for places of one kind."""

from collections import OrderedDict, deque

from proxx.core.overload.caller import Caller
from proxx.core.overload.ticket import Ticket


class Turns:
    """Callers take turns; each caller's own calls keep their order. `length`: how many calls wait."""

    def __init__(self) -> None:
        """Begin empty."""
        self.length = 0
        self._turns: OrderedDict[Caller, deque[Ticket]] = OrderedDict()

    def add(self, ticket: Ticket) -> None:
        """Let a call wait."""
        self._turns.setdefault(ticket.caller, deque()).append(ticket)
        self.length += 1

    def remove(self, ticket: Ticket) -> None:
        """Forget a call that waits no more."""
        waiting = self._turns[ticket.caller]
        waiting.remove(ticket)
        self.length -= 1
        if not waiting:
            del self._turns[ticket.caller]

    def take(self, *, most: int) -> Ticket | None:
        """Take out the call whose turn it is, of a caller that is open or works on fewer than `most` of this kind."""
        for caller, waiting in self._turns.items():
            if caller.is_open or caller.running.get(waiting[0].kind, 0) < most:
                break
        else:
            return None
        ticket = waiting.popleft()
        self.length -= 1
        if waiting:
            self._turns.move_to_end(caller)
        else:
            del self._turns[caller]
        return ticket
