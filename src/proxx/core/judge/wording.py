"""How a check is put: names, levels, and values as a person reads them."""

from fractions import Fraction
from functools import lru_cache

from proxx.core.quoting import quote
from proxx.core.verdict import Check, CheckLevel

_LINES_SHOWN = 3
_KEPT_CHARACTERS = 100
"""Longer texts are not remembered: they may be as long as whoever sends them likes."""


def check(*, name: str, passed: bool, expected: str, actual: str) -> Check:
    """Return one check that passes or fails."""
    return _check(name, CheckLevel.PASS if passed else CheckLevel.FAIL, expected, actual)


@lru_cache(maxsize=4096)
def _check(name: str, level: CheckLevel, expected: str, actual: str) -> Check:
    """Make a check, or return the one that said the same of another clip: most of them say the same of all of a job."""
    return Check(name=name, level=level, expected=expected, actual=actual)


def equal(*, name: str, expected: object, actual: object) -> Check:
    """Return the check that two values are equal."""
    return check(name=name, passed=expected == actual, expected=text(value=expected), actual=text(value=actual))


def lines(*, name: str, found: tuple[str, ...], wanted: str) -> Check:
    """Return the check that a tool complained of nothing; shows the first lines where it did."""
    if not found:
        return Check(name=name, level=CheckLevel.PASS, expected=wanted, actual="no error line")
    shown = "; ".join(quote(text=line) for line in found[:_LINES_SHOWN])
    more = f"; {len(found) - _LINES_SHOWN} more" if len(found) > _LINES_SHOWN else ""
    return Check(name=name, level=CheckLevel.FAIL, expected=wanted, actual=shown + more)


def text(*, value: object) -> str:
    """Return a fact as text; None is "not stated"."""
    if isinstance(value, str):
        return _quoted(value) if len(value) <= _KEPT_CHARACTERS else quote(text=value)[1:-1]
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):  # before fractions: to ask for those is slow, and an integer is its own text
        return str(value)
    return f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else str(value)


@lru_cache(maxsize=1024)
def _quoted(value: str) -> str:
    return quote(text=value)[1:-1]


def seconds(*, value: Fraction | None) -> str:
    """Return a time in seconds as text."""
    return "not stated" if value is None else f"{float(value):.6f} s"
