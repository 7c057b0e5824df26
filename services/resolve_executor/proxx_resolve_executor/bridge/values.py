"""What Resolve returned, read with suspicion: builds differ, and every object is a remote proxy."""

import json
from collections.abc import Mapping, Sequence

from proxx.core.quoting import quote

RESULT_CHARACTERS = 2000
ARGUMENT_CHARACTERS = 500
DEPTH = 6
ENTRIES = 20_000


class AnswerError(ValueError):
    """A call returned what the reference does not know. The message says what."""


def outcome(value: object) -> bool | None:
    """Return True or False where a call says so; None, which some builds give on success, says nothing."""
    return value if isinstance(value, bool) else None


def text_or_none(value: object) -> str | None:
    """Return a text.

    Raises:
        AnswerError: it is neither text nor None.
    """
    if value is None or isinstance(value, str):
        return value
    raise AnswerError(f"expected text, got {_kind(value)}")


def entries(value: object) -> list[object]:
    """Return the members of a list; older builds give a mapping from positions, and None for none.

    Raises:
        AnswerError: it is something else, or too long.
    """
    if value is None:
        return []
    if isinstance(value, Mapping):
        members = list(value.values())
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        members = list(value)
    else:
        raise AnswerError(f"expected a list, got {_kind(value)}")
    if len(members) > ENTRIES:
        raise AnswerError(f"a list of {len(members)} entries; {ENTRIES} is the limit")
    return members


def texts(value: object) -> list[str]:
    """Return the texts of a list.

    Raises:
        AnswerError: it is no list of texts.
    """
    found = []
    for member in entries(value):
        if not isinstance(member, str):
            raise AnswerError(f"expected a list of texts, one entry is {_kind(member)}")
        found.append(member)
    return found


def names(value: object, *, keys: tuple[str, ...]) -> list[str]:
    """Return the names of a list of texts, or of mappings that hold the name under one of `keys`.

    Raises:
        AnswerError: an entry has no name.
    """
    found = []
    for member in entries(value):
        if isinstance(member, Mapping):
            member = next((member[key] for key in keys if isinstance(member.get(key), str)), None)
        if not isinstance(member, str):
            raise AnswerError("expected a list of names, one entry has none")
        found.append(member)
    return found


def text_fields(value: object) -> dict[str, str]:
    """Return a mapping with every value as text: numbers as Python writes them, booleans as 1 and 0, None as empty.

    Raises:
        AnswerError: it is no mapping, or a value is no plain one.
    """
    if not isinstance(value, Mapping):
        raise AnswerError(f"expected a mapping, got {_kind(value)}")
    if len(value) > ENTRIES:
        raise AnswerError(f"a mapping of {len(value)} entries; {ENTRIES} is the limit")
    return {_key(key): value_text(member) for key, member in value.items()}


def value_text(value: object) -> str:
    """Return one plain value as text.

    Raises:
        AnswerError: it is an object.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(plain(value), ensure_ascii=False, sort_keys=True)
    raise AnswerError(f"expected a plain value, got {_kind(value)}")


def plain(value: object, depth: int = DEPTH) -> object:
    """Return a value as plain JSON; objects become the names of their types."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else str(value)  # a NaN compares false
    if depth > 0 and isinstance(value, Mapping):
        return {str(key): plain(member, depth - 1) for key, member in list(value.items())[:ENTRIES]}
    if depth > 0 and isinstance(value, list | tuple):
        return [plain(member, depth - 1) for member in value[:ENTRIES]]
    return _kind(value)


def shown(value: object, limit: int = RESULT_CHARACTERS) -> str:
    """Return a value for the record of calls: one line, bounded."""
    if isinstance(value, str):
        return quote(text=value, limit=limit)
    if value is None or isinstance(value, bool | int | float):
        return str(value)[:limit]
    if isinstance(value, Mapping | list | tuple):
        text = json.dumps(plain(value), ensure_ascii=True)
        return text if len(text) <= limit else f"{text[:limit]}…"
    return _kind(value)


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise AnswerError(f"expected texts as keys, one is {_kind(key)}")


def _kind(value: object) -> str:
    """The name of a type; never a question to the object itself, which may be remote."""
    return type(value).__name__
