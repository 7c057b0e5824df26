"""A process that a test started and follows: its output goes to files, its whole tree can be watched and killed."""

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

LOOK_SECONDS = 0.01
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """One started process with its output files and, when it has one, the pipe on which it says that it serves."""

    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path
    ready_fd: int | None = None

    @classmethod
    def start(
        cls, argv: Sequence[str], *, directory: Path, environment: Mapping[str, str], ready: bool = False
    ) -> "Begun":
        """Start `argv`; `ready` adds `--ready-fd` with a pipe of ours."""
        files = [Path(tempfile.mkstemp(dir=directory, suffix=suffix)[1]) for suffix in (".stdout", ".stderr")]
        read_end, write_end = os.pipe() if ready else (None, None)
        passed = () if write_end is None else (write_end,)
        words = [*argv, *(() if write_end is None else ("--ready-fd", str(write_end)))]
        with files[0].open("wb") as stdout, files[1].open("wb") as stderr:
            process = subprocess.Popen(
                words,
                cwd=directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                pass_fds=passed,
                start_new_session=True,
            )
        if write_end is not None:
            os.close(write_end)
        return cls(process=process, stdout=files[0], stderr=files[1], ready_fd=read_end)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def ready(self) -> dict[str, Any]:
        """Wait for the line that says that it serves, and return it."""
        assert self.ready_fd is not None
        with os.fdopen(self.ready_fd, "rb", closefd=True) as pipe:
            line = pipe.readline()
        assert line, f"it ended before it served: {self.said()}"
        found: dict[str, Any] = json.loads(line)
        return found

    def first_line(self, *, seconds: float = 30.0) -> dict[str, Any]:
        """Wait for the first line of standard output, a JSON object, and return it."""

        def look() -> str | None:
            assert self.process.poll() is None, f"it ended with code {self.process.returncode}: {self.said()}"
            line, newline, _ = self.stdout.read_text(encoding="utf-8").partition("\n")
            return line if newline else None

        found: dict[str, Any] = json.loads(until(look, seconds=seconds, what="the first line of standard output"))
        return found

    def said(self) -> str:
        """What it has written to standard error so far."""
        return self.stderr.read_text(encoding="utf-8", errors="replace")

    def written(self) -> Any:
        """Standard output as one JSON document."""
        return json.loads(self.stdout.read_text(encoding="utf-8"))

    def kill(self) -> None:
        """`kill -9`, and wait for its end."""
        self.process.kill()
        self.process.wait(timeout=10)

    def end(self, *, with_signal: signal.Signals, seconds: float = 40.0) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(timeout=seconds)


def until(look: Callable[[], T | None], *, seconds: float, what: str) -> T:
    """Return the first answer that is neither None nor False; fail after `seconds`, saying for what it waited."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        assert time.monotonic() < end, f"waited {seconds:g} s in vain for {what}"
        time.sleep(LOOK_SECONDS)


def tree_of(pid: int) -> dict[int, str]:
    """The processes that descend from `pid`, each with the name of its program."""
    parents: dict[int, tuple[int, str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                name, _, rest = (entry / "stat").read_text().rpartition(") ")
                parents[int(entry.name)] = (int(rest.split()[1]), name.partition("(")[2])
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        parent = waiting.pop()
        children = {child: name for child, (above, name) in parents.items() if above == parent}
        found |= children
        waiting += children
    return found


@contextlib.contextmanager
def watched(pids: Mapping[int, str]) -> Iterator[dict[int, str]]:
    """Hold on to processes, so that their ids cannot be mistaken for those of later ones; yields descriptor: name."""
    held: dict[int, str] = {}
    try:
        for pid, name in pids.items():
            with contextlib.suppress(ProcessLookupError):
                held[os.pidfd_open(pid)] = name
        yield held
    finally:
        for descriptor in held:
            os.close(descriptor)


def alive_after(held: Mapping[int, str], *, seconds: float) -> list[str]:
    """Wait at most `seconds` for the end of every process; return the names of those that still live then."""
    poll = select.poll()
    left = dict(held)
    for descriptor in left:
        poll.register(descriptor, select.POLLIN)
    end = time.monotonic() + seconds
    while left and (rest := end - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(rest * 1000):
            poll.unregister(descriptor)
            del left[descriptor]
    return sorted(left.values())
