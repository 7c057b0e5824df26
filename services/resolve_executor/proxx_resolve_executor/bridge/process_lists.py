"""What a platform's list of processes says, read: pure."""

import re
from dataclasses import dataclass
from pathlib import PureWindowsPath

_PS_LINE = re.compile(r"\s*([0-9]+)\s+(\S+\s+\S+\s+[0-9]+\s+[0-9:]+\s+[0-9]+)\s+(.*)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProcess:
    """One process: what it runs, and how it was called, as far as the platform tells.

    `command` is the whole command line of a platform that does not tell its words apart.
    """

    pid: int
    started: str
    program: str
    arguments: tuple[str, ...] = ()
    command: str = ""

    def runs(self, *, program: str, script: bool) -> bool:
        """Whether it runs that program; `script` says that the program is one for an interpreter."""
        if self.program == program or self.arguments[:1] == (program,):
            return True
        if self.command == program or self.command.startswith(program + " "):
            return True
        if not script:
            return False
        return next((word for word in self.arguments[1:] if not word.startswith("-")), None) == program


def macos_processes(text: str) -> tuple[ListedProcess, ...]:
    """Return the processes that `ps -axwwo pid=,lstart=,command=` lists."""
    found = []
    for line in text.splitlines():
        match = _PS_LINE.fullmatch(line)
        if match is None:
            continue
        command = match[3]
        found.append(
            ListedProcess(
                pid=int(match[1]),
                started=" ".join(match[2].split()),
                program="",
                arguments=tuple(command.split(" ")[1:]),
                command=command,
            )
        )
    return tuple(found)


def windows_processes(listed: object) -> tuple[ListedProcess, ...]:
    """Return the processes that the query of Win32_Process gives as JSON: a list, or one object.

    Programs are folded to lower case: Windows spells one path in several ways.
    """
    members = listed if isinstance(listed, list) else [listed]
    found = []
    for member in members:
        match member:
            case {"ProcessId": int(pid), "ExecutablePath": str(program), "CommandLine": command, "Started": started}:
                words = str(command or "").split()
                found.append(
                    ListedProcess(
                        pid=pid,
                        started=str(started),
                        program=str(PureWindowsPath(program)).casefold(),
                        arguments=("", *words[1:]),
                    )
                )
    return tuple(found)
