"""Many histories on several processes: counted, timed, and stopped at the first few that fail."""

import gc
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.simulation.history import Outcome, run_history, simulating
from tests.simulation.memory_backend import MemoryBackend
from tests.simulation.plan import Fault, HistoryPlan, draw_plan
from tests.simulation.sql_backend import SqlBackend

CHUNK = 100
MOST_FAILURES = 5
SQL_SHARE = 200
"""One history in so many runs on the product's own SQL; the others on the memory that must equal it."""


@dataclass(slots=True)
class Tally:
    """What a campaign saw. `failing` are seeds with the names of what they broke."""

    histories: int = 0
    events: int = 0
    steps: int = 0
    virtual_seconds: float = 0.0
    on_sql: int = 0
    states: Counter[str] = field(default_factory=Counter)
    failing: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what another process saw."""
        self.histories += other.histories
        self.events += other.events
        self.steps += other.steps
        self.virtual_seconds += other.virtual_seconds
        self.on_sql += other.on_sql
        self.states += other.states
        self.failing += other.failing


def backend_of(seed: int) -> Callable[[], Any]:
    """Return the database that a seed runs on in a campaign."""
    return SqlBackend if seed % SQL_SHARE == 0 else MemoryBackend


def run_seeds(first: int, last: int) -> Tally:
    """Run the histories of these seeds, `last` not included."""
    tally = Tally()
    gc.freeze()  # what is imported stays: the sweep below looks at what the histories left only
    with simulating():
        for seed in range(first, last):
            outcome = run_history(draw_plan(seed), backend=backend_of(seed))
            tally.histories += 1
            tally.events += outcome.events
            tally.steps += outcome.steps
            tally.virtual_seconds += outcome.seconds
            tally.on_sql += seed % SQL_SHARE == 0
            tally.states.update(str(state) for state in outcome.states)
            tally.failing += [(seed, item.name, item.text) for item in outcome.violations[:1]]
        gc.collect()
    gc.unfreeze()
    return tally


def _chunk(bounds: tuple[int, int]) -> Tally:
    return run_seeds(*bounds)


def run_campaign(*, first: int, histories: int | None, seconds: float | None, processes: int) -> Tally:
    """Run histories from seed `first` on, so many or so long, and stop early after MOST_FAILURES failing ones."""
    tally, end = Tally(), None if seconds is None else time.monotonic() + seconds

    def chunks() -> Iterator[tuple[int, int]]:
        start, stop = first, None if histories is None else first + histories
        while (stop is None or start < stop) and (end is None or time.monotonic() < end):
            after = start + CHUNK if stop is None else min(start + CHUNK, stop)
            yield start, after
            start = after

    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pending: list[Any] = []
        source = chunks()
        done = False
        while True:
            while not done and len(pending) < processes + 1:
                bounds = next(source, None)
                if bounds is None:
                    done = True
                else:
                    pending.append(pool.apply_async(_chunk, (bounds,)))
            if not pending:
                return tally
            tally.add(pending.pop(0).get())
            if len(tally.failing) >= MOST_FAILURES:
                pool.terminate()
                return tally


def shrink(plan: HistoryPlan, *, name: str) -> tuple[HistoryPlan, Outcome]:
    """Return the same seed with fewer kinds of faults that still breaks the same promise; the outcome has the trace."""

    def broken(candidate: HistoryPlan) -> bool:
        found = run_history(candidate, backend=MemoryBackend).violations
        return bool(found) and found[0].name == name

    for fault in sorted(plan.faults):
        candidate = replace(plan, faults=plan.faults - {fault})
        if broken(candidate):
            plan = candidate
    return plan, run_history(plan, backend=MemoryBackend, trace=True)


def shortest(failing: list[tuple[int, str, str]]) -> tuple[HistoryPlan, Outcome]:
    """Return the failing history with the shortest trace, shrunk."""
    with simulating():
        found = [shrink(draw_plan(seed), name=name) for seed, name, _ in failing]
    return min(found, key=lambda pair: len(pair[1].trace))


def only(plan: HistoryPlan, names: str) -> HistoryPlan:
    """Return a plan with the named kinds of faults only."""
    return replace(plan, faults=frozenset(Fault(name) for name in names.split(",") if name))
