"""The determinism campaign: every FFmpeg profile under load, CPU limits and CPU levels; writes docs/DETERMINISM.md.

With `--profile` only those are tried and nothing is written. With `--check` the document's plans are compared with
those that there are, and nothing is run.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from proxx.core.planner import PlanRefusedError
from proxx.core.profile import Profile
from proxx.engine.fingerprint import read_toolchain
from proxx.engine.process_runner import ProcessToolRunner
from tools.determinism_conditions import conditions
from tools.determinism_material import (
    NOISY,
    Cell,
    Source,
    cell,
    make_every_kind,
    make_noisy,
    make_sounds,
    probed,
    profiles,
)
from tools.determinism_table import Host, campaign_text, documented_plans, replaced
from tools.determinism_trial import PROFILES, CellDigests, try_cells
from tools.stages import ROOT

DOCUMENT = ROOT / "docs" / "DETERMINISM.md"
RUNS_UNDER_LOAD = 10
FOOTAGE_PROFILE, SOUND_PROFILE = "proxy_h264_low", "proxy_prores_proxy"


@dataclass(slots=True, kw_only=True)
class Plans:
    """The plans of the campaign, and the pairs that have none, each with the reason."""

    cells: list[Cell] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def add(self, *, group: str, name: str, source: Source, profile: Profile, container: str) -> None:
        """Plan one pair."""
        try:
            found = cell(group=group, name=name, source=source, profile=profile, container=container)
        except PlanRefusedError as error:
            self.refused.append(f"`{name}`: {error}")
        else:
            self.cells.append(found)


async def make_plans(directory: Path, *, runner: ProcessToolRunner, only: tuple[str, ...]) -> Plans:
    """Return the plans of the campaign; with `only`, those of the profiles named and nothing else."""
    plans = Plans()
    noisy = await probed(make_noisy(directory / NOISY), runner=runner)
    for profile in profiles(only=only):
        for container in profile.containers:
            name = f"{profile.name} {container}"
            plans.add(group=PROFILES, name=name, source=noisy, profile=profile, container=container)
    if only:
        return plans
    (picture,), (sound,) = profiles(only=(FOOTAGE_PROFILE,)), profiles(only=(SOUND_PROFILE,))
    for group, profile, paths in (
        ("footage", picture, make_every_kind(directory)),
        ("sounds", sound, make_sounds(directory)),
    ):
        for path in paths:
            source = await probed(path, runner=runner)
            plans.add(group=group, name=path.name, source=source, profile=profile, container="mov")
    return plans


async def campaign(*, only: tuple[str, ...], runs: int, emulator: str | None) -> tuple[list[CellDigests], str]:
    """Run it and return what was found, and the text for the document."""
    runner = ProcessToolRunner()
    toolchain = await read_toolchain(runner=runner, ffmpeg="ffmpeg")
    tried_conditions = conditions(runs=runs, emulator=emulator)
    with tempfile.TemporaryDirectory(prefix="proxx-determinism-") as name:
        directory = Path(name)
        plans = await make_plans(directory, runner=runner, only=only)
        started = time.monotonic()
        tried = await try_cells(
            plans.cells,
            conditions=tried_conditions,
            runner=runner,
            directory=directory,
            say=lambda line: print(f"{time.monotonic() - started:6.0f} s  {line}", flush=True),
        )
        host = Host(
            ffmpeg=f"ffmpeg {toolchain.version}",
            cpu_class=toolchain.cpu_class,
            cores=len(os.sched_getaffinity(0)),
            libraries=toolchain.libraries,
            seconds=time.monotonic() - started,
        )
    text = campaign_text(tried=tried, refused=plans.refused, conditions=tried_conditions, host=host)
    return tried, text


def check() -> int:
    """Compare the profiles in the document with those that there are: 0 when the same."""
    listed = {name.split()[0] for name in documented_plans(DOCUMENT.read_text(encoding="utf-8"))}
    missing = [profile.name for profile in profiles(only=()) if profile.name not in listed]
    if missing:
        print(f"{DOCUMENT.name}: not measured: {', '.join(missing)}; run `make determinism`")
    return 1 if missing else 0


def main() -> int:
    """Run the campaign. 0 when every plan gave one digest, 1 when not, 64 for misuse."""
    parser = argparse.ArgumentParser(description="The determinism campaign.")
    parser.add_argument("--profile", action="append", default=[], help="only this profile; writes nothing")
    parser.add_argument("--runs", type=int, default=RUNS_UNDER_LOAD, help="runs under load (10)")
    parser.add_argument("--emulator", help="qemu-x86_64, or a program that takes its arguments")
    parser.add_argument("--check", action="store_true", help="only compare the document's profiles")
    given = parser.parse_args()
    if given.check:
        return check()
    try:
        tried, text = asyncio.run(campaign(only=tuple(given.profile), runs=given.runs, emulator=given.emulator))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 64
    print(text)
    if not given.profile:
        DOCUMENT.write_text(replaced(DOCUMENT.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0 if all(item.one for item in tried) else 1


if __name__ == "__main__":
    sys.exit(main())
