"""The life of a process: one signal drains it, a second ends it at once."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from proxx.runtime.lifeline import die_with_parent

Main = Callable[[asyncio.Event], Coroutine[Any, Any, int]]
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run_process(main: Main) -> int:
    """Run `main` in a new event loop and return its exit code. Its argument is set when the process is to drain.

    SIGTERM and SIGINT set it; the second one exits at once with 128 plus the signal's number. Where the environment
    carries a lifeline, the process dies with its parent. To be called from the main thread, before gRPC is used: gRPC's
    fork handlers are switched off, because they break calls of a process that starts tools.
    """
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    die_with_parent()
    return asyncio.run(_supervised(main))


async def _supervised(main: Main) -> int:
    drain = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, _on_signal, number, drain)
    try:
        return await main(drain)
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _on_signal(number: signal.Signals, drain: asyncio.Event) -> None:
    log = structlog.stdlib.get_logger("proxx.runtime")
    if drain.is_set():
        log.warning("process.exit_at_once", signal=number.name)
        os._exit(128 + number)
    log.info("process.drain", signal=number.name)
    drain.set()
