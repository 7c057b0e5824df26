"""A scheduler of which a part died ends by itself with exit code 4, so that whoever supervises it starts it again."""

import asyncio
import ctypes
import threading
from pathlib import Path

import pytest

from proxx_scheduler.bootstrap import SYSTEM_ERROR, serve
from proxx_scheduler.settings import SchedulerSettings
from proxx_scheduler.storage.database import open_database
from tests.conftest import new_database
from tests.contract.world import LIBRARY


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lease-expiry", "sqlite"),
        ("store-health", "sqlite"),
        ("leader-probe", "postgresql"),
        ("leader-health", "postgresql"),
    ],
)
async def test_a_scheduler_ends_with_the_tasks_on_which_others_rely(
    request: pytest.FixtureRequest, tmp_path: Path, name: str, kind: str
) -> None:
    address = new_database(request, kind=kind, directory=tmp_path)
    standby = kind == "postgresql"
    leader = open_database(address=address, holder="leader") if standby else None
    settings = SchedulerSettings(
        listen="127.0.0.1:0", database=address, metrics="off", standby=standby, grace_seconds=1
    )
    serving = asyncio.create_task(serve(settings=settings, library=LIBRARY, drain=asyncio.Event()))
    async with asyncio.timeout(20):
        task = await started(name, serving)
        task.cancel()
        assert await serving == SYSTEM_ERROR
    if leader is not None:
        leader.close()


async def test_a_scheduler_ends_with_the_thread_that_writes(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    address = new_database(request, kind="postgresql", directory=tmp_path)
    settings = SchedulerSettings(listen="127.0.0.1:0", database=address, metrics="off", standby=True, grace_seconds=1)
    serving = asyncio.create_task(serve(settings=settings, library=LIBRARY, drain=asyncio.Event()))
    async with asyncio.timeout(20):
        await started("store-health", serving)
        (writer,) = (thread.ident or 0 for thread in threading.enumerate() if thread.name == "proxx-store")
        # What no code can do by itself: an error between two statements of that thread. All that the start writes is
        # written by now, so it waits for work, and on PostgreSQL wakes by itself to prove its term.
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(writer), ctypes.py_object(DefectError))
        assert await serving == SYSTEM_ERROR


class DefectError(Exception):
    """Stands for what must never happen."""


async def started(name: str, serving: "asyncio.Task[int]") -> "asyncio.Task[object]":
    """Wait until a task of this name runs."""
    while not serving.done():
        for task in asyncio.all_tasks():
            if task.get_name() == name:
                return task
        await asyncio.sleep(0)
    raise AssertionError(f"the scheduler ended before {name} ran: {serving.result()}")
