"""ffprobe's JSON, read without trust: a value of another type, or one that means `unknown`, is None."""

import re
from collections.abc import Mapping
from fractions import Fraction

Record = Mapping[str, object]
_UNKNOWN = frozenset({"", "unknown", "N/A", "reserved", "unspecified"})
_LARGEST = 2**62
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?", re.ASCII)
"""Without an exponent: 1e-999999999 is short to write and without bound to compute."""

UNKNOWN_TICKS = 2**32 - 1
"""A duration field of all ones says `unknown` (ISO/IEC 14496-12)."""


def records(*, value: object) -> tuple[Record, ...]:
    """Return the objects of a JSON array; nothing when it is no array."""
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else ()


def record(*, value: object) -> Record:
    """Return a JSON object; an empty one when it is none."""
    return value if isinstance(value, Mapping) else {}


def text(*, source: Record, key: str) -> str | None:
    """Return a string that says something."""
    value = source.get(key)
    return value if isinstance(value, str) and value not in _UNKNOWN else None


def whole(*, source: Record, key: str) -> int | None:
    """Return a whole number, written as number or string, of a size that a file can hold."""
    value = source.get(key)
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) < 20 and value.removeprefix("-").isdecimal():
        value = int(value)
    return value if isinstance(value, int) and abs(value) < _LARGEST else None


def ratio(*, source: Record, key: str, sign: str = "/") -> Fraction | None:
    """Return `a/b` (or `a:b`) above zero as a fraction; None for 0/0, 1/0, 0:1."""
    value = source.get(key)
    if not isinstance(value, str) or len(value) > 44:
        return None
    above, found, below = value.partition(sign)
    if not found or not above.isdecimal() or not below.isdecimal() or not int(above) or not int(below):
        return None
    return Fraction(int(above), int(below))


def seconds(*, source: Record, key: str) -> Fraction | None:
    """Return a decimal number of seconds exactly as written."""
    value = source.get(key)
    if not isinstance(value, str) or len(value) > 40:
        return None
    if _DECIMAL.fullmatch(value) is None:
        return None
    number = Fraction(value)
    return number if abs(number) < _LARGEST else None


def clock(*, source: Record, key: str) -> Fraction | None:
    """Return `HH:MM:SS.fraction` (Matroska's DURATION tag) in seconds."""
    value = source.get(key)
    if not isinstance(value, str) or len(value) > 40:
        return None
    parts = value.strip("\x00 ").split(":")
    if len(parts) != 3 or not all(part.replace(".", "", 1).isdecimal() for part in parts):
        return None
    hours, minutes, rest = (Fraction(part) for part in parts)
    return hours * 3600 + minutes * 60 + rest


def tag(*, source: Record, name: str) -> str | None:
    """Return a tag of a stream or format by name, case-insensitive (Matroska writes upper case)."""
    for key, value in record(value=source.get("tags")).items():
        if key.lower() == name and isinstance(value, str) and value not in _UNKNOWN:
            return value
    return None


def flag(*, source: Record, name: str) -> bool:
    """Return whether a disposition is set."""
    return record(value=source.get("disposition")).get(name) == 1
