"""Work that must come to its end, whatever cancellations arrive meanwhile."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def run_through(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return its value; a cancellation that arrived meanwhile is raised then.

    Raises:
        CancelledError: the caller was cancelled; the work is done nevertheless.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    value = task.result()
    if cancelled is not None:
        raise cancelled
    return value
