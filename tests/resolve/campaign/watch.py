"""What the campaign uses of this machine: looked at now and then, compared at the end."""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
CHILD = b"bridge.child"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look. Memory is KiB resident: of this process, and the most of a child and of a simulator."""

    renders: int
    descriptors: int
    processes: int
    parent_kib: int
    child_kib: int
    resolve_kib: int
    projects: int
    state_files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that this one started. `directory` is where it works; empty for one that has ended."""

    pid: int
    directory: str
    child: bool
    kib: int


def started_processes() -> tuple[Process, ...]:
    """Return every process that this one started and that is in the system's table."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):
            found += [_process(int(pid)) for pid in (task / "children").read_text().split()]
    return tuple(each for each in found if each is not None)


def descriptors() -> int:
    """Return how many this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


def resident_kib(pid: int | str) -> int:
    """Return the resident memory of a process, 0 for one that is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KIB
    except (OSError, IndexError):
        return 0


def sample(*, renders: int, projects: int, state_files: int) -> Sample:
    """Look now."""
    processes = started_processes()
    return Sample(
        renders=renders,
        descriptors=descriptors(),
        processes=len(processes),
        parent_kib=resident_kib("self"),
        child_kib=_most(each.kib for each in processes if each.child),
        resolve_kib=_most(each.kib for each in processes if not each.child),
        projects=projects,
        state_files=state_files,
    )


def _most(values: Iterable[int]) -> int:
    return max(values, default=0)


def _process(pid: int) -> Process | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        directory = os.readlink(f"/proc/{pid}/cwd")  # noqa: PTH115
    except FileNotFoundError:
        return None
    except OSError:
        command, directory = b"", ""  # a zombie shows no directory
    if not command:
        directory = ""  # one that is being killed has lost its memory already, and its directory not yet
    return Process(pid=pid, directory=directory, child=CHILD in command, kib=resident_kib(pid))
