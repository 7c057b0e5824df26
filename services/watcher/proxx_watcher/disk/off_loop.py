"""Blocking disk calls off the event loop: one thread a folder, so that a disk that hangs holds up only its own."""

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

Answer = TypeVar("Answer")
_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Runs(Protocol):
    """Whatever makes blocking calls for somebody who waits."""

    async def run(self, call: Callable[[], Answer]) -> Answer:
        """Make the call and return its answer, or raise what it raised."""
        ...


class DiskThread:
    """Runs calls one after another. The thread is a daemon: a call that never returns does not keep the process."""

    def __init__(self, *, name: str) -> None:
        """Take the name of the thread; it starts with the first call."""
        self._name = name
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def run(self, call: Callable[[], Answer]) -> Answer:
        """Make the call in the thread and return its answer, or raise what it raised."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._jobs.put((call, loop, future))
        return await future

    def _work(self) -> None:
        while True:
            call, loop, future = self._jobs.get()
            try:
                answer, error = call(), None
            except BaseException as raised:  # noqa: BLE001  whatever it is, it belongs to who asked
                answer, error = None, raised
            try:
                loop.call_soon_threadsafe(_settle, future, answer, error)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more


def _settle(future: "asyncio.Future[Any]", answer: object, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(answer)
