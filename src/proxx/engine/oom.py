"""The kernel's count of processes killed for want of memory: an OOM-killed tool is otherwise just signal 9."""

from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")


def oom_kills(*, cgroups: Path = CGROUPS, own: Path = OWN_CGROUP) -> int | None:
    """Return how many processes of this cgroup (v2) the kernel has killed so far, or None where it does not say."""
    try:
        lines = own.read_text(encoding="ascii", errors="replace").splitlines()
        place = next(line.removeprefix("0::/") for line in lines if line.startswith("0::/"))
        events = (cgroups / place / "memory.events").read_text(encoding="ascii")
    except (OSError, StopIteration):
        return None
    for line in events.splitlines():
        name, _, count = line.partition(" ")
        if name == "oom_kill":
            return int(count)
    return None
