"""Processes that die with their parent: a pipe whose other end only the parent holds, and the kernel's own signal.

The pipe works everywhere and also when the parent is killed; the kernel's signal (Linux) also ends a stopped child.
"""

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

LIFELINE_VARIABLE = "PROXX_PARENT_LIFELINE_FD"
PARENT_LOST_EXIT = 4
"""Exit code of a process whose parent is gone: service lost (DESIGN.md section 13)."""

_PR_SET_PDEATHSIG = 1


class Lifeline:
    """The parent's side. Give `pass_fds` and `environment` to each child; the children die when this closes.

    Start children from the main thread: the kernel's signal follows the thread that started them.
    """

    def __init__(self) -> None:
        """Open the pipe.

        Raises:
            OSError: no descriptor is free.
        """
        self._read, self._write = os.pipe()

    @property
    def pass_fds(self) -> tuple[int, ...]:
        """What the child must inherit."""
        return (self._read,)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the child's environment must carry."""
        return {LIFELINE_VARIABLE: str(self._read)}

    def close(self) -> None:
        """Let go: children that still run exit at once."""
        for descriptor in (self._write, self._read):
            os.close(descriptor)

    def __enter__(self) -> Self:
        """Return the lifeline."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        self.close()


def die_with_parent() -> None:
    """Tie this process to the lifeline that its environment names; without one, do nothing.

    Raises:
        ValueError: the variable names no open descriptor.
    """
    text = os.environ.pop(LIFELINE_VARIABLE, None)  # tools that this process starts must not see it
    if text is None:
        return
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{LIFELINE_VARIABLE} is {text!r}: expected the number of an open descriptor")
    descriptor = int(text)
    try:
        os.set_inheritable(descriptor, False)
    except OSError as error:
        raise ValueError(f"{LIFELINE_VARIABLE} is {text}: {error.strerror}") from error
    die_with_starter()
    # a thread of its own: a blocked event loop must not keep the process alive
    threading.Thread(target=_exit_at_end_of, args=(descriptor,), name="parent-lifeline", daemon=True).start()


def die_with_starter() -> None:
    """Have the kernel end this process with the thread that started it (Linux); elsewhere, do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _exit_at_end_of(descriptor: int) -> None:
    while os.read(descriptor, 1):
        continue
    os._exit(PARENT_LOST_EXIT)
