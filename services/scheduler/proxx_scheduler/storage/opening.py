"""Wait for the leadership of a database that others may have open."""

import asyncio
import contextlib
import logging

from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import Database, open_database
from proxx_scheduler.storage.leadership import BEAT_SECONDS, STALE_SECONDS, LeaderAliveError

log = logging.getLogger("proxx.scheduler")
LOOK_SECONDS = 0.5


async def open_to_lead(*, address: DatabaseAddress, holder: str, standby: bool, stop: asyncio.Event) -> Database | None:
    """Open the database and lead it; None when `stop` was set before.

    A predecessor that died shows itself no more, and is followed after STALE_SECONDS. One that is alive is waited for
    by a standby, and else is the reason to refuse.

    Raises:
        StoreOpenError: the database cannot be used.
        LeaderAliveError: another scheduler leads it, and this one is no standby.
    """
    silent_before = 0.0
    told = False
    while not stop.is_set():
        try:
            return await asyncio.to_thread(lambda: open_database(address=address, holder=holder))
        except LeaderAliveError as error:
            # it grows while the leader is silent; one that lives shows itself every BEAT_SECONDS
            if not standby and error.idle_seconds < min(silent_before, 2 * BEAT_SECONDS):
                raise
            silent_before = error.idle_seconds
            if not told:
                log.info("waiting for the leadership", extra={"fact": str(error), "stale_seconds": STALE_SECONDS})
                told = True
        except StoreOpenError:
            if not (standby and told):
                raise  # a standby outlives what its leader's database goes through
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
    return None
