"""What runs for as long as the process ends the process when it ends by itself, and is never silent."""

import asyncio

from structlog.testing import capture_logs

from proxx.runtime.background import Background


async def dies() -> None:
    raise KeyError("a defect")


async def ends() -> None:
    pass


async def lasts() -> None:
    await asyncio.Event().wait()


async def dies_when_it_is_stopped() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        raise KeyError("a defect")


def told(logs: list[object]) -> list[tuple[object, ...]]:
    return [(one["event"], one["log_level"], one["task"], type(one.get("exc_info"))) for one in logs]  # type: ignore[index]


async def test_a_task_that_dies_drains_the_process_and_is_named_with_its_error() -> None:
    drain = asyncio.Event()
    background = Background(drain=drain)
    with capture_logs() as logs:
        lasting = background.start(lasts(), name="lasting")
        background.start(dies(), name="dying")
        await asyncio.wait_for(drain.wait(), 10)
    assert background.dead == "dying"
    assert told(list(logs)) == [("task.died", "error", "dying", KeyError)]
    await background.stop(lasting)


async def test_a_task_that_returns_and_one_that_was_cancelled_behind_our_back_drain_the_process() -> None:
    drain = asyncio.Event()
    background = Background(drain=drain)
    with capture_logs() as logs:
        lasting = background.start(lasts(), name="lasting")
        background.start(ends(), name="ending")
        await asyncio.wait_for(drain.wait(), 10)
        lasting.cancel()
        await asyncio.wait([lasting])
    assert background.dead == "ending"
    assert told(list(logs)) == [
        ("task.ended", "error", "ending", type(None)),
        ("task.ended", "error", "lasting", type(None)),
    ]


async def test_tasks_that_are_stopped_are_no_news_unless_they_die_of_it() -> None:
    drain = asyncio.Event()
    background = Background(drain=drain)
    with capture_logs() as logs:
        tasks = [background.start(lasts(), name="good"), background.start(dies_when_it_is_stopped(), name="bad")]
        await asyncio.sleep(0)  # lets them begin
        await background.stop(*tasks)
        await background.stop(*tasks)  # does nothing to those that ended
    assert (background.dead, drain.is_set()) == ("", False)
    assert told(list(logs)) == [("task.died", "error", "bad", KeyError)]
