"""Text from strangers made safe for reports: one line, nothing invisible, and no formula in a spreadsheet."""

_FORMULA = frozenset("=+-@＝＋－＠\t\r")  # noqa: RUF001  full-width signs start formulas too in East Asian locales


def one_line(text: str) -> str:
    """Return `text` with every unprintable character written as its escape, such as \\n or \\u202e."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else _escape(mark) for mark in text)


def cell(text: str) -> str:
    """Return `text` for a spreadsheet: as `one_line`, with an apostrophe before what would be read as a formula.

    A spreadsheet takes a cell that begins with = + - @ tab or carriage return as a formula, and some skip white space
    first (OWASP, "CSV Injection").
    """
    first = text[:1] if text[:1] in _FORMULA else text.lstrip()[:1]
    return f"'{one_line(text)}" if first and first in _FORMULA else one_line(text)


def _escape(mark: str) -> str:
    return mark.encode("unicode_escape").decode("ascii")
