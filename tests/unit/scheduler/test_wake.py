"""The signal that there may be work."""

import asyncio
import contextlib

from proxx_scheduler.app.wake import Turn, Wake


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


async def test_a_call_reaches_one_of_each_kind_that_waits_longest() -> None:
    wake = Wake()
    with wake.turn("ffmpeg") as first, wake.turn("ffmpeg") as second, wake.turn("resolve") as other:
        wake.set()
        assert called(first, second, other) == (True, False, True)
        wake.set()
        assert called(first, second, other) == (True, True, True)


async def test_what_one_was_called_for_is_told_to_the_next_when_it_goes_away() -> None:
    wake = Wake()
    with wake.turn("ffmpeg") as second, wake.turn("ffmpeg") as third, contextlib.ExitStack() as stack:
        gone = stack.enter_context(wake.turn("ffmpeg"))
        second.called.set()
        third.called.set()
        wake.set()
        assert gone.called.is_set()
        third.called.clear()
        stack.close()
        assert called(second, third) == (True, True)


async def test_one_that_looked_in_vain_is_called_again() -> None:
    wake = Wake()
    with wake.turn("ffmpeg") as turn:
        wake.set()
        turn.called.clear()
        wake.set()
        assert turn.called.is_set()


async def test_one_that_stands_aside_keeps_no_call_from_others_and_misses_none() -> None:
    wake = Wake()
    with wake.turn("ffmpeg") as barred, wake.turn("ffmpeg") as free:
        wake.set()
        assert called(barred, free) == (True, False)
        wake.stand_aside(barred)
        assert called(barred, free) == (True, True)
        barred.called.clear()
        free.called.clear()
        wake.set()
        assert called(barred, free) == (True, True)
        wake.come_back(barred)
        barred.called.clear()
        free.called.clear()
        wake.set()
        assert called(barred, free) == (False, True)


async def test_news_for_everybody_reaches_everybody() -> None:
    wake = Wake()
    with wake.turn("ffmpeg") as first, wake.turn("ffmpeg") as second:
        wake.set_all()
        assert called(first, second) == (True, True)


def called(*turns: Turn) -> tuple[bool, ...]:
    return tuple(turn.called.is_set() for turn in turns)
