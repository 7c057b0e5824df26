"""CPU time and memory of a process and everything below it, from /proc (Linux only)."""

import os
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFacts:
    """One line of /proc/*/stat. `cpu_seconds` includes the children that it has already waited for."""

    pid: int
    parent: int
    cpu_seconds: float


def tree(root: int) -> list[ProcessFacts]:
    """`root` and every living process below it."""
    everyone = {facts.pid: facts for facts in map(_read, _pids()) if facts is not None}
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        if pid in everyone:
            found.append(everyone[pid])
            waiting += [facts.pid for facts in everyone.values() if facts.parent == pid]
    return found


def cpu_seconds(root: int) -> float:
    """CPU time that the tree has used so far, the dead included as far as their parents waited for them."""
    return sum(facts.cpu_seconds for facts in tree(root))


def command_line(pid: int) -> list[str]:
    """argv of a living process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def resident_bytes(pid: int) -> int:
    """Resident memory of one process.

    Raises:
        FileNotFoundError: it is gone.
    """
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise FileNotFoundError(f"process {pid} has no resident memory; it ended")


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _read(pid: int) -> ProcessFacts | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2 :].split()  # the name may hold spaces and brackets; proc(5) numbers from here on
    parent = int(fields[1])
    ticks = sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime
    return ProcessFacts(pid=pid, parent=parent, cpu_seconds=ticks / TICKS_PER_SECOND)
