"""One leader a database: a row with a growing term. Every write transaction proves the term, or fails.

The row is locked by the first statement of each write transaction, so a successor can take the term only when no
transaction of its predecessor is open; from then on every transaction of the predecessor finds another term. The row
also counts the transactions: when a connection dies during a commit, the count says whether the commit holds. And when
the database went back, as after a failover to a server that lagged, the count is not the leader's: it leads no more.

What is answered from memory is fenced by time: a proof of the term that is older than PROOF_SECONDS proves nothing.
"""

import time
from functools import cache

from sqlalchemy import ColumnElement, Connection, Double, bindparam, cast, func, insert, literal, select, update

from proxx_scheduler.app.ports import StoreError, StoreOpenError
from proxx_scheduler.storage.many_rows import ManyRows
from proxx_scheduler.storage.tables import leadership as row

SLOT = 1
STALE_SECONDS = 10.0
"""A leader that was not seen for so long may be followed by another: by the clock of the database, never of a host."""

BEAT_SECONDS = 2.0
"""How often an idle leader shows itself."""

PROOF_SECONDS = STALE_SECONDS - 2.0
"""A leader whose last proof is older answers nothing: two seconds later another may lead, and it would not know."""


class LeaderAliveError(StoreOpenError):
    """Another scheduler leads; `holder` is who, `writes` how many transactions it has counted."""

    def __init__(self, *, database: str, holder: str, term: int, idle_seconds: float) -> None:
        """Name the leader and when the database saw it last."""
        super().__init__(
            f"database {database} is led by another scheduler: {holder}, term {term}, seen {idle_seconds:.1f} s ago; "
            f"one scheduler leads a database, and another may follow after {STALE_SECONDS:g} s of silence"
        )
        self.idle_seconds = idle_seconds


class LeadershipLostError(StoreError):
    """Another scheduler leads now: nothing that this one writes holds any more."""


class Leadership:
    """The term of this process."""

    def __init__(self, *, term: int, holder: str, writes: int, address: str, proven: float) -> None:
        """Take what `claim` found. `address` is where the holder serves; each later proof tells it to the database."""
        self.term = term
        self.holder = holder
        self.address = address
        self._writes = writes
        self._marked = self._proven = proven

    @property
    def proof_seconds(self) -> float:
        """How old the last durable proof of the term is, counted from before the database was asked for it."""
        return now_seconds() - self._proven

    def mark(self, connection: Connection) -> int:
        """Prove the term, lock the row, count this transaction. Returns its number; `counted` confirms it.

        Raises:
            LeadershipLostError: the term is another one, or the count is not that of the last commit.
        """
        number = self._writes + 1
        self._marked = now_seconds()
        values = {"b_term": self.term, "b_writes": self._writes, "b_number": number, "b_address": self.address}
        if _mark(connection.dialect.name).run(connection, [values]).rowcount != 1:
            raise LeadershipLostError(self._lost(connection))
        return number

    def mark_again(self, connection: Connection) -> None:
        """Prove the term again at the end of a transaction that took longer than BEAT_SECONDS since `mark`.

        The row is locked since then, so the term is the same.
        """
        now = now_seconds()
        if now - self._marked >= BEAT_SECONDS:
            connection.execute(update(row).where(row.c.slot == SLOT).values(seen_seconds=_clock(connection)))
            self._marked = now

    def counted(self, number: int) -> None:
        """Take note that a transaction, the last one that was marked, is committed."""
        self._writes = number
        self._proven = self._marked

    def holds(self, connection: Connection, number: int) -> bool:
        """Whether the transaction with this number, the last one that was tried, is committed.

        Waits for the row's lock: while the old connection's transaction is not over, nobody knows.

        Raises:
            LeadershipLostError: the term is another one, or the count is neither that before nor that after.
        """
        query = select(row.c.writes).where(row.c.slot == SLOT, row.c.term == self.term).with_for_update()
        writes = connection.execute(query).scalar()
        if writes not in (self._writes, number):
            raise LeadershipLostError(self._lost(connection))
        return bool(writes == number)

    def release(self, connection: Connection) -> None:
        """Let a successor begin at once. Does nothing when the term is another one already."""
        mine = (row.c.slot == SLOT, row.c.term == self.term)
        connection.execute(update(row).where(*mine).values(seen_seconds=0.0))

    def _lost(self, connection: Connection) -> str:
        now = connection.execute(select(row.c.term, row.c.holder, row.c.writes).where(row.c.slot == SLOT)).first()
        if now is not None and now.term == self.term:
            return (
                f"the database counts {now.writes} transactions, and this scheduler, which leads term {self.term}, "
                f"{self._writes}: it is not the one that was written to, or went back"
            )
        holder, term = ("nobody", "none") if now is None else (now.holder, str(now.term))
        return f"this scheduler led term {self.term}; {holder} leads term {term} now: nothing that it writes holds"


def refuse_alive(connection: Connection, *, database: str) -> None:
    """Refuse while another leader shows itself. The transaction is to be committed when it refuses, too.

    A clock of the database that was set back leaves a time of the future. It becomes the present one: then a leader
    that lives shows itself as ever, and one that died is stale STALE_SECONDS later.

    Raises:
        LeaderAliveError: it does.
    """
    query = select(row.c.term, row.c.holder, (_clock(connection) - row.c.seen_seconds).label("idle"))
    found = connection.execute(query.where(row.c.slot == SLOT).with_for_update()).first()
    if found is None or found.idle >= STALE_SECONDS:
        return
    if found.idle < 0:
        connection.execute(update(row).where(row.c.slot == SLOT).values(seen_seconds=_clock(connection)))
    idle = max(0.0, found.idle)
    raise LeaderAliveError(database=database, holder=found.holder, term=found.term, idle_seconds=idle)


def claim(connection: Connection, *, holder: str, address: str) -> Leadership:
    """Begin the next term. The caller has made sure that no other leader is alive."""
    proven = now_seconds()
    found = connection.execute(select(row.c.term, row.c.writes).where(row.c.slot == SLOT).with_for_update()).first()
    term, writes = (1, 0) if found is None else (found.term + 1, found.writes)
    values = {"term": term, "holder": holder, "seen_seconds": _clock(connection), "address": address}
    if found is None:
        connection.execute(insert(row).values(slot=SLOT, writes=writes, **values))
    else:
        connection.execute(update(row).where(row.c.slot == SLOT).values(values))
    return Leadership(term=term, holder=holder, writes=writes, address=address, proven=proven)


def now_seconds() -> float:
    """Return a time that only grows and, where the system has one, goes on while the machine is suspended."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@cache
def _mark(dialect: str) -> ManyRows:
    """The first statement of every write transaction, which is built once: to build it costs more than to run it."""
    mine = (row.c.slot == SLOT, row.c.term == bindparam("b_term"), row.c.writes == bindparam("b_writes"))
    values = {
        "writes": bindparam("b_number"), "seen_seconds": _clock_of(dialect), "address": bindparam("b_address"),
    }  # fmt: skip
    return ManyRows(update(row).where(*mine).values(values))


def _clock(connection: Connection) -> ColumnElement[float]:
    """Seconds since 1970 by the clock of the database."""
    return _clock_of(connection.dialect.name)


def _clock_of(dialect: str) -> ColumnElement[float]:
    if dialect == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()), Double)
    return cast((func.julianday("now") - literal(2440587.5)) * literal(86400.0), Double)
