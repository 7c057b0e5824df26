"""P1, system tax: one 20-clip job through the whole of Proxx beside the same ffmpeg lines run by xargs.

In one run, interleaved, each round in another order; medians. Wall time of Proxx is the server's own, from submit_time
to end_time; its CPU time is that of scheduler, executor and every tool below `proxx up`, plus the client's.
"""

import dataclasses
import json
import os
import resource
import shutil
import statistics
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.peers import Cost, bare_lines, checked_lines, run_lines
from bench.process_tree import cpu_seconds
from bench.running_proxx import RunningProxx
from tests.footage.kind import ClipKind
from tests.footage.make import write_clip
from tests.footage.recipes import RECIPES

KINDS = (
    ClipKind.H264_LONG_GOP_23976,
    ClipKind.PRORES_HQ_2997_DROP,
    ClipKind.HEVC_10BIT_25,
    ClipKind.DNXHR_24,
)
CLIPS = 20
AIM = 1.05


def measure(*, rounds: int, seconds: int, concurrency: int) -> dict[str, Any]:
    """Run the benchmark in a temporary directory. `seconds` is the length of each clip, in whole seconds."""
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name:
        directory = Path(name)
        sources = make_sources(directory=directory / "sources", seconds=seconds)
        with RunningProxx(directory=directory, slots=concurrency) as proxx:
            warm_up, _ = _through_proxx(proxx=proxx, sources=sources, directory=directory / "warm-up")
            taken = [
                _round(proxx=proxx, sources=sources, directory=directory, number=number, concurrency=concurrency)
                for number in range(rounds)
            ]
    profile = warm_up["clips"][0]["profile_name"]
    return {
        "benchmark": "system_tax",
        "clips": CLIPS,
        "clip_seconds": seconds,
        "concurrency": concurrency,
        "profile": profile,
        "load_average": os.getloadavg()[0],
        "rounds": [{name: dataclasses.asdict(cost) for name, cost in costs.items()} for costs in taken],
        "median": {name: _median([costs[name] for costs in taken]) for name in ("proxx", "bare", "checked")},
        "ratio": {name: _ratios(taken, name) for name in ("bare", "checked")},
        "aim": {"to": "checked", "wall": AIM, "cpu": AIM},
    }


def make_sources(*, directory: Path, seconds: int) -> tuple[Path, ...]:
    """Twenty clips: one of each kind at 1280x720 is encoded, the others are copies under their own names."""
    directory.mkdir()
    made = []
    for kind in KINDS:
        recipe = RECIPES[kind]
        longer = dataclasses.replace(recipe, width=1280, height=720, frames=round(recipe.rate * seconds))
        made.append(write_clip(longer, directory / f"00_{recipe.file_name}"))
    copies = [
        Path(shutil.copyfile(original, directory / f"{number:02}_{original.name[3:]}"))
        for number in range(1, CLIPS // len(KINDS))
        for original in made
    ]
    return (*made, *copies)


def _round(
    *, proxx: RunningProxx, sources: tuple[Path, ...], directory: Path, number: int, concurrency: int
) -> dict[str, Cost]:
    place = directory / f"round-{number}"
    result, first = _through_proxx(proxx=proxx, sources=sources, directory=place / "proxx")
    costs = {"proxx": first}

    def peer(name: str, lines_of: Callable[..., list[str]]) -> None:
        target = place / name
        target.mkdir()
        lines = lines_of(result=result, directory=target)
        costs[name] = run_lines(lines=lines, concurrency=concurrency, directory=place)
        shutil.rmtree(target)

    peers = [("bare", bare_lines), ("checked", checked_lines)]
    for name, lines_of in peers if number % 2 == 0 else reversed(peers):
        peer(name, lines_of)
    shutil.rmtree(place)
    return costs


def _through_proxx(*, proxx: RunningProxx, sources: tuple[Path, ...], directory: Path) -> tuple[dict[str, Any], Cost]:
    directory.mkdir(parents=True)
    job = directory.with_suffix(".json")
    job.write_text(json.dumps(_spec(sources=sources, directory=directory)), encoding="utf-8")
    before = cpu_seconds(proxx.pid) + _client_cpu()
    result = proxx.run_job(job)
    cpu = cpu_seconds(proxx.pid) + _client_cpu() - before
    start, end = (datetime.fromisoformat(result[name]) for name in ("submitted_at", "completed_at"))
    return result, Cost(wall=(end - start).total_seconds(), cpu=cpu)


def _spec(*, sources: tuple[Path, ...], directory: Path) -> dict[str, object]:
    return {
        "jobspec_version": "2.1",
        "sources": [str(path) for path in sources],
        "output_directory": str(directory),
        "codec": "h264",
        "container": "mp4",
        "resolution": "half",
        "naming_template": "{source_name}_proxy",
        "proxy_profile": "proxy_h264_low",
    }


def _client_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _median(costs: list[Cost]) -> dict[str, float]:
    return {
        "wall": statistics.median(cost.wall for cost in costs),
        "cpu": statistics.median(cost.cpu for cost in costs),
    }


def _ratios(taken: list[dict[str, Cost]], peer: str) -> dict[str, dict[str, float]]:
    """Of Proxx to a peer, round by round: the median and how far the rounds spread."""
    wall = [costs["proxx"].wall / costs[peer].wall for costs in taken]
    cpu = [costs["proxx"].cpu / costs[peer].cpu for costs in taken]
    return {
        name: {"median": statistics.median(values), "least": min(values), "most": max(values)}
        for name, values in (("wall", wall), ("cpu", cpu))
    }
