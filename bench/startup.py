"""Start-up costs: how long `proxx --help` takes, and how much memory an idle scheduler holds."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.process_tree import resident_bytes
from bench.running_proxx import PROXX, RunningProxx

HELP_AIM_SECONDS = 0.2
IDLE_AIM_BYTES = 120 * 1024 * 1024
SETTLE_SECONDS = 3


def measure(*, repeats: int) -> dict[str, Any]:
    """Wall time of `proxx --help`, and resident memory of the scheduler of a `proxx up` that has nothing to do."""
    times = [help_seconds() for _ in range(repeats + 1)][1:]  # the first one fills the page cache
    return {
        "benchmark": "startup",
        "help_seconds": {"median": statistics.median(times), "least": min(times), "most": max(times)},
        "help_repeats": repeats,
        "idle_scheduler_resident_bytes": idle_scheduler_bytes(),
        "aim": {"help_seconds": HELP_AIM_SECONDS, "idle_scheduler_resident_bytes": IDLE_AIM_BYTES},
    }


def help_seconds() -> float:
    """One start of the command line."""
    started = time.perf_counter()
    subprocess.run([PROXX, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def idle_scheduler_bytes() -> int:
    """After a moment of doing nothing, so that what only starting needs is over."""
    with (
        tempfile.TemporaryDirectory(prefix="proxx-bench-") as name,
        RunningProxx(directory=Path(name), slots=1) as proxx,
    ):
        time.sleep(SETTLE_SECONDS)
        return resident_bytes(proxx.scheduler_pid())
