"""P3, the cost of the verdict: one 1080p clip through the real encode step of every FFmpeg profile.

The encode step encodes, and then measures, hashes and judges what it made. Encode is the cost of the tools of the first
part; verify is that of the tools of the second, and of this process meanwhile (hashing, counting, judging).
"""

import asyncio
import dataclasses
import os
import resource
import statistics
import tempfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from proxx.core.steps import Phase, Progress
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.tool import ToolRequest, ToolResult, ToolRunner
from tests.footage.recipe import Recipe
from tests.footage.recipes import BT709
from tests.witness.studio import Studio
from tests.witness.way import WAYS, Way

AIM_INTRA = 0.12
AIM_LONG_GOP = 0.25
RATE = Fraction(25)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """Seconds of wall time and of CPU time of both parts of one encode step."""

    encode_wall: float
    encode_cpu: float
    verify_wall: float
    verify_cpu: float


class MeteredRunner:
    """A ToolRunner that adds up the CPU time of what it runs, apart for each phase of the step."""

    def __init__(self, runner: ToolRunner) -> None:
        """Take the runner that does the work."""
        self._runner = runner
        self.phase = Phase.STARTING
        self.cpu: dict[Phase, float] = {}

    @property
    def sandbox_level(self) -> str:
        """That of the runner that does the work."""
        return self._runner.sandbox_level

    async def run(self, request: ToolRequest, *, on_line: Callable[[str], None] | None = None) -> ToolResult:
        """Run and add up."""
        phase = self.phase
        result = await self._runner.run(request, on_line=on_line)
        self.cpu[phase] = self.cpu.get(phase, 0.0) + result.cpu_seconds
        return result


class PhaseWatch:
    """A StepWatch that tells the runner which phase it is, and reads this process's own CPU clock when one begins."""

    def __init__(self, runner: MeteredRunner) -> None:
        """Take the runner of the step that is watched."""
        self._runner = runner
        self.own_cpu_before = 0.0

    def enter(self, phase: Phase) -> None:
        """A phase begins."""
        self._runner.phase = phase
        self.own_cpu_before = own_cpu()

    def progress(self, progress: Progress) -> None:
        """Not of interest."""

    def commit(self) -> bool:
        """Nothing interrupts."""
        return True


def choose(names: Sequence[str]) -> list[Way]:
    """Return those FFmpeg profiles, all when none is named: each in its first container, at its default resolution.

    Raises:
        ValueError: there is no such FFmpeg profile; names it and those that there are.
    """
    known = {way.profile.name: way for way in reversed(WAYS)}  # reversed: the first container of each stays
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no such FFmpeg profile: {', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    chosen = [known[name] for name in names or sorted(known)]
    return [dataclasses.replace(way, resolution=way.profile.default_resolution) for way in chosen]


def measure(*, ways: Sequence[Way], seconds: int, rounds: int) -> dict[str, Any]:
    """Run the benchmark in a temporary directory, one round after another over all of `ways`."""
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name:
        taken = asyncio.run(_take(directory=Path(name), ways=ways, seconds=seconds, rounds=rounds))
    return {
        "benchmark": "verdict_cost",
        "clip": {"width": 1920, "height": 1080, "seconds": seconds, "rate": str(RATE), "audio_tracks": 2},
        "rounds": rounds,
        "load_average": os.getloadavg()[0],
        "profiles": [_line(way, costs) for way, costs in zip(ways, taken, strict=True)],
        "aim": {"intra": AIM_INTRA, "long_gop": AIM_LONG_GOP},
    }


def own_cpu() -> float:
    """CPU time of this process so far, its children left out."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def _take(*, directory: Path, ways: Sequence[Way], seconds: int, rounds: int) -> list[list[StepCost]]:
    runner = MeteredRunner(ProcessToolRunner(scratch=directory))
    studio, recipe = Studio(directory, runner=runner), _recipe(seconds=seconds)
    taken: list[list[StepCost]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, costs in zip(ways, taken, strict=True):
            costs.append(await _once(studio=studio, runner=runner, recipe=recipe, way=way))
    return taken


async def _once(*, studio: Studio, runner: MeteredRunner, recipe: Recipe, way: Way) -> StepCost:
    runner.cpu.clear()
    watch = PhaseWatch(runner)
    made = await studio.make(recipe, way, watch=watch)
    own = own_cpu() - watch.own_cpu_before
    execution = made.output.execution
    made.path.unlink()
    return StepCost(
        encode_wall=execution.encode_seconds,
        encode_cpu=runner.cpu[Phase.ENCODING],
        verify_wall=execution.verify_seconds,
        verify_cpu=runner.cpu[Phase.VERIFYING] + own,
    )


def _recipe(*, seconds: int) -> Recipe:
    """Moving test picture with noise, as a sensor has it: flat pictures make every encoder look fast."""
    return Recipe(
        file_name="V001C001_251120_R1AB.mov",
        rate=RATE,
        frames=round(RATE * seconds),
        width=1920,
        height=1080,
        video=(
            *("-vf", "noise=alls=8:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20"),
            *("-pix_fmt", "yuv420p", *BT709),
        ),
        audio=("-c:a", "pcm_s24le"),
        audio_channels=(1, 1),
        timecode="10:00:00:00",
        reel_name="V001R1AB",
    )


def _line(way: Way, costs: list[StepCost]) -> dict[str, Any]:
    def median(value: Callable[[StepCost], float]) -> float:
        return statistics.median(map(value, costs))

    return {
        "profile": way.profile.name,
        "container": way.container,
        "resolution": way.resolution,
        "intra_only": way.profile.intra_only,
        "encode": {"wall": median(lambda cost: cost.encode_wall), "cpu": median(lambda cost: cost.encode_cpu)},
        "verify": {"wall": median(lambda cost: cost.verify_wall), "cpu": median(lambda cost: cost.verify_cpu)},
        "ratio": {
            "wall": median(lambda cost: cost.verify_wall / cost.encode_wall),
            "cpu": median(lambda cost: cost.verify_cpu / cost.encode_cpu),
        },
        "aim": AIM_INTRA if way.profile.intra_only else AIM_LONG_GOP,
    }
