"""An event loop whose time is virtual and whose tasks belong to processes that can be killed and stopped.

Nothing waits: when nothing is ready, time jumps to the next timer. Every callback carries the context of the process
that asked for it, so a killed process (SIGKILL) never runs again, not even its `finally`, and a stopped one (SIGSTOP)
runs on later, with every timer that passed meanwhile due at once.
"""

import asyncio
import contextlib
import contextvars
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from tests.simulation.baton import Baton, BatonPass

PROCESS: contextvars.ContextVar["Process | None"] = contextvars.ContextVar("simulated_process", default=None)
MOST_CLOSES = 20
MOST_DONE_TASKS = 100
MOST_STEPS = 200_000
"""A history that takes more goes round in a circle."""


class ProcessKilledError(BaseException):
    """Raised inside code of a process that is dead: no handler of the product may swallow it."""


class Call:
    """A callback that waits for its turn: what asyncio asks of a handle, and no more. Histories make millions."""

    __slots__ = ("args", "callback", "context", "dropped", "due")

    def __init__(
        self, callback: Callable[..., Any], args: tuple[Any, ...], context: contextvars.Context | None, due: float
    ) -> None:
        self.callback = callback
        self.args = args
        self.context = contextvars.copy_context() if context is None else context
        self.due = due
        self.dropped = False

    def cancel(self) -> None:
        """Never run it."""
        self.dropped = True

    def cancelled(self) -> bool:
        """Whether it will never run."""
        return self.dropped

    def when(self) -> float:
        """Return when it is due."""
        return self.due


class Process:
    """One simulated process: a name, whether it lives, and whether it is stopped at the moment."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.stopped = False
        self.frozen: deque[Call] = deque()
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
        self._calls: deque[Call] = deque()
        self._timers: list[tuple[float, int, Call]] = []
        self._timed = 0
        self._thread_delay = thread_delay
        self._tasks: list[asyncio.Task[Any]] = []
        self._batons: list[Baton] = []
        self.may_stall: Callable[[], bool] = lambda: False
        self.steps = 0
        self.stalled_for_ever = False
        self.errors: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _loop, context: self.errors.append(context))

    def time(self) -> float:
        """Return the virtual time in seconds."""
        return self._now

    def call_soon(self, callback: Any, *args: Any, context: contextvars.Context | None = None) -> Any:  # type: ignore[override]  # a Call in place of a handle
        """Run a callback after everything that is ready."""
        call = Call(callback, args, context, self._now)
        self._calls.append(call)
        return call

    def call_later(self, delay: float, callback: Any, *args: Any, context: contextvars.Context | None = None) -> Any:  # type: ignore[override]  # a Call, too
        """Run a callback after so many seconds."""
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: contextvars.Context | None = None) -> Any:  # type: ignore[override]  # a Call, too
        """Run a callback at a time; of those due at one time the first that asked goes first."""
        call = Call(callback, args, context, when)
        self._timed += 1
        heapq.heappush(self._timers, (when, self._timed, call))
        return call

    def create_task(
        self, coro: Any, *, name: object = None, context: contextvars.Context | None = None
    ) -> "asyncio.Task[Any]":
        """Start a task, and know of it when the history ends."""
        task = asyncio.Task(coro, loop=self, name=name if name is None else str(name), context=context)
        self._tasks.append(task)
        if len(self._tasks) > MOST_DONE_TASKS:
            self._forget_done()
        return task

    def _forget_done(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.exception()  # seen
        self._tasks = [task for task in self._tasks if not task.done()]

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
            self._calls.extend(process.frozen)
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
        calls, timers = self._calls, self._timers
        if not calls:
            while timers and timers[0][2].dropped:
                heapq.heappop(timers)
            if not timers:
                self.stalled_for_ever = True
                self.stop()
                return
            self._now = now = max(self._now, timers[0][0])
            while timers and timers[0][0] <= now:
                calls.append(heapq.heappop(timers)[2])
        for _ in range(len(calls)):
            call = calls.popleft()
            if call.dropped:
                continue
            process = call.context.get(PROCESS)
            if process is not None:
                if not process.alive:
                    continue
                if process.stopped:
                    process.frozen.append(call)
                    continue
            self.steps += 1
            if self.steps > MOST_STEPS:
                self.stop()
                return
            try:
                call.context.run(call.callback, *call.args)
            except (SystemExit, KeyboardInterrupt):
                raise
            except BaseException as error:  # noqa: BLE001  asyncio's own rule for callbacks
                self.errors.append({"message": f"exception in {call.callback!r}", "exception": error})

    def dismantle(self) -> None:
        """End every thread and every task that is left, as silently as a machine that is switched off."""
        for baton in self._batons:
            baton.end(ProcessKilledError())
        self._forget_done()
        for task in self._tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # of asyncio.Task
            coroutine = task.get_coro()
            for _ in range(MOST_CLOSES):
                # what awaits in a `finally` refuses to be closed once for each of its awaits
                with contextlib.suppress(BaseException):
                    coroutine.close()
                    break
        self._tasks.clear()
        self._calls.clear()
        self._timers.clear()
        self.close()


def _settle(done: "asyncio.Future[Any]", *, result: Any = None, error: BaseException | None = None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
