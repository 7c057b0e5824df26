"""Several guided loops in processes of their own, and what they came to together."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from tests.fuzzing.guided import run_guided


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one process did; the files that it kept are `corpus`."""

    seed: int
    inputs: int
    costed: int
    most_seconds: float
    most_memory: int
    jumps: int
    corpus: tuple[bytes, ...]
    failures: tuple[tuple[bytes, str], ...]


def run_part(seed: int, *, seconds: float, watched_every: int) -> Part:
    """Run one loop, the same for the same seed but for its length."""
    tally = run_guided(seed=seed, seconds=seconds, watched_every=watched_every)
    return Part(
        seed=seed,
        inputs=tally.inputs,
        costed=tally.costed,
        most_seconds=tally.most_seconds,
        most_memory=tally.most_memory,
        jumps=len(tally.jumps),
        corpus=tuple(tally.corpus),
        failures=tuple(tally.failures),
    )


def run_parts(*, first_seed: int, processes: int, seconds: float, watched_every: int) -> Iterator[Part]:
    """Yield what each process did, in the order of their seeds."""
    seeds = range(first_seed, first_seed + processes)
    with ProcessPoolExecutor(max_workers=processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(run_part, seconds=seconds, watched_every=watched_every), seeds)
