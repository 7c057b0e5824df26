"""The processes of Resolve on this host: found by their program, started without a window, ended by their id."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from proxx_resolve_executor.bridge.process_lists import ListedProcess, macos_processes, windows_processes
from proxx_resolve_executor.discovery import Platform

HEADLESS = "-nogui"
LIST_SECONDS = 20.0
END_SECONDS = 1.0
"""How long one that is not listed any more may take to be gone."""
PROC = Path("/proc")
SCRIPT_MARK = b"#!"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveProcess:
    """One running instance. `started` tells it from a later process with the same id."""

    pid: int
    started: str
    headless: bool


class ProcessListError(Exception):
    """The processes of this host cannot be listed. The message says why."""


class Processes(Protocol):
    """What the bridge asks of this host's processes. Calls block for at most `LIST_SECONDS`."""

    def running(self, binary: PurePath) -> tuple[ResolveProcess, ...]:
        """Return the running instances of a program, lowest id first.

        Raises:
            ProcessListError: they cannot be listed.
        """
        ...

    def start(self, binary: PurePath, *, environment: Mapping[str, str], directory: Path) -> int:
        """Start an instance without a window, in a session of its own; return its id.

        Raises:
            OSError: it cannot be started.
        """
        ...

    def exit_code(self, pid: int) -> int | None:
        """Return how a process that `start` started ended; None while it runs, or where another started it."""
        ...

    def end(self, process: ResolveProcess, *, force: bool) -> None:
        """Tell a process to end, or (`force`) end it. One that is gone already is no error.

        Raises:
            OSError: this user may not.
        """
        ...


class HostProcesses:
    """The processes of this host, as its platform lists them."""

    def __init__(self, platform: Platform) -> None:
        """Take the platform."""
        self._platform = platform
        self._started: dict[int, subprocess.Popen[bytes]] = {}

    def running(self, binary: PurePath) -> tuple[ResolveProcess, ...]:
        """Return the running instances of a program, lowest id first.

        Raises:
            ProcessListError: they cannot be listed.
        """
        listed = self._list()
        # one that ended must not stay in the system's table; one that ends shows no program any more
        own = {pid for pid, started in self._started.items() if started.poll() is None}
        for pid in own - {one.pid for one in listed}:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._started[pid].wait(END_SECONDS)
        script = self._platform is Platform.LINUX and _is_script(Path(binary))
        program = str(binary).casefold() if self._platform is Platform.WINDOWS else str(binary)
        return tuple(
            ResolveProcess(pid=one.pid, started=one.started, headless=HEADLESS in one.arguments)
            for one in sorted(listed, key=lambda each: each.pid)
            if one.pid in own or one.runs(program=program, script=script)
        )

    def start(self, binary: PurePath, *, environment: Mapping[str, str], directory: Path) -> int:
        """Start an instance without a window, in a session of its own; return its id.

        Raises:
            OSError: it cannot be started.
        """
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "DETACHED_PROCESS", 0)
        process = subprocess.Popen(
            [str(binary), HEADLESS],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            cwd=directory,
            start_new_session=os.name == "posix",
            creationflags=flags,
        )
        self._started = {pid: one for pid, one in self._started.items() if one.poll() is None}
        self._started[process.pid] = process
        return process.pid

    def exit_code(self, pid: int) -> int | None:
        """Return how a process that `start` started ended; None while it runs, or where another started it."""
        process = self._started.get(pid)
        return None if process is None else process.poll()

    def end(self, process: ResolveProcess, *, force: bool) -> None:
        """Tell a process to end, or (`force`) end it.

        Raises:
            OSError: this user may not.
        """
        number = getattr(signal, "SIGKILL", signal.SIGTERM) if force else signal.SIGTERM
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)

    def _list(self) -> tuple[ListedProcess, ...]:
        match self._platform:
            case Platform.LINUX:
                return linux_processes(PROC)
            case Platform.MACOS:
                return macos_processes(_output("/bin/ps", "-axwwo", "pid=,lstart=,command="))
            case Platform.WINDOWS:
                system = os.environ.get("SYSTEMROOT", "C:\\Windows")
                shell = f"{system}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe"
                query = "Get-CimInstance Win32_Process -Filter \"Name='Resolve.exe'\""
                shown = "Select-Object ProcessId,ExecutablePath,CommandLine,@{n='Started';e={$_.CreationDate.Ticks}}"
                text = _output(
                    shell, "-NoProfile", "-NonInteractive", "-Command", f"{query} | {shown} | ConvertTo-Json"
                )
                return windows_processes(json.loads(text) if text.strip() else [])


def linux_processes(proc: Path) -> tuple[ListedProcess, ...]:
    """Return every process of a Linux host that this user may look at; a zombie is none."""
    found = []
    for entry in proc.iterdir():
        if not entry.name.isascii() or not entry.name.isdigit():
            continue
        try:
            status = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            words = (entry / "cmdline").read_bytes().decode("utf-8", "surrogateescape").split("\0")[:-1]
        except (OSError, ValueError):
            continue  # it ended meanwhile
        if len(status) < 20 or status[0] in ("Z", "X"):
            continue
        program = ""
        with contextlib.suppress(OSError):  # another user's: only its arguments can be seen
            program = os.readlink(entry / "exe")  # noqa: PTH115  Path.readlink gives a Path
        found.append(ListedProcess(pid=int(entry.name), started=status[19], program=program, arguments=tuple(words)))
    return tuple(found)


def _output(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, timeout=LIST_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ProcessListError(f"{argv[0]} cannot list the processes of this host: {error}") from error
    return done.stdout.decode("utf-8", "replace")


def _is_script(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(SCRIPT_MARK)) == SCRIPT_MARK
    except OSError:
        return False
