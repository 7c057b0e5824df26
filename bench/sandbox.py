"""What isolating a tool costs: one start of a tool that does nothing, bare and at each level that this host allows."""

import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import sandbox_reach
from proxx.engine.tool import ToolRequest

TOOL = "true"
TOOLS_OF_A_CLIP = 4
"""ffprobe on the source, ffmpeg to encode, ffprobe on the proxy, ffmpeg to decode it."""

AIM_SECONDS = 0.03
LEVELS = (SandboxLevel.PROCESS, SandboxLevel.FILTERS, SandboxLevel.NAMESPACES)


def measure(*, starts: int) -> dict[str, Any]:
    """Start the tool `starts` times in each way, interleaved. Seconds; CPU with all children that were waited for."""
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name:
        return asyncio.run(_measure(Path(name), starts))


async def _measure(directory: Path, starts: int) -> dict[str, Any]:
    source, output = directory / "source", directory / "output"
    source.touch()
    output.mkdir()
    request = ToolRequest(argv=(TOOL,), readable=(source,), writable=(output,))
    ways: dict[str, Callable[[], Awaitable[object]]] = {"bare": _bare}
    for level in LEVELS:
        if sandbox_reach(most=level).level is level:
            runner = ProcessToolRunner(scratch=directory, most=level)
            ways[level.value] = lambda runner=runner: runner.run(request)  # type: ignore[misc]  # bound now
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for way in ways.values():  # the first one fills the page cache
        await way()
    for _ in range(starts):
        for name, way in ways.items():
            cpu, wall = _cpu(), time.perf_counter()
            await way()
            taken[name].append((time.perf_counter() - wall, _cpu() - cpu))
    medians = {
        name: {
            "wall": statistics.median(item[0] for item in items),
            "cpu": statistics.median(item[1] for item in items),
        }
        for name, items in taken.items()
    }
    today = medians[SandboxLevel.PROCESS.value]
    return {
        "benchmark": "sandbox",
        "starts": starts,
        "load_average": os.getloadavg()[0],
        "median": medians,
        "clip": {
            name: {kind: (median[kind] - today[kind]) * TOOLS_OF_A_CLIP for kind in ("wall", "cpu")}
            for name, median in medians.items()
            if name not in ("bare", SandboxLevel.PROCESS.value)
        },
        "tools_of_a_clip": TOOLS_OF_A_CLIP,
        "aim": AIM_SECONDS,
    }


def table(taken: dict[str, Any]) -> str:
    """Milliseconds of a start in each way, and what a level adds to a clip."""
    lines = [
        f"Start of a tool that does nothing, {taken['starts']} times each, load {taken['load_average']:.2f}",
        f"  {'':<14}{'wall ms':>10}{'CPU ms':>10}",
    ]
    for name, median in taken["median"].items():
        lines.append(f"  {name:<14}{median['wall'] * 1000:>10.1f}{median['cpu'] * 1000:>10.1f}")
    for name, added in taken["clip"].items():
        lines.append(
            f"  A clip runs {taken['tools_of_a_clip']} tools: `{name}` adds {added['wall'] * 1000:.1f} ms of wall time"
            f" and {added['cpu'] * 1000:.1f} ms of CPU to `process`; the aim is {taken['aim'] * 1000:.0f} ms"
        )
    return "\n".join(lines)


async def _bare() -> None:
    process = await asyncio.create_subprocess_exec(
        TOOL, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    await process.communicate()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
