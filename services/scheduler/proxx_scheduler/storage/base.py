"""What every part of a transaction shares: the connection, the effects to tell after the commit, small conversions."""

import json
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from proxx.core.canonical import canonical_json
from proxx.core.plain import from_plain, to_plain
from proxx_scheduler.app.records import Effect

Record = TypeVar("Record")


class TxBase:
    """One open transaction."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection on which a transaction has begun."""
        self.connection = connection
        self.effects: list[Effect] = []


def dump(value: object) -> str:
    """Return a record as canonical JSON text."""
    return canonical_json(to_plain(value))


def load(kind: type[Record], text: str | None) -> Record | None:
    """Return the record in a JSON text, None for none."""
    return None if text is None else from_plain(kind, json.loads(text))


def load_list(kind: type[Record], text: str) -> tuple[Record, ...]:
    """Return the records in a JSON list."""
    return tuple(from_plain(kind, item) for item in json.loads(text))


def load_object(text: str) -> dict[str, Any]:
    """Return a JSON object."""
    value: dict[str, Any] = json.loads(text)
    return value


def load_names(text: str) -> tuple[str, ...]:
    """Return the strings in a JSON list."""
    return tuple(str(item) for item in json.loads(text))


def time_text(value: datetime) -> str:
    """Return a UTC time as text that sorts."""
    return value.isoformat(timespec="microseconds")


def time_value(text: str | None) -> datetime | None:
    """Return the time in a text."""
    return None if text is None else datetime.fromisoformat(text)
