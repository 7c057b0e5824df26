"""The numbered files of one clip in order, and the first fact that keeps them from being one."""

from collections.abc import Sequence
from dataclasses import dataclass

from proxx.core.quoting import quote
from proxx.core.units.names import NumberedName, numbered_name

MOST_FRAMES = 200_000
"""Most numbered files of one clip: more than two hours at 24 frames a second."""

_NAME_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """Paths by their numbers; `missing` names the first number that is not there, `refusal` what can never be."""

    paths: tuple[str, ...]
    missing: str = ""
    refusal: str = ""


def number_parts(*, paths: Sequence[str], word: str, first: int | None) -> Numbered:
    """Return the paths in order of their numbers. `word` says what each is (part, frame); `first` is the lowest number
    that there must be, None where a clip may begin anywhere.

    Raises:
        ValueError: a name has no number.
    """
    named = sorted(((_name(path), path) for path in paths), key=lambda item: (item[0].number, path_order(item[1])))
    ordered = tuple(path for _, path in named)
    if len(ordered) > MOST_FRAMES:
        return Numbered(paths=ordered, refusal=f"it has {len(ordered)} {word}s, and a clip has at most {MOST_FRAMES}")
    missing = ""
    before: tuple[NumberedName, str] | None = None
    for name, path in named:
        expected = first if before is None else before[0].number + 1
        if before is not None and name.number == before[0].number:
            said = f"{_shown(before[1])} and {_shown(path)} are both {word} {name.number}"
            return Numbered(paths=ordered, refusal=said)
        if before is not None and (name.stem, name.extension) != (before[0].stem, before[0].extension):
            said = f"{_shown(path)} is spelt otherwise than {_shown(before[1])}, the {word} before it"
            return Numbered(paths=ordered, refusal=said)
        if before is not None and _width(name) != _width(before[0]) and not _grows(before[0], name):
            said = f"the number of {_shown(path)} is written with other digits than that of {_shown(before[1])}"
            return Numbered(paths=ordered, refusal=said)
        if expected is not None and name.number > expected and not missing:
            width = len(name.digits)
            missing = f"{word} {expected:0{width}d} is missing before {_shown(path)}, {len(ordered)} {word}s are there"
        before = (name, path)
    return Numbered(paths=ordered, missing=missing)


def path_order(path: str) -> bytes:
    """Return the key by which paths are ordered: their bytes."""
    return path.encode("utf-8", "surrogateescape")


def _width(name: NumberedName) -> int:
    return len(name.digits)


def _grows(before: NumberedName, after: NumberedName) -> bool:
    """Whether a number is wider because it needs the digit: 99 to 100, and never 0099 to 100 or 99 to 0100."""
    return _width(after) > _width(before) and not after.digits.startswith("0")


def _name(path: str) -> NumberedName:
    found = numbered_name(name=path.rpartition("/")[2])
    if found is None:
        raise ValueError(f"{path!r} has no part or frame number")
    return found


def _shown(path: str) -> str:
    return quote(text=path.rpartition("/")[2], limit=_NAME_CHARACTERS)
