"""Numbers as people read them in one short fact."""

_STEPS = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def size_text(size: int) -> str:
    """Return a number of bytes in decimal units with at most one place: `12 MB`, `3.4 GB`, `60 bytes`."""
    for step, unit in _STEPS:
        if abs(size) >= step:
            return f"{size / step:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} byte" if abs(size) == 1 else f"{size} bytes"


def seconds_text(seconds: float) -> str:
    """Return a number of seconds, rounded down: `9 s`, `4 min 5 s`, `2 h 3 min`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min" if whole % 3600 // 60 else f"{whole // 3600} h"
