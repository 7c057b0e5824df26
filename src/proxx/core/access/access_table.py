"""Everything that an access file says, ready to be looked up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from proxx.core.access.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A bearer token of an identity: its public id, and until when it is valid (aware)."""

    id: str
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One identity of the file."""

    name: str
    roles: frozenset[Role]
    certificate: str = ""
    executors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTable:
    """Identities by the sha256 of their tokens and by the names of their certificates, and what is revoked.

    A look-up by digest needs no comparison in constant time: who measures how long it takes learns about digests of
    texts of their own choice, and from a digest nobody finds the token that has it.
    """

    entries: tuple[Entry, ...]
    tokens: Mapping[str, tuple[Entry, Token]]
    certificates: Mapping[str, Entry]
    revoked_sha256: frozenset[str]
    revoked_serials: frozenset[str]
