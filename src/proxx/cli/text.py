"""Text for people: plain aligned tables, durations, sizes."""

import unicodedata
from collections.abc import Iterable, Sequence

from proxx.core.reports.units import plural, seconds_text, size_text
from proxx.runtime.terminal import printable

__all__ = ["display_width", "plural", "seconds_text", "size_text", "table"]


def table(*, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a header line and one line for each row, columns aligned by display width, cells made printable."""
    cells = [list(headers), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(display_width(row[column]) for row in cells) for column in range(len(headers))]
    return [_aligned(row, widths) for row in cells]


def display_width(text: str) -> int:
    """Return how many terminal columns `text` takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_width(mark) for mark in text)


def _width(mark: str) -> int:
    if unicodedata.combining(mark):
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
    return "  ".join(padded).rstrip()
