"""Where the state lives, as the setting `database` says it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

POSTGRESQL = ("postgresql://", "postgres://")
SQLITE = "sqlite:///"
_WORDS_OF_LIBPQ = re.compile(r"(?:^|\s)(?:host|hostaddr|port|dbname|user|password|passfile|service)\s*=")
ENCODE = "percent-encode the user name and the password ('/' is %2F, '?' is %3F, '#' is %23, '@' is %40)"


class DatabaseAddressError(ValueError):
    """The text names no database that Proxx can use; it never repeats a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAddress:
    """A SQLite file or a PostgreSQL database. `shown` is the address for people and logs, without any secret."""

    kind: Literal["sqlite", "postgresql"]
    shown: str
    path: Path | None = None
    url: str = ""

    def __repr__(self) -> str:
        """Only what may be shown: the URL may hold a password."""
        return f"DatabaseAddress({self.shown!r})"

    def __str__(self) -> str:
        """Return the address as it may be shown."""
        return self.shown


def database_address(text: str) -> DatabaseAddress:
    """Read a path, `sqlite:///path` (four slashes: absolute) or `postgresql://…/name` in the forms of libpq.

    Raises:
        DatabaseAddressError: the scheme is another one, the path or name is missing, or a password is not encoded.
    """
    if text.startswith(POSTGRESQL):
        return _postgresql(text)
    if text.startswith(SQLITE):
        return _sqlite(text.removeprefix(SQLITE))
    if "://" in text:
        raise DatabaseAddressError(
            f"scheme {text.partition('://')[0]!r} is unknown: expected a path, sqlite:///path or postgresql://host/name"
        )
    if _WORDS_OF_LIBPQ.search(text):
        raise DatabaseAddressError("a PostgreSQL database is named by an address: postgresql://user@host/name")
    return _sqlite(text)


def _sqlite(path: str) -> DatabaseAddress:
    if not path or path == ":memory:":
        raise DatabaseAddressError("a SQLite database needs the path of a file: what is acknowledged must last")
    return DatabaseAddress(kind="sqlite", shown=str(Path(path)), path=Path(path))


def _postgresql(url: str) -> DatabaseAddress:
    try:
        parts = urlsplit(url)
    except ValueError:  # its text repeats the place, and with it the password
        raise DatabaseAddressError(f"the place in a PostgreSQL address cannot be read: {ENCODE}") from None
    if "@" in parts.path + parts.query + parts.fragment or parts.netloc.count("@") > 1:
        raise DatabaseAddressError(f"a PostgreSQL address has '@' only once, before the host: {ENCODE}")
    given = parse_qs(parts.query)
    name = parts.path.removeprefix("/") or _last(given, "dbname")
    if not name:
        raise DatabaseAddressError("a PostgreSQL address needs the name of the database: postgresql://host/name")
    place = parts.netloc.rpartition("@")[2] or _last(given, "host")
    return DatabaseAddress(kind="postgresql", shown=f"postgresql://{place}/{name}", url=url)


def _last(given: dict[str, list[str]], key: str) -> str:
    return given.get(key, [""])[-1]
