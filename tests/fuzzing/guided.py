"""A coverage-guided loop of our own: files that run a new jump between lines of the readers, or run one far more often,
are kept and changed again.

Python 3.11 has no cheap way to watch lines, so a tracing function is set for the readers' own code alone, and only one
file in a few is watched.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any

from tests.fuzzing.mutate import mutate
from tests.fuzzing.properties import check_cost, examine, examine_twice
from tests.fuzzing.trees import grow
from tests.unit.core.sources.headers import HEADERS

READERS = str(Path(sys.modules[examine.__module__].__file__ or "").parents[2] / "src/proxx/core/sources")

WATCHED_EVERY = 8
"""One file in so many is traced, which costs ten times a plain look; the rest only has to hold."""

_COST_EVERY = 200
_TWICE_EVERY = 10
_FRESH = 0.15
_RECENT = 0.5
_LATEST = 64

SEEDS = tuple(bytes([index % 256]) + header.data for index, header in enumerate(HEADERS))
"""What a loop begins with; the first byte picks the name."""

Jump = tuple[CodeType, int, int, int]


@dataclass
class Tally:
    """What a loop did. `failures` are inputs with what was wrong; `jumps` are those of the readers that ran."""

    inputs: int = 0
    costed: int = 0
    most_seconds: float = 0.0
    most_memory: int = 0
    corpus: list[bytes] = field(default_factory=list)
    jumps: set[Jump] = field(default_factory=set)
    failures: list[tuple[bytes, str]] = field(default_factory=list)


class Watcher:
    """Collects the jumps between lines of the code below a folder, and how often each ran (as a power of two)."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._counts: dict[tuple[CodeType, int, int], int] = {}

    def jumps_of(self, look: Callable[[bytes], object], data: bytes) -> set[Jump]:
        """Run `look` on the file and return what it ran."""
        self._counts = {}
        sys.settrace(self._call)
        try:
            look(data)
        finally:
            sys.settrace(None)
        return {(*jump, count.bit_length()) for jump, count in self._counts.items()}

    def lines_of(self, look: Callable[[bytes], object], data: bytes) -> int:
        """Run `look` on the file and return how many lines it ran."""
        self.jumps_of(look, data)
        return sum(self._counts.values())

    def _call(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(self._folder):
            return None
        before, counts = 0, self._counts

        def line(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            jump = (code, before, frame.f_lineno)
            counts[jump] = counts.get(jump, 0) + 1
            before = frame.f_lineno
            return line

        return line


def run_guided(
    *,
    seed: int,
    look: Callable[[bytes], object] = examine,
    folder: str = READERS,
    inputs: int | None = None,
    seconds: float | None = None,
    costs: bool = True,
    seeds: Sequence[bytes] = SEEDS,
    watched_every: int = WATCHED_EVERY,
    most_failures: int = 10,
) -> Tally:
    """Change files until so many were looked at, or so long; the seed decides all but the time."""
    random, tally, watcher = Random(seed), Tally(), Watcher(folder)
    until = time.monotonic() + seconds if seconds is not None else None
    while (inputs is None or tally.inputs < inputs) and (until is None or time.monotonic() < until):
        first = tally.inputs < len(seeds)
        data = seeds[tally.inputs] if first else _next(random, tally.corpus)
        watched = first or tally.inputs % watched_every == 0
        tally.inputs += 1
        try:
            new = _watch(tally, watcher, look, data) if watched else _look(look, data)
            if costs and (new or tally.inputs % _COST_EVERY == 0):
                _cost(tally, data)
            if costs and tally.inputs % _TWICE_EVERY == 0:
                examine_twice(data)
        except Exception as error:  # noqa: BLE001  whatever comes out of a reader is the finding
            tally.failures.append((data, f"{type(error).__name__}: {error}"))
            if len(tally.failures) >= most_failures:
                break
    return tally


def _watch(tally: Tally, watcher: Watcher, look: Callable[[bytes], object], data: bytes) -> bool:
    """Look at a file and keep it when it ran something new."""
    jumps = watcher.jumps_of(look, data)
    if jumps <= tally.jumps:
        return False
    tally.jumps |= jumps
    tally.corpus.append(data)
    return True


def _look(look: Callable[[bytes], object], data: bytes) -> bool:
    look(data)
    return False


def _next(random: Random, corpus: list[bytes]) -> bytes:
    if not corpus or random.random() < _FRESH:
        return bytes([random.randrange(256)]) + grow(random)
    pool = corpus[-_LATEST:] if random.random() < _RECENT else corpus
    return mutate(random.choice(pool), random=random, other=random.choice(corpus))


def _cost(tally: Tally, data: bytes) -> None:
    seconds, held = check_cost(data)
    tally.costed += 1
    tally.most_seconds, tally.most_memory = max(tally.most_seconds, seconds), max(tally.most_memory, held)
