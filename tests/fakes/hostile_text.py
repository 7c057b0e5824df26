"""Text that tries to act on whoever reads it, and records of which every text is such."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

Record = TypeVar("Record")

HOSTILE = (
    "\x1b]0;owned\x07",
    "\x1b[2J\x1b[31m",
    "\x9b31m",
    "\u202egnp.exe",
    "\u2066a\u2069",
    "a\r\nFAKE LINE",
    "a\n=cmd|' /C calc'!A0",
    "\x00\x08\x7f",
    "\u2028\u2029\x85",
    "\udcff\ud800",
    "\U000e0041\ufeff\u200b",
    "[red]markup[/red]",
)
"""Commands of terminals, changes of direction, ends of lines, characters that nothing shows, formulas, markup."""

ALL = "".join(HOSTILE)


def poisoned(value: Record, *, text: str = ALL) -> Record:
    """Return a record in which every text, however deep, is the hostile one. Enums, numbers and times stay."""
    made: Any = _poisoned(value, text)
    found: Record = made
    return found


def _poisoned(value: Any, text: str) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _poisoned(getattr(value, field.name), text) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **fields)
    if isinstance(value, Mapping):
        return {_poisoned(key, text): _poisoned(item, text) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_poisoned(item, text) for item in value)
    return value
