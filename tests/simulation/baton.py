"""Blocking code that can stop in its middle while virtual time passes: one real thread, and one runner at a time."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_OWN = threading.local()


@dataclass(frozen=True, slots=True)
class BatonPass:
    """The code stalls for so many virtual seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class BatonEnd:
    """The code ended."""

    result: Any = None
    error: BaseException | None = None


class Baton:
    """Runs blocking code by turns with the event loop: exactly one of the two runs at any time."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._mine = threading.Semaphore(0)
        self._theirs = threading.Semaphore(0)
        self._step: BatonPass | BatonEnd = BatonPass(0)
        self._end_with: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = self._ended = False

    def go(self) -> BatonPass | BatonEnd:
        """Let the code run until it stalls or ends."""
        if self._started:
            self._mine.release()
        else:
            self._started = True
            self._thread.start()
        self._theirs.acquire()
        if isinstance(self._step, BatonEnd):
            self._ended = True
            self._thread.join()
        return self._step

    def end(self, error: BaseException) -> None:
        """Raise `error` in code that stalls, now and at each further stall, until it has ended."""
        self._end_with = error
        while self._started and not self._ended:
            self.go()

    def _run(self) -> None:
        _OWN.baton = self
        try:
            self._step = BatonEnd(result=self._work())
        except BaseException as error:  # noqa: BLE001  handed to whoever waits, whole
            self._step = BatonEnd(error=error)
        self._theirs.release()

    def pause(self, seconds: float) -> None:
        """Called by the code itself: hand over, and go on after so many virtual seconds."""
        if self._end_with is not None:
            raise self._end_with
        self._step = BatonPass(seconds)
        self._theirs.release()
        self._mine.acquire()
        if self._end_with is not None:
            raise self._end_with


def own_baton() -> Baton | None:
    """Return the baton of the thread that asks, None on the event loop's own."""
    return getattr(_OWN, "baton", None)
