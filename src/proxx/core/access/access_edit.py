"""Changing the text of an access file: lines go in or out, everything else stays, comments too.

What comes out is read again and compared with what was meant. Where a file is written in a way that this cannot change
(tokens as an inline array, say), it refuses.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from proxx.core.access.access_reader import AccessFileError, read_access
from proxx.core.access.role import Role
from proxx.core.quoting import quote

_HEADER = re.compile(r"\s*\[\[\s*(identity\s*\.\s*token|identity|revoked)\s*\]\]\s*(#.*)?")
_TOKEN, _IDENTITY = "identity.token", "identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token to add: its public id, the sha256 of its text, and its end (aware)."""

    id: str
    sha256: str
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    kind: str
    begin: int
    end: int


def with_token(
    *, text: str, origin: str, name: str, roles: Sequence[Role], executors: Sequence[str], token: NewToken
) -> str:
    """Return the text with one more token of the identity `name`. One that is not there is added, with these roles.

    Raises:
        AccessFileError: the file breaks rules, before or after; the identity has other roles or executors than these
            (none given: whatever it has); or the file cannot be changed so.
    """
    before = _parsed(text, origin)
    after = deepcopy(before)
    entry = {"id": token.id, "sha256": token.sha256, "expires": token.expires.astimezone(UTC).replace(microsecond=0)}
    place = next((index for index, item in enumerate(_identities(before)) if item.get("name") == name), None)
    lines = _lines(text)
    block = ["[[identity.token]]", *(f"{key} = {_value(value)}" for key, value in entry.items())]
    if place is None:
        if not roles:
            raise AccessFileError((f"{origin}: no identity is named {quote(text=name)}; a new one needs a role",))
        new = {"name": name, "roles": [role.value for role in roles]}
        new |= {"executors": list(executors)} if executors else {}
        head = ["[[identity]]", *(f"{key} = {_value(value)}" for key, value in new.items())]
        after.setdefault("identity", []).append(new | {"token": [entry]})
        lines = [*lines, *([""] if lines and lines[-1].strip() else []), *head, *block]
    else:
        _agrees(origin, _identities(before)[place], roles=roles, executors=executors)
        after["identity"][place].setdefault("token", []).append(entry)
        at = _end_of_identity(lines, place)
        lines[at:at] = block
    return _checked("\n".join(lines) + "\n", origin, expected=after)


def without_tokens(*, text: str, origin: str, tokens: Iterable[tuple[str, str]]) -> str:
    """Return the text without these tokens, each an identity's name and the token's id.

    Raises:
        AccessFileError: the file breaks rules, has no such token, or cannot be changed so.
    """
    after = deepcopy(_parsed(text, origin))
    lines = _lines(text)
    for name, key in tokens:
        identities = _identities(after)
        owner = next((index for index, item in enumerate(identities) if item.get("name") == name), None)
        held = [] if owner is None else identities[owner].get("token", [])
        number = next((index for index, item in enumerate(held) if item.get("id") == key), None)
        if owner is None or number is None:
            raise AccessFileError((f"{origin}: {quote(text=name)} has no token {quote(text=key)}",))
        section = _token_section(lines, owner, number)
        if section is None:
            raise AccessFileError((_by_hand(origin),))
        del lines[section.begin : section.end]
        del held[number]
        if not held:
            del identities[owner]["token"]
    return _checked("\n".join(lines) + "\n", origin, expected=after)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")  # splitlines would also split at what may stand inside a string
    return lines[:-1] if lines[-1] == "" else lines


def _parsed(text: str, origin: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    table = _loaded(text, origin)
    if table:
        read_access(text=text, origin=origin)
    return table


def _loaded(text: str, origin: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise AccessFileError((f"{origin}: not TOML: {error}",)) from error


def _checked(text: str, origin: str, *, expected: Mapping[str, Any]) -> str:
    try:
        became = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        became = {}
    if became != expected:
        raise AccessFileError((_by_hand(origin),))
    read_access(text=text, origin=origin)
    return text


def _by_hand(origin: str) -> str:
    return f"{origin}: is written in a way that only a person can change; [[identity]] and [[identity.token]] are not"


def _identities(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(table.get("identity", []))


def _agrees(origin: str, found: Mapping[str, Any], *, roles: Sequence[Role], executors: Sequence[str]) -> None:
    has = {"roles": sorted(found["roles"]), "executors": sorted(found.get("executors", []))}
    wants = {"roles": sorted(role.value for role in roles), "executors": sorted(executors)}
    problems = tuple(
        f"{origin}: {quote(text=str(found['name']))} has {key} {', '.join(has[key]) or 'none'}, not {', '.join(wanted)}"
        for key, wanted in wants.items()
        if wanted and wanted != has[key]
    )
    if problems:
        raise AccessFileError(problems)


def _sections(lines: Sequence[str]) -> list[_Section]:
    """Return the tables of the file. Empty lines and comments before a header belong to what follows."""
    found = ((number, _HEADER.fullmatch(line)) for number, line in enumerate(lines))
    heads = [(number, "".join(match[1].split())) for number, match in found if match]
    sections = []
    for index, (begin, kind) in enumerate(heads):
        end = heads[index + 1][0] if index + 1 < len(heads) else len(lines)
        while end > begin + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
            end -= 1
        sections.append(_Section(kind=kind, begin=begin, end=end))
    return sections


def _end_of_identity(lines: Sequence[str], place: int) -> int:
    """Return the line after the last table of the identity with this number."""
    end, seen = len(lines), -1
    for section in _sections(lines):
        seen += section.kind == _IDENTITY
        if seen == place and section.kind in (_IDENTITY, _TOKEN):
            end = section.end
    return end


def _token_section(lines: Sequence[str], owner: int, number: int) -> _Section | None:
    seen, count = -1, -1
    for section in _sections(lines):
        if section.kind == _IDENTITY:
            seen += 1
        elif section.kind == _TOKEN and seen == owner:
            count += 1
            if count == number:
                return section
    return None


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps(value, ensure_ascii=False)
