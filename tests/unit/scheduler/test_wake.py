"""The signal that there may be work."""

import asyncio

from proxx_scheduler.app.wake import Wake


async def test_a_waiter_that_looked_before_the_call_is_woken_though_another_looks_after_it() -> None:
    wake = Wake()
    first = wake.seen()
    wake.set()
    second = wake.seen()
    await asyncio.wait_for(first.wait(), 1)
    assert (first.is_set(), second.is_set()) == (True, False)


async def test_one_call_wakes_everybody_who_waits() -> None:
    wake = Wake()
    waiters = [asyncio.create_task(wake.seen().wait()) for _ in range(3)]
    await asyncio.sleep(0)
    wake.set()
    assert await asyncio.wait_for(asyncio.gather(*waiters), 1) == [True, True, True]
