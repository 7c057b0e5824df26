"""The life of a process: one signal drains it, a second ends it at once."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from proxx.runtime.lifeline import die_with_parent

Main = Callable[[asyncio.Event], Coroutine[Any, Any, int]]
GARBAGE_THRESHOLD = 50_000
"""So many more records than before make a search for garbage among the young ones; Python's own number is 700."""

SWITCH_SECONDS = 0.001
"""How long a thread waits for another one that computes. A transaction waits for its turn dozens of times."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run_process(main: Main) -> int:
    """Run `main` in a new event loop and return its exit code. Its argument is set when the process is to drain.

    SIGTERM and SIGINT set it; the second one exits at once with 128 plus the signal's number. Where the environment
    carries a lifeline, the process dies with its parent. To be called from the main thread, before gRPC is used: gRPC's
    fork handlers are switched off, because they break calls of a process that starts tools.
    """
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    die_with_parent()
    _settle_interpreter()
    return asyncio.run(_supervised(main))


def _settle_interpreter() -> None:
    """Keep the interpreter from pausing: what was loaded stays, and is not gone through again for garbage.

    Records that come and go are freed by their counts; the search for circles goes through everything that lives.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)
    sys.setswitchinterval(SWITCH_SECONDS)


async def _supervised(main: Main) -> int:
    drain = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        _listen_on_windows(loop, drain)
        return await main(drain)
    for number in _SIGNALS:
        loop.add_signal_handler(number, _on_signal, number, drain)
    try:
        return await main(drain)
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


def _listen_on_windows(loop: asyncio.AbstractEventLoop, drain: asyncio.Event) -> None:
    """The event loop takes no signal handlers there; Ctrl+Break, or a service manager's, comes as SIGBREAK."""

    def on_signal(number: int, frame: object) -> None:
        del frame
        loop.call_soon_threadsafe(_on_signal, signal.Signals(number), drain)

    for known in (*_SIGNALS, *(item for item in signal.Signals if item.name == "SIGBREAK")):
        signal.signal(known, on_signal)


def _on_signal(number: signal.Signals, drain: asyncio.Event) -> None:
    log = structlog.stdlib.get_logger("proxx.runtime")
    if drain.is_set():
        log.warning("process.exit_at_once", signal=number.name)
        os._exit(128 + number)
    log.info("process.drain", signal=number.name)
    drain.set()
