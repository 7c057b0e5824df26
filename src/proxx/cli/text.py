"""Text for people: plain aligned tables, durations, sizes."""

import unicodedata
from collections.abc import Iterable, Sequence

from proxx.runtime.terminal import printable


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


def seconds_text(seconds: float | None) -> str:
    """Return a duration for people: `4.2 s`, `3 min 05 s`, `2 h 07 min`; a dash when unknown."""
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size_text(size: int | None) -> str:
    """Return a size for people in powers of 1024; a dash when unknown."""
    if size is None:
        return "-"
    value = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def plural(count: int, noun: str) -> str:
    """Return `1 clip`, `2 clips`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _width(mark: str) -> int:
    if unicodedata.combining(mark):
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
    return "  ".join(padded).rstrip()
