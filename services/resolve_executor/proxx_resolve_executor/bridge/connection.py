"""The way to the one Resolve of this host: made, kept, given up and made again."""

import contextlib
from collections.abc import Mapping

from proxx.core.quoting import quote
from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.application import Application
from proxx_resolve_executor.bridge.child_port import ChildError, WedgedError
from proxx_resolve_executor.bridge.host_lock import HostLock
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.processes import Processes
from proxx_resolve_executor.bridge.projects import UNTITLED, park, sweep_projects
from proxx_resolve_executor.bridge.reaching import STUDIO_WORD, Connect, Reach, check_edition, codec_pairs
from proxx_resolve_executor.bridge.remote import Readiness, Remote
from proxx_resolve_executor.bridge.tidying import stop_rendering
from proxx_resolve_executor.discovery import (
    CRASH_ARCHIVE,
    Installation,
    Places,
    Platform,
    find_installation,
)
from proxx_resolve_executor.host_port import HostFacts
from proxx_resolve_executor.resolve_error import (
    ResolveError,
    ResolveFreeError,
    ResolveUnresponsiveError,
    ResolveValidationError,
)


class Connection:
    """Owned by `SupervisedResolve`, which asks one thing after the other."""

    def __init__(
        self,
        *,
        options: ResolveOptions,
        clock: Clock,
        processes: Processes,
        places: Places,
        platform: Platform,
        environment: Mapping[str, str],
        connect: Connect,
        lock: HostLock,
    ) -> None:
        """Take how to find, start and reach Resolve, and what keeps a second executor away from it."""
        self._options = options
        self._clock = clock
        self._processes = processes
        self._places = places
        self._platform = platform
        self._environment = environment
        self._connect = connect
        self._lock = lock
        self._application: Application | None = None
        self._installation: Installation | None = None
        self._remote: Remote | None = None
        self._swept: list[str] = []
        self.facts: HostFacts | None = None

    @property
    def remote(self) -> Remote | None:
        """The child at hand; None where there is none."""
        return self._remote

    async def fit(self) -> tuple[Remote, HostFacts]:
        """Return a Resolve that can work, its parking project open: the one at hand, or one that is made so.

        Raises:
            ResolveError: there is none, and none can be had.
        """
        remote, facts, application = self._remote, self.facts, self._application
        if remote is not None and facts is not None and application is not None:
            try:
                readiness = await remote.readiness()
                if not readiness.ready:
                    raise WedgedError("Resolve has lost its project database")
                await self._check_in_use(remote, application, readiness)
                await park(remote=remote, parking=self._options.parking_project)
            except ChildError as error:
                await self.drop(error)
            else:
                return remote, facts
        return await self._bring_up()

    async def sweep(self) -> tuple[str, ...]:
        """Remove leftover projects; return the names of those gone, with those that `fit` removed before.

        Raises:
            ResolveError: there is no Resolve that can work.
            ChildError: it does not answer.
        """
        remote, _ = await self.fit()
        await self._sweep(remote)
        swept, self._swept = tuple(self._swept), []
        return swept

    async def drop(self, error: ChildError) -> ResolveUnresponsiveError:
        """Give up the Resolve at hand, end it where that is allowed, and return what is to be said of it."""
        await self._let_go()
        application = self._application
        if application is None:
            return ResolveUnresponsiveError(str(error))
        try:
            if not await application.alive():
                return ResolveUnresponsiveError(f"{error}; Resolve is gone, and is started when it is needed")
            await application.end(told=False)
        except ResolveError as trouble:
            return ResolveUnresponsiveError(f"{error}; {trouble}")
        return ResolveUnresponsiveError(f"{error}; Resolve was ended, and is started when it is needed")

    async def forget(self) -> None:
        """Let go of the child, not of Resolve: the next use looks at it as if for the first time."""
        await self._let_go()

    async def close(self) -> None:
        """End the child, and Resolve where Proxx started it. Never raises."""
        application, remote = self._application, self._remote
        own = application is not None and application.own
        told = False
        if remote is not None and own:
            with contextlib.suppress(ChildError):  # ended without its consent, then
                await remote.leave()
                told = True
        await self._let_go()
        if application is not None and own:
            with contextlib.suppress(ResolveError):  # nobody is left who could be told
                await application.end(told=told)
        self._lock.release()

    def archive_bytes(self) -> int:
        """Return the size of Resolve's archive of crashes; 0 where it has none."""
        logs = None if self._installation is None else self._installation.logs
        return 0 if logs is None else self._places.size(logs / CRASH_ARCHIVE)

    async def _bring_up(self) -> tuple[Remote, HostFacts]:
        self._lock.hold()
        await self._let_go()  # of a way that was cancelled half-way
        installation = find_installation(
            platform=self._platform,
            places=self._places,
            environment=self._environment,
            resolve_path=self._options.resolve_path,
            script_api_path=self._options.script_api_path,
        )
        self._lock.hold_program(installation.binary)
        application = self._application
        if application is None or installation != self._installation:
            application = Application(
                installation=installation, options=self._options, processes=self._processes, clock=self._clock
            )
            self._application, self._installation = application, installation
        trouble: ResolveUnresponsiveError | None = None
        while True:
            try:
                started = await application.ensure()
            except ResolveUnresponsiveError as error:  # it was started too often: the last cause says most
                raise error if trouble is None else ResolveUnresponsiveError(f"{error}; last: {trouble}") from error
            try:
                return await self._reach(installation, application, started=started)
            except ChildError as error:
                trouble = await self.drop(error)
                if await application.alive():
                    raise trouble from error
            except ResolveError:
                await self._let_go()
                raise

    async def _reach(
        self, installation: Installation, application: Application, *, started: bool
    ) -> tuple[Remote, HostFacts]:
        reach = Reach(
            installation=installation,
            application=application,
            options=self._options,
            clock=self._clock,
            connect=self._connect,
        )
        remote = self._remote = await reach.attach(started=started)
        identity = await remote.identify()
        try:
            check_edition(identity)
        except ResolveFreeError:
            if application.own:
                await application.end(told=False)
            raise
        readiness = await reach.database(remote=remote)
        await self._check_in_use(remote, application, readiness)
        if application.may_end:
            await remote.quiet()  # it lasts until Resolve ends: not for one that people work in
        leftover = readiness.open_project
        if leftover is not None and leftover.startswith(self._options.project_prefix):
            await stop_rendering(remote=remote, options=self._options, clock=self._clock)
            if leftover != self._options.parking_project:
                await remote.close_project(name=leftover)
        await park(remote=remote, parking=self._options.parking_project)
        await self._sweep(remote)
        product = identity.product or ""
        self.facts = HostFacts(
            product=product,
            version=identity.version or "",
            studio=STUDIO_WORD in product if identity.studio is None else identity.studio,
            platform=self._platform.value,
            pairs=await codec_pairs(remote=remote),
        )
        return remote, self.facts

    async def _check_in_use(self, remote: Remote, application: Application, readiness: Readiness) -> None:
        """Refuse a Resolve in which somebody has a project open that would be closed, its changes lost."""
        name = readiness.open_project
        if name is None or application.may_end or name.startswith(self._options.project_prefix):
            return
        if name == self._options.parking_project or (name == UNTITLED and await remote.timeline_count() == 0):
            return
        raise ResolveValidationError(
            f"Resolve is in use: its project {quote(text=name)} is open, and Proxx closes no project of others;"
            " save and close it"
        )

    async def _sweep(self, remote: Remote) -> None:
        options = self._options
        self._swept += await sweep_projects(
            remote=remote, parking=options.parking_project, prefix=options.project_prefix
        )

    async def _let_go(self) -> None:
        remote, self._remote, self.facts = self._remote, None, None
        if remote is not None:
            await remote.end()
