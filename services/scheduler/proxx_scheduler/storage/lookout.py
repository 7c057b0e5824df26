"""Looks at the leadership of a PostgreSQL database without a lock, so that no leader ever waits for one who looks."""

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from proxx_scheduler.app.leader import LeaderSeen
from proxx_scheduler.app.ports import StoreOpenError
from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import fact_of
from proxx_scheduler.storage.postgresql import PostgresBackend

QUERY = text(
    "SELECT term, holder, seen_seconds, coalesce(to_jsonb(leadership) ->> 'address', '') AS address,"
    " cast(extract(epoch FROM clock_timestamp()) AS double precision) - seen_seconds AS idle"
    " FROM leadership WHERE slot = 1"
)
"""Through JSON, because a leader of an older Proxx has no column `address` yet."""


class Lookout:
    """One connection of its own, for as long as somebody stands by."""

    def __init__(self, *, address: DatabaseAddress) -> None:
        """Take the address; nothing is connected yet.

        Raises:
            StoreOpenError: libpq cannot read the address.
        """
        self._backend = PostgresBackend(url=address.url, shown=address.shown)

    def look(self) -> LeaderSeen | None:
        """Return who leads or led last; None where nobody ever did.

        Raises:
            StoreOpenError: the database cannot be asked.
        """
        try:
            with self._backend.reader.begin() as connection:
                found = connection.execute(QUERY).first()
        except ProgrammingError:
            return None  # no such table: a database that is new, or older than leaders
        except SQLAlchemyError as error:
            raise StoreOpenError(f"database {self._backend.shown} cannot be asked: {fact_of(error)}") from error
        if found is None:
            return None
        return LeaderSeen(
            holder=found.holder,
            term=found.term,
            address=found.address,
            idle_seconds=found.idle,
            given_back=found.seen_seconds == 0,
        )

    def close(self) -> None:
        """Let the connection go."""
        self._backend.close()
