"""Opens an embedded run: its directory, its lock, its socket that only the user can open, and the two processes."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

from proxx.core.failure import tool_not_found
from proxx.embedded.errors import ToolMissingError
from proxx.embedded.lock import DirectoryLock
from proxx.embedded.run_directory import RunDirectory
from proxx.embedded.stack import Stack
from proxx.embedded.stack_settings import StackSettings

_SOCKET_PATH_BYTES = 100
"""Unix socket paths end at 104 bytes on macOS and 108 on Linux; the rest is room for the terminator."""


def require_tools(*, ffmpeg: str, ffprobe: str) -> None:
    """Make sure that both tools are installed.

    Raises:
        ToolMissingError: one is not; the sentence is the source documents' own.
    """
    for tool in (ffmpeg, ffprobe):
        if shutil.which(tool) is None:
            raise ToolMissingError(tool_not_found().message)


@contextlib.asynccontextmanager
async def open_stack_in(*, directory: RunDirectory, settings: StackSettings) -> AsyncIterator[Stack]:
    """Run both processes over a private Unix socket, with the run's database and logs.

    Raises:
        DirectoryInUseError: the run is open elsewhere.
        ChildFailedError: a process did not start, or ended by itself.
    """
    with DirectoryLock(directory.path), socket_directory(directory.path) as sockets:
        placed = replace(
            settings, listen=f"unix:{sockets / 's'}", database=directory.database, logs=settings.logs or directory.path
        )
        async with Stack(placed) as stack:
            yield stack


@contextlib.contextmanager
def socket_directory(directory: Path) -> Iterator[Path]:
    """Yield `directory`, which is private already, or a new private one with a shorter path when it is too deep."""
    if len(os.fsencode(directory / "s")) <= _SOCKET_PATH_BYTES:
        yield directory
        (directory / "s").unlink(missing_ok=True)
        return
    path = Path(tempfile.mkdtemp(prefix="proxx-", dir=_short_base()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _short_base() -> str:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    for base in (runtime, tempfile.gettempdir()):
        if base.startswith("/") and os.access(base, os.W_OK) and len(os.fsencode(base)) + 24 <= _SOCKET_PATH_BYTES:
            return base
    return "/tmp"  # noqa: S108  mkdtemp makes an unguessable directory with mode 0700 below it
