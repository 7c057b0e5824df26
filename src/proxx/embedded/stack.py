"""Scheduler and FFmpeg executor, started together, watched together, ended together."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Mapping
from types import TracebackType

from proxx.embedded.child import Child
from proxx.embedded.errors import ChildFailedError
from proxx.embedded.stack_settings import StackSettings
from proxx.runtime.lifeline import Lifeline

_HANDED_ON = frozenset({"PROXX_SANDBOX", "PROXX_REQUIRE_SANDBOX", "PROXX_SANDBOX_READ"})
"""Settings that mean the same to every executor of this user; all others are on the command lines below."""

_DRAIN_SECONDS = 5.0
_EXECUTOR_GRACE_SECONDS = 20.0
_SCHEDULER_GRACE_SECONDS = 10.0


class Stack:
    """Both processes for as long as the context is open.

    Nothing is restarted. When one of them ends by itself, the body of the context is cancelled and ChildFailedError
    says which and how. Both end when this process ends, however it ends: they hold the read end of our lifeline.
    """

    def __init__(self, settings: StackSettings) -> None:
        """Take the settings; nothing starts yet."""
        self._settings = settings
        self._children: list[Child] = []
        self._watch: asyncio.Task[None] | None = None
        self._lifeline: Lifeline | None = None
        self._failure = ""
        self.address = settings.listen
        self.scheduler_ready: Mapping[str, object] = {}
        self.executor_ready: Mapping[str, object] = {}

    async def __aenter__(self) -> "Stack":
        """Start both at once and wait until both serve.

        Raises:
            ChildFailedError: one of them did not become ready.
        """
        self._lifeline = Lifeline()
        try:
            await self._start(self._lifeline)
        except BaseException:
            await self._end(kill=True)
            raise
        owner = asyncio.current_task()
        if owner is None:
            raise RuntimeError("a Stack is opened inside a task")
        self._watch = asyncio.create_task(self._watch_children(owner), name="embedded-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Drain the executor, then the scheduler.

        Raises:
            ChildFailedError: one of them had ended by itself.
        """
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        await self._end(kill=bool(self._failure))
        if self._failure:
            owner = asyncio.current_task()
            if owner is not None:
                owner.uncancel()
            raise ChildFailedError(self._failure) from None

    async def _start(self, lifeline: Lifeline) -> None:
        settings = self._settings
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PROXX_") or name in _HANDED_ON
        }
        commands = {"scheduler": scheduler_argv(settings), "ffmpeg_executor": executor_argv(settings, settings.listen)}
        dynamic = settings.listen.endswith(":0")
        for name, argv in commands.items():
            if dynamic and name == "ffmpeg_executor":
                self.scheduler_ready = await self._children[0].ready(timeout_seconds=settings.start_seconds)
                self.address = str(self.scheduler_ready["address"])
                argv = executor_argv(settings, self.address)
            log = None if settings.logs is None else settings.logs / f"{name}.log"
            self._children.append(
                await Child.start(name=name, argv=argv, lifeline=lifeline, environment=environment, log=log)
            )
        if not dynamic:
            self.scheduler_ready = await self._children[0].ready(timeout_seconds=settings.start_seconds)
        self.executor_ready = await self._children[1].ready(timeout_seconds=settings.start_seconds)

    async def _watch_children(self, owner: "asyncio.Task[object]") -> None:
        endings = [asyncio.create_task(child.ended()) for child in self._children]
        try:
            done, _ = await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for ending in endings:
                ending.cancel()
        self._failure = next(iter(done)).result()
        owner.cancel()

    async def _end(self, *, kill: bool) -> None:
        graces = (_SCHEDULER_GRACE_SECONDS, _EXECUTOR_GRACE_SECONDS)
        for child, grace in reversed(list(zip(self._children, graces, strict=False))):
            await (child.kill() if kill else child.stop(grace_seconds=grace))
        if self._lifeline is not None:
            self._lifeline.close()


def scheduler_argv(settings: StackSettings) -> list[str]:
    """Return the scheduler's command line. `-P` keeps the working directory out of Python's module path."""
    argv = [sys.executable, "-P", "-m", "proxx_scheduler", "--listen", settings.listen]
    argv += ["--database", str(settings.database), "--metrics", settings.scheduler_metrics]
    argv += ["--lease-seconds", f"{settings.lease_seconds:g}", "--log-format", settings.log_format]
    argv += ["--source-matrix", str(settings.source_matrix)]
    if settings.fence_after is not None:
        argv += ["--fence-after", str(settings.fence_after)]
    if settings.without_engine is not None:
        argv += ["--without-engine", settings.without_engine]
    for name, directory in settings.roots:
        argv += ["--root", f"{name}={directory}"]
    for queue in settings.queues:
        argv += ["--queue", queue]
    for resource in settings.resources:
        argv += ["--resource", resource]
    if settings.config is not None:
        argv += ["--config", str(settings.config)]
    if settings.insecure:
        argv.append("--insecure")
    if settings.profiles is not None:
        argv += ["--profiles", str(settings.profiles)]
    return argv


def executor_argv(settings: StackSettings, scheduler: str) -> list[str]:
    """Return the FFmpeg executor's command line."""
    argv = [sys.executable, "-P", "-m", "proxx_ffmpeg_executor", "--scheduler", scheduler]
    argv += ["--name", settings.executor_name, "--slots", str(settings.slots), "--metrics", settings.executor_metrics]
    argv += ["--health", settings.executor_health]
    argv += ["--ffmpeg", settings.ffmpeg, "--ffprobe", settings.ffprobe, "--log-format", settings.log_format]
    argv += ["--drain-seconds", f"{_DRAIN_SECONDS:g}"]
    if settings.insecure:
        argv.append("--insecure")
    mounts: dict[str, str] = {}
    for name, spelling in settings.roots:
        mounts.setdefault(name, spelling)  # what follows under the name is how clients call it
    for name, directory in mounts.items():
        argv += ["--mount", f"{name}={directory}"]
    return argv
