"""The work behind `proxx up`."""

from pathlib import Path

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say, show_json
from proxx.cli.remote import run_remote
from proxx.embedded.interrupts import Interrupts
from proxx.embedded.lock import DirectoryLock
from proxx.embedded.open_run import require_tools
from proxx.embedded.stack import Stack
from proxx.embedded.stack_settings import StackSettings


def run_stack(*, directory: Path, settings: StackSettings, open_to_all: bool, as_json: bool) -> int:
    """Run both processes until a signal comes. `open_to_all` is said aloud.

    Raises:
        CommandError: they cannot start here, or one of them ended by itself.
    """

    async def serve() -> int:
        require_tools(ffmpeg=settings.ffmpeg, ffprobe=settings.ffprobe)
        with DirectoryLock(directory), Interrupts() as interrupts:
            async with Stack(settings) as stack:
                _announce(stack, directory, settings, open_to_all, as_json)
                if not interrupts.count:
                    await interrupts.next()
                say("stopping: the executor hands back its work, then the scheduler ends")
        return ExitCode.OK

    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--data {directory}: {error.strerror}", exit_code=ExitCode.SYSTEM) from error
    return run_remote(serve)


def _announce(stack: Stack, directory: Path, settings: StackSettings, open_to_all: bool, as_json: bool) -> None:
    if open_to_all:
        say(f"WARNING: INSECURE: anybody who reaches {stack.address} can read, write and steer everything")
    say(f"scheduler and FFmpeg executor ({settings.slots} slots) at {stack.address}; data in {directory}")
    say("try: proxx submit --wait job.json    stop: Ctrl-C")
    if as_json:
        show_json(
            {
                "address": stack.address,
                "data": str(directory),
                "scheduler": dict(stack.scheduler_ready),
                "executor": dict(stack.executor_ready),
            },
            lines=True,
        )
