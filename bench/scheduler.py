"""`bench scheduler`: what is promised of the scheduler as a system of record, measured, one part after another."""

from collections.abc import Callable
from typing import Any

from bench import bulk_submit, claims, deep_queue, no_op_rate, renewing_fleet, small_queue, start_latency

PARTS = ("rate", "latency", "submit", "depth", "fleet", "fairness")


def measure(*, parts: tuple[str, ...], rounds: int, short: bool, million: bool) -> dict[str, Any]:
    """Measure some parts. `short` is a look whether all of it still runs: SQLite only, peers only where they are."""
    kinds: tuple[str, ...] = ("sqlite",) if short else claims.kinds()
    depths = (1000,) if short else (100_000, *((1_000_000,) if million else ()))
    samples, install = (20, False) if short else (150, True)
    runs: dict[str, Callable[[], dict[str, Any]]] = {
        "rate": lambda: no_op_rate.measure(
            clips=200 if short else 5000, rounds=rounds, kinds=kinds, peers=True, install=install
        ),
        "latency": lambda: start_latency.measure(
            samples=samples, rounds=rounds, kinds=kinds, peers=True, install=install
        ),
        "submit": lambda: bulk_submit.measure(clips=1000 if short else 20_000, rounds=rounds, kinds=kinds),
        "depth": lambda: deep_queue.measure(depths=depths, kinds=kinds),
        "fleet": lambda: renewing_fleet.measure(executors=10 if short else 200, seconds=3 if short else 30),
        "fairness": lambda: small_queue.measure(clips=1000 if short else 100_000, rounds=rounds),
    }
    return {part: runs[part]() for part in parts}


def table(found: dict[str, Any]) -> str:
    """The tables of all parts."""
    tables = {
        "rate": no_op_rate.table, "latency": start_latency.table, "submit": bulk_submit.table,
        "depth": deep_queue.table, "fleet": renewing_fleet.table, "fairness": small_queue.table,
    }  # fmt: skip
    return "\n\n".join(tables[part](each) for part, each in found.items())
