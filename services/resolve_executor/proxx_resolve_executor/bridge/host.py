"""The one Resolve of this host, driven: `ResolveHost` over a supervised child process."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.call_log import CallLog
from proxx_resolve_executor.bridge.child_port import Child, ChildError, FaultError
from proxx_resolve_executor.bridge.child_process import child_environment, start_child
from proxx_resolve_executor.bridge.connection import Connection
from proxx_resolve_executor.bridge.host_lock import FileHostLock
from proxx_resolve_executor.bridge.importing import import_media
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.processes import HostProcesses
from proxx_resolve_executor.bridge.projects import make_project
from proxx_resolve_executor.bridge.reaching import check_edition
from proxx_resolve_executor.bridge.remote import Remote
from proxx_resolve_executor.bridge.render import Render
from proxx_resolve_executor.bridge.tidying import tidy
from proxx_resolve_executor.bridge.uninterrupted import run_through
from proxx_resolve_executor.discovery import CRASH_ARCHIVE, DiskPlaces, Installation, platform_of
from proxx_resolve_executor.host_port import (
    HostFacts,
    InspectedClip,
    Media,
    RenderEnd,
    RenderProgress,
    RenderRequest,
)
from proxx_resolve_executor.resolve_error import (
    ImportRefusedError,
    PreFlightError,
    RenderError,
    ResolveError,
    ResolveFreeError,
    ResolveUnresponsiveError,
)

T = TypeVar("T")
E = TypeVar("E", bound=ResolveError)


class SupervisedResolve:
    """Implements `ResolveHost`. Owned by one event loop; whatever is asked of it is done one after the other."""

    def __init__(self, *, options: ResolveOptions, clock: Clock, connection: Connection, log: CallLog) -> None:
        """Take the way to Resolve, and where its child's calls are collected. Use `supervised_resolve`."""
        self._options = options
        self._clock = clock
        self._connection = connection
        self._log = log
        self._lock = asyncio.Lock()

    @property
    def facts(self) -> HostFacts | None:
        """What was seen when it was last ready; None before."""
        return self._connection.facts

    async def ready(self) -> HostFacts:
        """Start Resolve where it does not run, restart it where it is wedged, and wait until it is ready for work.

        Raises:
            ResolveError: it is absent, the free edition, or does not become ready within its deadline.
        """
        async with self._lock:
            _, facts = await self._connection.fit()
            return facts

    async def inspect(self, *, project: str, media: Media) -> InspectedClip:
        """Import a clip into a project of its own and return what Resolve says of it; the project is gone then.

        Raises:
            ResolveError: the clip could not be imported, or Resolve failed.
        """
        async with self._lock:
            remote, _ = await self._connection.fit()

            async def work() -> InspectedClip:
                await make_project(remote=remote, parking=self._options.parking_project, name=project)
                properties = await import_media(remote=remote, media=media)
                return InspectedClip(properties=properties, audio_mapping=await remote.audio_mapping())

            self._log.clear()
            return await self._through(_Work(remote=remote, project=project), work())

    async def render(self, *, request: RenderRequest, on_progress: Callable[[RenderProgress], None]) -> RenderEnd:
        """Render one clip in a project of its own; the project is gone when this returns or raises.

        Raises:
            ResolveError: what went wrong, typed; nothing is left in `directory` that is worth keeping.
        """
        async with self._lock:
            remote, facts = await self._connection.fit()
            self._log.clear()
            before = self._connection.archive_bytes()
            render = Render(
                remote=remote,
                options=self._options,
                request=request,
                facts=facts,
                clock=self._clock,
                log=self._log,
                on_progress=on_progress,
            )
            started = self._clock.now()
            file = await self._through(_Work(remote=remote, project=request.project, render=render), render.run())
            ended = self._clock.now()
            self._log.note(f"{CRASH_ARCHIVE}: {before} bytes before, {self._connection.archive_bytes()} after")
            return RenderEnd(file=file, calls=self._log.lines(), started_time=started, ended_time=ended)

    async def sweep(self) -> tuple[str, ...]:
        """Remove projects that earlier attempts of Proxx on this host left; return their names.

        Raises:
            ResolveError: Resolve does not answer.
        """
        async with self._lock:
            try:
                return await self._connection.sweep()
            except ChildError as error:
                raise await self._connection.drop(error) from error

    async def close(self) -> None:
        """End the child process, and the Resolve that was started by it. Never raises."""
        async with self._lock:
            await run_through(self._connection.close())

    async def _through(self, work: "_Work", doing: Coroutine[Any, Any, T]) -> T:
        """Do a piece of work, and leave nothing of it behind, however it ends."""
        try:
            value = await doing
        except ChildError as error:
            raise self._with_calls(await run_through(self._give_up(work, error))) from error
        except RenderError as error:
            free = await run_through(self._lost_licence(work.remote))
            await run_through(self._tidy(work))
            if free is not None:
                await run_through(self._connection.forget())
            raise self._with_calls(free or error) from error
        except (ImportRefusedError, PreFlightError) as error:
            # A Resolve that has just gone imports nothing and shows nothing: then the clip is not the cause.
            trouble = await run_through(self._tidy(work))
            raise self._with_calls(trouble or error) from error
        except BaseException as error:
            await run_through(self._tidy(work))
            if isinstance(error, ResolveError):
                self._with_calls(error)
            raise
        await run_through(self._tidy(work))
        return value

    async def _give_up(self, work: "_Work", error: ChildError) -> ResolveError:
        """After an operation without a value: tidy where that works, else end Resolve. Returns what is to be said."""
        if not isinstance(error, FaultError):
            return await self._connection.drop(error)
        free = await self._lost_licence(work.remote)
        try:
            await self._tidied(work)
        except ChildError:
            trouble = await self._connection.drop(error)
            return free or trouble
        if free is not None:
            await self._connection.forget()
        return free or ResolveUnresponsiveError(str(error))

    async def _tidy(self, work: "_Work") -> ResolveUnresponsiveError | None:
        """Leave nothing behind, or end Resolve; what it leaves on its disk is swept at its next start.

        Returns why it could not be done.
        """
        try:
            await self._tidied(work)
        except ChildError as error:
            trouble = await self._connection.drop(error)
            self._log.note(str(trouble))
            return trouble
        return None

    async def _tidied(self, work: "_Work") -> None:
        render = work.render
        await tidy(
            remote=work.remote,
            options=self._options,
            clock=self._clock,
            project=work.project,
            job=None if render is None else render.job,
            started=render is not None and render.started,
        )

    async def _lost_licence(self, remote: Remote) -> ResolveFreeError | None:
        """What is to be said where this is not Studio any more: a licence can be lost in mid-render."""
        try:
            check_edition(await remote.identify())
        except ResolveFreeError as error:
            return error
        except ChildError:
            return None  # what it did not answer before says more
        return None

    def _with_calls(self, error: E) -> E:
        error.calls = self._log.lines()
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What has to be tidied up: a project, and the render in it."""

    remote: Remote
    project: str
    render: Render | None = None


def supervised_resolve(*, options: ResolveOptions, clock: Clock) -> SupervisedResolve:
    """Return the Resolve of this host, not yet looked for."""
    platform = platform_of(system=sys.platform)
    log = CallLog()

    async def connect(installation: Installation) -> Child:
        return await start_child(
            python=options.python,
            environment=child_environment(
                base=os.environ,
                script_api=str(installation.script_api),
                library=str(installation.library),
                modules=str(installation.modules),
                added=options.environment,
            ),
            directory=options.state_directory,
            on_call=log.add,
        )

    connection = Connection(
        options=options,
        clock=clock,
        processes=HostProcesses(platform),
        places=DiskPlaces(),
        platform=platform,
        environment={**os.environ, **options.environment},
        connect=connect,
        lock=FileHostLock(options.state_directory),
    )
    return SupervisedResolve(options=options, clock=clock, connection=connection, log=log)
