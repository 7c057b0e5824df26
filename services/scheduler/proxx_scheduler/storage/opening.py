"""Wait for the leadership of a database that others may have open."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from proxx_scheduler.app.leader import LOOK_SECONDS, LeaderSeen
from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import Database, open_database
from proxx_scheduler.storage.leadership import BEAT_SECONDS, STALE_SECONDS, LeaderAliveError

log = logging.getLogger("proxx.scheduler")
Told = Callable[[LeaderSeen | None, str], None]
"""Gets who leads or led last (None: not known), and why this process can neither see it nor lead, "" else."""


async def open_to_lead(
    *,
    address: DatabaseAddress,
    holder: str,
    standby: bool,
    stop: asyncio.Event,
    advertise: str = "",
    told: Told | None = None,
) -> Database | None:
    """Open the database and lead it; None when `stop` was set before.

    A predecessor that died shows itself no more, and is followed after STALE_SECONDS. One that is alive is waited for
    by a standby, which tells whom it sees at each look, and else is the reason to refuse. `advertise` is where this
    process serves, "" when it does not know yet.

    Raises:
        StoreOpenError: the database cannot be used.
        LeaderAliveError: another scheduler leads it, and this one is no standby.
    """
    silent_before = 0.0
    waiting = False
    while not stop.is_set():
        try:
            return await _open(address, holder, advertise)
        except LeaderAliveError as error:
            # it grows while the leader is silent; one that lives shows itself every BEAT_SECONDS
            if not standby and error.idle_seconds < min(silent_before, 2 * BEAT_SECONDS):
                raise
            silent_before = error.idle_seconds
            if not waiting:
                log.info("waiting for the leadership", extra={"fact": str(error), "stale_seconds": STALE_SECONDS})
                waiting = True
        if standby:
            return await _stand_by(address, holder, advertise, stop, told or _nobody)
        await _pause(stop)
    return None


async def _stand_by(
    address: DatabaseAddress, holder: str, advertise: str, stop: asyncio.Event, told: Told
) -> Database | None:
    from proxx_scheduler.storage.lookout import Lookout  # only here: SQLite needs no libpq

    lookout = Lookout(address=address)
    last: LeaderSeen | None = None
    trouble = ""
    try:
        while not stop.is_set():
            fact = ""
            try:
                last = await asyncio.to_thread(lookout.look)
                # seen in the future: the clock of the database was set back, and who tries to lead sets the row right
                if last is None or not 0 <= last.idle_seconds < STALE_SECONDS:
                    return await _open(address, holder, advertise)
            except LeaderAliveError:
                pass  # another one was faster, or the leader is back: the next look says who
            except StoreOpenError as error:
                fact = str(error)  # a standby outlives what its leader's database goes through
            if fact != trouble:
                log.log(logging.ERROR if fact else logging.INFO, "standing by", extra={"fact": fact or str(last)})
                trouble = fact
            told(last, fact)
            await _pause(stop)
    finally:
        await asyncio.to_thread(lookout.close)
    return None


async def _open(address: DatabaseAddress, holder: str, advertise: str) -> Database:
    return await asyncio.to_thread(lambda: open_database(address=address, holder=holder, advertise=advertise))


async def _pause(stop: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


def _nobody(seen: LeaderSeen | None, trouble: str) -> None:
    """Nobody wants to know."""
