"""Durations, sizes and counts for people."""


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
