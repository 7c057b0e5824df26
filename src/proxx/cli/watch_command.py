"""The work behind `proxx watch`: both forms start the watcher as a process of its own."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say
from proxx.cli.remote import run_remote
from proxx.embedded.target import Target
from proxx.embedded.watch_settings import WatchSettings
from proxx.embedded.watching import watch_folder

FATAL = ExitCode.VALIDATION
"""C10: watch ends with 0 on a signal and with 1 when it cannot go on."""


def run_watch(*, settings: WatchSettings, place: Target, directory: Path) -> int:
    """Watch a folder to the end and return the exit code. `directory` is for a scheduler of the folder's own.

    Raises:
        CommandError: the folder cannot be watched here, or a process ended by itself.
    """

    def announce(address: str, said: dict[str, object]) -> None:
        folders = said.get("folders")
        known = folders if isinstance(folders, list) else []
        layouts = [str(item.get("layout")) for item in known if isinstance(item, dict)]
        chosen = " (chosen by --layout auto)" if settings.layout == "auto" else ""
        say(f"watching {settings.folder}, layout {', '.join(layouts)}{chosen}, as {settings.name}")
        if place.server is None:
            say(f"scheduler and FFmpeg executor of its own; data and logs in {directory}")
            say(f"its jobs: proxx jobs list --server {address}")
        if not settings.once:
            say("stop: Ctrl-C")

    async def watch() -> int:
        return await watch_folder(
            settings=settings,
            target=place,
            directory=directory,
            announce=announce,
            waiting=lambda holder: say(f"waiting: {holder}"),
        )

    try:
        return run_remote(watch)
    except CommandError as error:
        if error.exit_code is ExitCode.SYSTEM:
            raise CommandError(*error.lines, exit_code=FATAL) from error
        raise


def run_reset(words: Sequence[str]) -> int:
    """Run the watcher's reset over our own terminal and return its exit code."""
    argv = [sys.executable, "-P", "-m", "proxx_watcher", "reset", *words]
    return subprocess.run(argv, check=False).returncode
