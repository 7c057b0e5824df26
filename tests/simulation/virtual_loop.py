"""An event loop whose time is virtual and whose tasks belong to processes that can be killed and stopped.

Nothing waits: when nothing is ready, time jumps to the next timer. Every callback carries the context of the process
that asked for it, so a killed process (SIGKILL) never runs again, not even its `finally`, and a stopped one (SIGSTOP)
runs on later, with every timer that passed meanwhile due at once.
"""

import asyncio
import contextlib
import contextvars
import heapq
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from tests.simulation.baton import Baton, BatonPass

PROCESS: contextvars.ContextVar["Process | None"] = contextvars.ContextVar("simulated_process", default=None)
MOST_CLOSES = 20
MOST_STEPS = 200_000
"""A history that takes more goes round in a circle."""


class ProcessKilledError(BaseException):
    """Raised inside code of a process that is dead: no handler of the product may swallow it."""


class Process:
    """One simulated process: a name, whether it lives, and whether it is stopped at the moment."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.stopped = False
        self.frozen: deque[events.Handle] = deque()
        self.context = contextvars.copy_context()
        self.context.run(PROCESS.set, self)

    def kill(self) -> None:
        """SIGKILL: nothing of it runs any more."""
        self.alive = False
        self.frozen.clear()


def current_process() -> Process | None:
    """Return the process whose code runs now; None for the world around them."""
    return PROCESS.get()


class VirtualLoop(asyncio.BaseEventLoop):
    """A deterministic loop. `thread_delay` says how long work handed to a thread takes, and whether it may stall."""

    def __init__(self, *, thread_delay: Callable[[], float]) -> None:
        super().__init__()
        self._now = 0.0
        self._clock_resolution = 1e-9
        self._thread_delay = thread_delay
        self._tasks: list[asyncio.Task[Any]] = []
        self._batons: list[Baton] = []
        self.may_stall: Callable[[], bool] = lambda: False
        self.steps = 0
        self.stalled_for_ever = False
        self.errors: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _loop, context: self.errors.append(context))
        make_task: Any = self._make_task
        self.set_task_factory(make_task)

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any
    ) -> "asyncio.Task[Any]":
        task = asyncio.Task(work, loop=loop, **options)
        self._tasks.append(task)
        return task

    def spawn(self, process: Process, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Start a task that belongs to a process."""
        return self.create_task(work, context=process.context)

    def stop_process(self, process: Process, *, seconds: float) -> None:
        """SIGSTOP now, SIGCONT in so many seconds."""
        process.stopped = True
        self.call_later(seconds, self.continue_process, process)

    def continue_process(self, process: Process) -> None:
        """SIGCONT: what was held back runs in its old order."""
        process.stopped = False
        if process.alive:
            self._ready.extend(process.frozen)  # type: ignore[attr-defined]  # of BaseEventLoop
        process.frozen.clear()

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":  # type: ignore[override]  # nothing else is awaited of it
        """Run work for a thread after a delay, in one go, or stalling within where the world says so."""
        done: asyncio.Future[Any] = self.create_future()
        self.call_later(self._thread_delay(), self._run_as_thread, done, func, args)
        return done

    def _run_as_thread(self, done: "asyncio.Future[Any]", func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        if not self.may_stall():
            try:
                result = func(*args)
            except ProcessKilledError:
                return
            except BaseException as error:  # noqa: BLE001  handed to the waiting task whole
                _settle(done, error=error)
            else:
                _settle(done, result=result)
            return
        baton = Baton(lambda: func(*args))
        self._batons.append(baton)
        self._resume(baton, done)

    def _resume(self, baton: Baton, done: "asyncio.Future[Any]") -> None:
        step = baton.go()
        if isinstance(step, BatonPass):
            self.call_later(step.seconds, self._resume, baton, done)
        elif step.error is None:
            _settle(done, result=step.result)
        elif not isinstance(step.error, ProcessKilledError):
            _settle(done, error=step.error)

    def _run_once(self) -> None:
        ready: deque[Any] = self._ready  # type: ignore[attr-defined]  # of BaseEventLoop
        scheduled: list[Any] = self._scheduled  # type: ignore[attr-defined]  # of BaseEventLoop
        if not ready:
            while scheduled and scheduled[0]._cancelled:
                heapq.heappop(scheduled)
            if not scheduled:
                self.stalled_for_ever = True
                self.stop()
                return
            self._now = max(self._now, scheduled[0]._when)
            while scheduled and scheduled[0]._when <= self._now:
                ready.append(heapq.heappop(scheduled))
        for _ in range(len(ready)):
            handle = ready.popleft()
            if handle._cancelled:
                continue
            process = handle._context.get(PROCESS)
            if process is not None:
                if not process.alive:
                    continue
                if process.stopped:
                    process.frozen.append(handle)
                    continue
            self.steps += 1
            if self.steps > MOST_STEPS:
                self.stop()
                return
            handle._run()

    def dismantle(self) -> None:
        """End every thread and every task that is left, as silently as a machine that is switched off."""
        for baton in self._batons:
            baton.end(ProcessKilledError())
        for task in self._tasks:
            if task.done():
                if not task.cancelled():
                    task.exception()  # seen
                continue
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # of asyncio.Task
            coroutine = task.get_coro()
            for _ in range(MOST_CLOSES):
                # what awaits in a `finally` refuses to be closed once for each of its awaits
                with contextlib.suppress(BaseException):
                    coroutine.close()
                    break
        self._tasks.clear()
        self._ready.clear()  # type: ignore[attr-defined]  # of BaseEventLoop
        self._scheduled.clear()  # type: ignore[attr-defined]  # of BaseEventLoop
        self.close()


def _settle(done: "asyncio.Future[Any]", *, result: Any = None, error: BaseException | None = None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
