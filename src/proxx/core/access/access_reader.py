"""The access file (TOML): read strictly, every mistake named with its place, all of them at once."""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime

from proxx.core.access.access_table import AccessTable, Entry, Token
from proxx.core.access.role import Role
from proxx.core.quoting import describe, quote
from proxx.core.table_reader import TableReader

NAME_CHARACTERS = 100
TOKEN_ID_CHARACTERS = 64
PATTERN_CHARACTERS = 128
_ROLES = tuple(role.value for role in Role)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_HEX = re.compile(r"[0-9a-f]{1,64}")
_CERTIFICATE = re.compile(r"spiffe://[^\s/]+(/[^\s/]+)*|dns:[^\s:/]+|cn:.+")


class AccessFileError(ValueError):
    """An access file that cannot be used. `problems` are sentences, each naming the file and the place in it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the sentences; the text of the error is all of them, one a line."""
        super().__init__("\n".join(problems))
        self.problems = problems


def read_access(*, text: str, origin: str) -> AccessTable:
    """Return what an access file says. `origin` is its name, for messages.

    Raises:
        AccessFileError: it is no TOML, or breaks rules; all of them are listed, and no digest is repeated.
    """
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a ValueError of its own kind
        raise AccessFileError((f"{origin}: not TOML: {error}",)) from error
    reading = _Reading(origin=origin, table=table)
    read = reading.read()
    if reading.problems:
        raise AccessFileError(tuple(reading.problems))
    return read


class _Reading:
    """One pass over a file; what it returns is used only when there is no problem."""

    def __init__(self, *, origin: str, table: Mapping[str, object]) -> None:
        self._file = TableReader(origin=origin, table=table)
        self.problems = self._file.problems
        self._entries: list[Entry] = []
        self._tokens: dict[str, tuple[Entry, Token]] = {}
        self._certificates: dict[str, Entry] = {}

    def read(self) -> AccessTable:
        self._file.check_keys(("identity",), optional=("revoked",))
        for number, item in self._file.tables("identity"):
            self._identity(self._inner(f"identity[{number}]", item))
        if self._file.table.get("identity") == []:
            self._file.problem("identity", "must not be empty: nobody could call")
        fingerprints: set[str] = set()
        serials: set[str] = set()
        for number, item in self._file.tables("revoked"):
            self._revoked(self._inner(f"revoked[{number}]", item), fingerprints, serials)
        return AccessTable(
            entries=tuple(self._entries),
            tokens=self._tokens,
            certificates=self._certificates,
            revoked_sha256=frozenset(fingerprints),
            revoked_serials=frozenset(serials),
        )

    def _inner(self, place: str, table: Mapping[str, object]) -> TableReader:
        inner = TableReader(origin=f"{self._file.origin}: {place}", table=table)
        inner.problems = self.problems
        return inner

    def _identity(self, reader: TableReader) -> None:
        reader.check_keys(("name", "roles"), optional=("certificate", "executors", "token"))
        name = _printable(reader, "name", NAME_CHARACTERS)
        if "/" in name:
            reader.problem("name", f"must not hold '/', which ends names in the audit; got {quote(text=name)}")
        if name in {entry.name for entry in self._entries}:
            reader.problem("name", f"{quote(text=name)} names another identity, too")
        roles = frozenset(Role(word) for word in reader.words("roles", _ROLES, least=1) if word in _ROLES)
        if Role.REPLICA in roles and len(roles) > 1:
            reader.problem("roles", f"{Role.REPLICA.value} stands alone: a scheduler that passes calls on makes none")
        patterns = reader.texts("executors")
        for pattern in patterns:
            if not 0 < len(pattern) <= PATTERN_CHARACTERS or not pattern.isprintable():
                reader.problem(
                    "executors", f"expected 1 to {PATTERN_CHARACTERS} printable characters, got {quote(text=pattern)}"
                )
        if "executors" in reader.table and not patterns:
            reader.problem("executors", "must not be empty; without the key any name is allowed that is free")
        if "executors" in reader.table and Role.EXECUTOR not in roles:
            reader.problem("executors", f"goes with the role {Role.EXECUTOR.value} only")
        entry = Entry(name=name, roles=roles, certificate=self._certificate(reader), executors=patterns)
        self._entries.append(entry)
        if entry.certificate:
            self._certificates[entry.certificate] = entry
        ids: set[str] = set()
        for number, item in reader.tables("token"):
            inner = TableReader(origin=f"{reader.origin}: token[{number}]", table=item)
            inner.problems = self.problems
            self._token(inner, entry, ids)

    def _certificate(self, reader: TableReader) -> str:
        name = reader.text("certificate")
        if name and not (_CERTIFICATE.fullmatch(name) and name.isprintable()):
            reader.problem("certificate", f"expected spiffe://DOMAIN/PATH, dns:NAME or cn:NAME, got {quote(text=name)}")
        key = f"dns:{name[4:].lower()}" if name.startswith("dns:") else name
        if key in self._certificates:
            reader.problem("certificate", f"{quote(text=name)} is of another identity, too")
        return key

    def _token(self, reader: TableReader, entry: Entry, ids: set[str]) -> None:
        reader.check_keys(("id", "sha256", "expires"))
        key = _printable(reader, "id", TOKEN_ID_CHARACTERS)
        if key in ids:
            reader.problem("id", f"{quote(text=key)} names another token of the identity, too")
        ids.add(key)
        digest = reader.text("sha256")
        if digest and not _DIGEST.fullmatch(digest):
            reader.problem("sha256", f"expected 64 lower-case hexadecimal digits, got {len(digest)} characters")
        if digest in self._tokens:
            reader.problem("sha256", "stands for another token, too")
        expires = reader.table.get("expires")
        if isinstance(expires, datetime) and expires.tzinfo is not None:
            self._tokens[digest] = (entry, Token(id=key, expires=expires))
        elif "expires" in reader.table:
            got = "a time without an offset" if isinstance(expires, datetime) else describe(value=expires)
            reader.problem("expires", f"expected a time with an offset, for example 2027-05-01T00:00:00Z, got {got}")

    def _revoked(self, reader: TableReader, fingerprints: set[str], serials: set[str]) -> None:
        reader.check_keys((), optional=("sha256", "serial"))
        if len(reader.table.keys() & {"sha256", "serial"}) != 1:
            reader.problem("sha256, serial", "exactly one of them is needed")
        digest = reader.text("sha256").lower().replace(":", "")
        if digest and not _DIGEST.fullmatch(digest):
            reader.problem("sha256", f"expected 64 hexadecimal digits, got {quote(text=digest)}")
        serial = reader.text("serial").lower().replace(":", "")
        if serial and not _HEX.fullmatch(serial):
            reader.problem("serial", f"expected 1 to 64 hexadecimal digits, got {quote(text=serial)}")
        if digest:
            fingerprints.add(digest)
        if serial:
            serials.add(serial.lstrip("0") or "0")


def _printable(reader: TableReader, key: str, limit: int) -> str:
    text = reader.text(key)
    if text and (len(text) > limit or not text.isprintable() or text != text.strip()):
        reader.problem(
            key, f"expected 1 to {limit} printable characters without spaces around them, got {quote(text=text)}"
        )
    return text
