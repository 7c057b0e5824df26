"""The same race with real tools: ffprobe and ffmpeg get paths, and the sandbox shows them what the executor saw."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field

from proxx.core.roots import RootPath
from proxx.engine.evidence import evidence_of
from proxx.engine.probe import probe_source
from proxx.engine.process_runner import LauncherError
from proxx.engine.tool import ToolRequest, ToolRunner
from proxx.runtime import open_flags
from proxx.runtime.where import Where, host_path, open_at
from tests.racer.arena import Arena
from tests.racer.race import swapping
from tests.racer.rounds import CLIP, At

REST_SECONDS = 0.01
OURS, THEIRS = 64, 128
"""How long a swap and a rest last at most; widths of the pictures of the source and of the canary."""


@dataclass(slots=True)
class ToolTally:
    """How the rounds ended."""

    ends: Counter[str] = field(default_factory=Counter)
    escapes: list[str] = field(default_factory=list)


def put_footage(arena: Arena) -> None:
    """Put real clips in place of the sources."""
    for tree, width in ((arena.root, OURS), (arena.canary, THEIRS)):
        clip = tree / CLIP
        made = clip.with_name("made.mov")
        source = f"testsrc=size={width}x64:rate=25:duration=0.2"
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264", str(made)], check=True)
        shutil.move(made, clip)


def race_tools(*, arena: Arena, at: At, runner: ToolRunner, rounds: int, seed: int) -> ToolTally:
    """Probe and encode beside the swapper."""
    before, tally = arena.snapshot(), ToolTally()
    with swapping(arena, seed=seed, rest=REST_SECONDS):
        asyncio.run(_rounds(at, runner, rounds, tally))
    if arena.snapshot() != before:
        tally.escapes.append("the canary tree changed")
    return tally


async def _rounds(at: At, runner: ToolRunner, rounds: int, tally: ToolTally) -> None:
    for number in range(rounds):
        try:
            await (_probe(at, runner, tally) if number % 2 else _encode(at, runner, number, tally))
        except (OSError, LauncherError) as error:
            tally.ends[f"stopped by {type(error).__name__}"] += 1


async def _probe(at: At, runner: ToolRunner, tally: ToolTally) -> None:
    found = await probe_source(
        runner=runner, path=at(CLIP), source=RootPath(root="media", path=CLIP), ffprobe="ffprobe"
    )
    if found.facts is None or found.facts.video is None:
        tally.ends["probe refused"] += 1
        return
    tally.ends["probed"] += 1
    if found.facts.video.width != OURS:
        tally.escapes.append("ffprobe told of the canary")


async def _encode(at: At, runner: ToolRunner, number: int, tally: ToolTally) -> None:
    source, staged = at(CLIP), at(f"out/day/.proxx/tool{number}.mov")
    evidence = (evidence_of(source), evidence_of(staged.parent))
    words = ("ffmpeg", "-nostdin", "-n", "-v", "error", "-i", f"file:{host_path(source)}", "-c:v", "mpeg4")
    try:
        done = await runner.run(
            ToolRequest(
                argv=(*words, f"file:{host_path(staged)}"),
                readable=(host_path(source),),
                writable=(host_path(staged).parent,),
                timeout_seconds=20,
                evidence=evidence,
            )
        )
        tally.ends["encoded" if done.ok else "encode failed"] += 1
        if done.ok and _width(staged) != OURS:
            tally.escapes.append("ffmpeg read the canary")
    finally:
        with contextlib.suppress(OSError):
            staged.unlink()


def _width(staged: Where) -> int:
    """Return the width of the picture in a staged file, read without leaving the root."""
    with os.fdopen(open_at(staged, open_flags.READ), "rb") as file:
        words = ["ffprobe", "-v", "error", "-show_entries", "stream=width", "-of", "csv=p=0", "-"]
        found = subprocess.run(words, check=True, capture_output=True, stdin=file)
    return int(found.stdout.split()[0])
