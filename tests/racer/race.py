"""Running a race: the swapper beside the rounds, and what became of the canary tree."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from proxx.core.roots import RootPath
from proxx.engine.mounts import MountTable
from proxx.runtime.beneath import Opener, open_beneath
from tests.racer.arena import Arena, build_arena
from tests.racer.rounds import At, Tally, one_round

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a race ended. `escapes` are sentences, none is what is wanted."""

    tally: Tally
    swaps: int
    seconds: float
    escapes: tuple[str, ...]


def guarded(arena: Arena, *, opener: Opener = open_beneath) -> At:
    """Return the places that steps use: they never leave the root."""
    mounts = MountTable({"media": arena.root}, opener=opener)
    return lambda path: mounts.rooted(RootPath(root="media", path=path))


def by_path(arena: Arena) -> At:
    """Return plain paths: the control, which shows that the swaps lead out."""
    return lambda path: arena.root / path


def race(*, arena: Arena, at: At, rounds: int, seed: int) -> Outcome:
    """Do the rounds beside the swapper."""
    before, tally = arena.snapshot(), Tally(arena.canary_inodes())
    began = time.monotonic()
    with swapping(arena, seed=seed) as swapper:
        for number in range(rounds):
            one_round(at, number, tally)
    swaps = int(swapper[0] or 0)
    escapes = list(tally.escapes)
    after = arena.snapshot()
    if after != before:
        changed = sorted({item[0] for item in set(after) ^ set(before)})
        escapes.append(f"the canary tree changed: {len(changed)} paths, for example {changed[0]}")
    return Outcome(tally=tally, swaps=swaps, seconds=time.monotonic() - began, escapes=tuple(escapes))


@contextmanager
def swapping(arena: Arena, *, seed: int, rest: float = 0) -> Iterator[list[str]]:
    """Run the swapper while the block runs; afterwards the list holds what it printed. It rests `rest` seconds."""
    said: list[str] = []
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.racer.swapper", str(arena.root), str(seed), str(rest)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield said
    finally:
        said.append(process.communicate(timeout=60)[0].strip())


@contextmanager
def arena() -> Iterator[Arena]:
    """Yield a fresh arena, in memory where the host has a place for that."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="proxx-racer-", dir=memory if memory.is_dir() else None) as base:
        yield build_arena(Path(base).resolve())
