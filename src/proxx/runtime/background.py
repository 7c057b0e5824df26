"""Tasks that run as long as their process: one that ends by itself is a defect, and ends the process."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog


class Background:
    """Tasks that nobody waits for. `dead` names the first that ended by itself, "" while none did."""

    def __init__(self, *, drain: asyncio.Event) -> None:
        """Take what ends the process in order; it is set when a task ends by itself."""
        self.dead = ""
        self._drain = drain
        self._stopping: set[asyncio.Task[None]] = set()
        self._log = structlog.stdlib.get_logger("proxx.runtime")

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> "asyncio.Task[None]":
        """Run `work` until `stop`."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        return task

    async def stop(self, *tasks: "asyncio.Task[None]") -> None:
        """Cancel tasks and wait for them. What one raises meanwhile is logged."""
        for task in tasks:
            if not task.done():
                self._stopping.add(task)
                task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        stopped = task in self._stopping
        self._stopping.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._log.error("task.died", task=task.get_name(), exc_info=error)
        elif not stopped:
            self._log.error("task.ended", task=task.get_name())
        if not stopped:
            self.dead = self.dead or task.get_name()
            self._drain.set()
