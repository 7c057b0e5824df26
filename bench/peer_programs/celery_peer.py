"""Celery's side of the benchmarks: runs in the peers' own environment, as the workers' application and as the client.

`python celery_peer.py submit COUNT` submits tasks that do nothing. `latency COUNT PAUSE FILE` submits one after another
to an idle queue and prints a JSON list of the seconds from each submission to the start of its task.
"""

import json
import os
import sys
import time
from pathlib import Path

from celery import Celery

RESULTS = os.environ.get("PROXX_BENCH_RESULTS")
PATIENCE_SECONDS = 30.0
app = Celery("celery_peer", broker=os.environ["PROXX_BENCH_BROKER"], backend=RESULTS)
app.conf.update(
    task_acks_late=True,
    task_ignore_result=RESULTS is None,
    worker_prefetch_multiplier=64,  # what Celery's documentation advises for short tasks
    broker_connection_retry_on_startup=True,
)


@app.task
def nothing() -> None:
    """Do nothing."""


@app.task(ignore_result=True)
def note(path: str, number: int) -> None:
    """Say when this task began."""
    began = time.time()
    with Path(path).open("a", encoding="ascii") as file:
        file.write(f"{number} {began!r}\n")


def submit(count: int) -> None:
    """Submit tasks over one connection."""
    with app.producer_or_acquire() as producer:
        for _ in range(count):
            nothing.apply_async(producer=producer)


def latency(count: int, pause: float, path: Path) -> list[float]:
    """Submit tasks one by one; each starts before the next one is submitted."""
    submitted = []
    with app.producer_or_acquire() as producer:
        for number in range(count):
            submitted.append(time.time())
            note.apply_async((str(path), number), producer=producer)
            time.sleep(pause)
    deadline = time.monotonic() + PATIENCE_SECONDS
    lines: list[str] = []
    while len(lines) < count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(lines)} of {count} tasks ran")
        time.sleep(pause)
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    began = {int(number): float(moment) for number, moment in (line.split() for line in lines)}
    return [began[number] - moment for number, moment in enumerate(submitted)]


if __name__ == "__main__":
    if sys.argv[1] == "submit":
        submit(int(sys.argv[2]))
    else:
        print(json.dumps(latency(int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))))
