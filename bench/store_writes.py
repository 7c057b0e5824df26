"""Durable empty write transactions through the store, alone and grouped, on SQLite and PostgreSQL in turn."""

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from proxx_scheduler.app.ports import Tx
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.store import SqlStore
from tools.postgres_server import postgres_server

ALONE = 300
GROUPED = 4000
CALLERS = 100


def measure(*, rounds: int) -> dict[str, Any]:
    """Writes a second, each acknowledged after its sync, data of both on the disk of the temporary directory."""
    found: dict[str, list[dict[str, float]]] = {"sqlite": [], "postgresql": []}
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as directory, postgres_server() as server:
        for number in range(rounds):
            file = database_address(str(Path(directory) / f"{number}.db"))
            found["sqlite"].append(asyncio.run(_rates(file)))
            found["postgresql"].append(asyncio.run(_rates(database_address(server.create()))))
    return {"rounds": found, "load_average": os.getloadavg()[0], "callers": CALLERS}


def table(measured: dict[str, Any]) -> str:
    """Medians, and as multiples of SQLite with one caller."""
    lines = [
        f"Durable empty writes, {measured['callers']} callers when grouped, load {measured['load_average']:.2f}",
        f"  {'':<12}{'alone /s':>10}{'grouped /s':>12}{'alone x':>10}{'grouped x':>11}",
    ]
    one = _median(measured["rounds"]["sqlite"], "alone")
    for name, rounds in measured["rounds"].items():
        alone, grouped = _median(rounds, "alone"), _median(rounds, "grouped")
        lines.append(f"  {name:<12}{alone:>10.0f}{grouped:>12.0f}{alone / one:>10.2f}{grouped / one:>11.1f}")
    return "\n".join(lines)


def _median(rounds: list[dict[str, float]], key: str) -> float:
    return statistics.median(entry[key] for entry in rounds)


async def _rates(address: DatabaseAddress) -> dict[str, float]:
    store = SqlStore(database=open_database(address=address, holder="bench"), on_commit=_nobody)
    store.start()
    try:
        await _write(store, count=20)
        began = time.perf_counter()
        await _write(store, count=ALONE)
        alone = ALONE / (time.perf_counter() - began)
        began = time.perf_counter()
        await asyncio.gather(*(_write(store, count=GROUPED // CALLERS) for _ in range(CALLERS)))
        return {"alone": alone, "grouped": GROUPED / (time.perf_counter() - began)}
    finally:
        await store.close()


async def _write(store: SqlStore, *, count: int) -> None:
    for _ in range(count):
        await store.write(_nothing)


def _nothing(tx: Tx) -> None:
    """Write nothing: the transaction itself is what costs."""


def _nobody(effects: object) -> None:
    """Tell nobody."""
