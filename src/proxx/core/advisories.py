"""Known vulnerabilities of other software, and whether a version of it has them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

_RELEASE = re.compile(r"n?([0-9]{1,4})\.([0-9]{1,6})(?:\.([0-9]{1,6}))?(?![0-9])")
_TEXTS = ("package", "id", "what", "source")
_KEYS = frozenset({*_TEXTS, "fixed", "backports", "guard", "checked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One vulnerability. `fixed` are the first releases without it, one for each branch that was mended.

    `backports` begin the version words of distributions that carry the fix under an older number; `guard` says what
    keeps Proxx from it although the version has it. `checked` is the day on which `source` was looked up.
    """

    package: str
    id: str
    what: str
    fixed: tuple[str, ...]
    source: str
    checked: date
    backports: tuple[str, ...] = ()
    guard: str = ""


class AdvisoryError(ValueError):
    """The table of advisories has an entry that cannot be used; the text names it."""


def read_advisories(*, table: Mapping[str, object]) -> tuple[Advisory, ...]:
    """Return the advisories that a TOML table holds.

    Raises:
        AdvisoryError: an entry lacks something, or has something else; the first one is named.
    """
    entries = table.get("advisory")
    if not isinstance(entries, list) or set(table) != {"advisory"}:
        raise AdvisoryError("expected one list of tables, [[advisory]]")
    return tuple(_advisory(number, entry) for number, entry in enumerate(entries))


def open_advisories(*, known: Iterable[Advisory], package: str, version: str) -> tuple[Advisory, ...] | None:
    """Return the advisories that a version word of a package still has; None for a word that names no release.

    Version words are those that tools print: `5.1.9-0+deb12u1`, `n8.1.2`, `7.1.5`. A development build names none.
    """
    match = _RELEASE.match(version)
    if match is None:
        return None
    release = _numbers(match)
    return tuple(
        advisory
        for advisory in known
        if advisory.package == package
        and not version.startswith(advisory.backports or ("\n",))
        and not _mended(release, advisory.fixed)
    )


def _mended(release: tuple[int, int, int], fixed: tuple[str, ...]) -> bool:
    firsts = [_numbers(match) for match in map(_RELEASE.match, fixed) if match is not None]
    of_branch = [first for first in firsts if first[:2] == release[:2]]
    return release >= min(of_branch) if of_branch else release > max(firsts)


def _numbers(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match[1]), int(match[2]), int(match[3] or 0)


def _advisory(number: int, entry: Any) -> Advisory:
    place = f"advisory[{number}]"
    if not isinstance(entry, Mapping) or not set(entry) <= _KEYS:
        raise AdvisoryError(f"{place}: expected the keys {', '.join(sorted(_KEYS))}")
    texts = {key: value for key in _TEXTS if isinstance(value := entry.get(key), str) and value}
    lacking = [key for key in _TEXTS if key not in texts]
    fixed: Any = entry.get("fixed")
    backports, guard = entry.get("backports", []), entry.get("guard", "")
    if lacking or not _releases(fixed) or not isinstance(backports, list) or not isinstance(guard, str):
        raise AdvisoryError(f"{place}: {', '.join(lacking) or 'fixed, backports or guard'} cannot be read")
    if type(entry.get("checked")) is not date:
        raise AdvisoryError(f"{place}: checked is no date")
    return Advisory(
        package=texts["package"],
        id=texts["id"],
        what=texts["what"],
        source=texts["source"],
        fixed=tuple(fixed),
        backports=tuple(map(str, backports)),
        guard=guard,
        checked=entry["checked"],
    )


def _releases(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(_RELEASE.fullmatch(str(item)) for item in value)
