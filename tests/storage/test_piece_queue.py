"""What waits for the writing thread: executors' pieces first, and in the middle of a transaction, too."""

import asyncio
import threading
from collections.abc import Callable

from proxx_scheduler.app.ports import Tx
from proxx_scheduler.storage.piece_queue import PieceQueue
from tests.storage.test_store import Harness, harness

__all__ = ["harness"]


def test_what_goes_first_goes_first_and_each_line_keeps_its_order() -> None:
    queue: PieceQueue[str] = PieceQueue()
    for item in ("a", "b"):
        queue.put(item)
    for item in ("x", "y"):
        queue.put(item, first=True)
    assert [queue.take(timeout=0) for _ in range(5)] == ["x", "y", "a", "b", None]


def test_what_waits_is_taken_up_to_a_limit() -> None:
    queue: PieceQueue[str] = PieceQueue()
    for item in ("a", "b"):
        queue.put(item)
    queue.put("x", first=True)
    assert [queue.take_first(9), queue.take_first(9), queue.take_waiting(1), queue.take_waiting(9)] == [
        ["x"], [], ["a"], ["b"],
    ]  # fmt: skip


async def test_an_executors_write_overtakes_all_that_wait_when_it_comes(harness: Harness) -> None:
    held, running = threading.Event(), threading.Event()
    order: list[str] = []

    def hold(tx: Tx) -> None:
        running.set()
        held.wait(10)

    def noting(name: str) -> Callable[[Tx], None]:
        return lambda _tx: order.append(name)

    store = harness.store
    holding = asyncio.create_task(store.write(hold))
    await asyncio.to_thread(running.wait, 10)
    others = [asyncio.create_task(store.write(noting(name))) for name in ("a", "b")]
    first = asyncio.create_task(store.first.write(noting("executor")))
    await asyncio.sleep(0)  # lets all of them reach the queue
    held.set()
    await asyncio.gather(holding, first, *others)
    assert order == ["executor", "a", "b"]
