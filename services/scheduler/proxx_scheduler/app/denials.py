"""Denied calls in the append-only log: one event for each kind and minute (domain/denials.py), in the own chain."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from proxx.core.access import Denial
from proxx_scheduler.app.ports import Clock, Store, StoreError, Tx
from proxx_scheduler.domain.denials import CountedDenials, DenialWindow

WINDOW_SECONDS = 60.0
DENIED = "access.denied"
"""The kind of the events."""

log = logging.getLogger("proxx.scheduler")


class NotToldError(RuntimeError):
    """The leader could not be told what was denied here."""


Tell = Callable[[Sequence[CountedDenials]], Awaitable[None]]
"""Tells the leader; raises NotToldError."""


class Denials:
    """Takes notice of denied calls, and records them or tells the leader. It belongs to the event loop."""

    def __init__(self, *, clock: Clock) -> None:
        """Take time."""
        self._clock = clock
        self._window = DenialWindow()
        self._keep: Tell | None = None

    def lead(self, store: Store) -> None:
        """Record in this store from now on; what was noted before waits for it."""

        async def keep(counted: Sequence[CountedDenials]) -> None:
            now = self._clock.now()

            def work(tx: Tx) -> None:
                for item in counted:
                    tx.note_executor(kind=DENIED, before="", after="", data=_data(item), actor=_actor(item), now=now)

            await store.write(work)

        self._keep = keep

    def stand_by(self, tell: Tell) -> None:
        """Tell the leader from now on."""
        self._keep = tell

    def note(self, denial: Denial) -> None:
        """Take notice of a call that was denied."""
        self._window.add(denial, now=self._clock.now())

    def note_all(self, counted: Sequence[CountedDenials]) -> None:
        """Take notice of calls that a standby denied."""
        self._window.put_back(counted)

    async def run(self) -> None:
        """Record once a minute, for ever."""
        while True:
            await asyncio.sleep(WINDOW_SECONDS)
            await self.record()

    async def record(self) -> None:
        """Record what was noted since the last time. What cannot be recorded now comes the next time."""
        keep = self._keep
        taken = self._window.take() if keep is not None else ()
        if keep is None or not taken:
            return
        try:
            await keep(taken)
        except (StoreError, NotToldError) as error:  # of an unknown outcome, too: twice in the log is better than never
            self._window.put_back(taken)
            log.warning("denied calls are not recorded yet", extra={"fact": str(error)})


def _actor(item: CountedDenials) -> str:
    if item.denial is None:
        return "scheduler"
    return f"identity/{item.denial.identity}" if item.denial.identity else f"unknown/{item.denial.peer_kind}"


def _data(item: CountedDenials) -> dict[str, object]:
    data: dict[str, object] = {
        "count": item.count,
        "first": item.first.isoformat(timespec="microseconds"),
        "last": item.last.isoformat(timespec="microseconds"),
    }
    if item.denial is None:
        return {**data, "kinds": "others, beyond those told apart in this minute"}
    denial = item.denial
    return {**data, "reason": denial.reason, "method": f"/{denial.service}/{denial.method}", "peer": denial.peer_kind}
