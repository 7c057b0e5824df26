"""What a render has left in its directory."""

import contextlib
import stat
from pathlib import Path

from proxx.core.quoting import quote
from proxx_resolve_executor.resolve_error import OutputError

SHOWN = 5


def sizes_in(*, directory: Path) -> dict[str, int]:
    """Return the name and size of everything in a directory; a folder counts as -1.

    Raises:
        OutputError: it cannot be listed.
    """
    sizes = {}
    try:
        for entry in directory.iterdir():
            with contextlib.suppress(FileNotFoundError):  # it got another name between the two looks
                found = entry.lstat()
                sizes[entry.name] = found.st_size if stat.S_ISREG(found.st_mode) else -1
    except OSError as error:
        raise OutputError(f"the directory of the render cannot be listed: {error.strerror}") from error
    return sizes


def output_of(*, directory: Path, sizes: dict[str, int], name: str) -> Path:
    """Return the one file that was rendered. Its stem may be the source's: a preset decides that, not the call.

    Raises:
        OutputError: there is none, it is empty, of another kind, or not alone.
    """
    if not sizes:
        raise OutputError("Resolve says complete, and there is no file")
    if len(sizes) > 1:
        shown = ", ".join(quote(text=one) for one in sorted(sizes)[:SHOWN])
        raise OutputError(f"Resolve left {len(sizes)} files; expected one: {shown}")
    (found, size), suffix = next(iter(sizes.items())), Path(name).suffix
    if size < 0:
        raise OutputError(f"Resolve left {quote(text=found)}, which is no file")
    if size == 0:
        raise OutputError(f"Resolve says complete, and {quote(text=found)} is empty")
    if Path(found).suffix.lower() != suffix.lower():
        raise OutputError(f"Resolve left {quote(text=found)}; expected a file that ends in {quote(text=suffix)}")
    return directory / found
