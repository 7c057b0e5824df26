"""From a running Resolve to one that can work: reached by a child, known by name, with its database."""

from collections.abc import Awaitable, Callable

from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.application import Application
from proxx_resolve_executor.bridge.child_port import (
    CallHungError,
    Child,
    ChildEndedError,
    FaultError,
    WedgedError,
)
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.remote import Identity, Readiness, Remote
from proxx_resolve_executor.bridge.wire import Fault
from proxx_resolve_executor.discovery import Installation
from proxx_resolve_executor.resolve_error import ResolveFreeError, ResolveUnresponsiveError, ResolveValidationError

Connect = Callable[[Installation], Awaitable[Child]]
"""Starts a child for an installation; raises OSError where it cannot."""

FREE_PRODUCT = "DaVinci Resolve"
STUDIO_WORD = "Studio"
SILENT = (
    "it gives no answer to scripts: in its preferences, System > General, `External scripting using` must be Local;"
    " it must be the Studio edition, and of a version that works with Python"
)


def is_free(identity: Identity) -> bool:
    """Whether this is the free edition for certain; where nothing can be told, it is not."""
    if identity.studio is not None:
        return not identity.studio
    return identity.product == FREE_PRODUCT


def check_edition(identity: Identity) -> None:
    """Refuse the free edition.

    Raises:
        ResolveFreeError: this is it.
    """
    if is_free(identity):
        raise ResolveFreeError(
            f"{identity.product or FREE_PRODUCT} {identity.version or ''} is the free edition, or has lost its licence:"
            " only DaVinci Resolve Studio can be scripted from outside"
        )


class Reach:
    """Reaches one Resolve within its deadlines."""

    def __init__(
        self,
        *,
        installation: Installation,
        application: Application,
        options: ResolveOptions,
        clock: Clock,
        connect: Connect,
    ) -> None:
        """Take what to reach, and how a child is started."""
        self._installation = installation
        self._application = application
        self._options = options
        self._clock = clock
        self._connect = connect
        self._python = ""

    async def attach(self, *, started: bool) -> Remote:
        """Start children until one reaches Resolve; `started` says that it was started just now.

        Raises:
            ResolveValidationError: it cannot be scripted: the module, the Python, the preference, the edition.
            ResolveUnresponsiveError: no call returned, from a Resolve that was started just now.
            ChildError: it must be ended and started again.
        """
        seconds = self._application.patience_seconds
        deadline = self._clock.monotonic() + seconds
        while True:
            remote = Remote(child=await self._start_child(), options=self._options)
            hung: CallHungError | None = None
            reached = False
            try:
                reached = await self._try(remote)
            except CallHungError as error:
                hung = error
            finally:
                if not reached:
                    await remote.end()
            if reached:
                return remote
            if not await self._application.alive():
                raise WedgedError("Resolve ended before it could be reached")
            if self._clock.monotonic() >= deadline:
                await self._refuse(hung, started=started, seconds=seconds)
            await self._clock.sleep(self._options.poll_seconds)

    async def database(self, *, remote: Remote) -> Readiness:
        """Wait until Resolve has its database and lists its projects.

        Raises:
            ChildError: it does not, and must be ended and started again.
        """
        deadline = self._clock.monotonic() + self._options.answer_seconds
        while True:
            readiness = await remote.readiness()
            if readiness.ready:
                return readiness
            if self._clock.monotonic() >= deadline:
                raise WedgedError(
                    f"Resolve answers, and has no project database after {self._options.answer_seconds:g} s"
                )
            await self._clock.sleep(self._options.poll_seconds)

    async def _start_child(self) -> Child:
        try:
            return await self._connect(self._installation)
        except OSError as error:
            raise ResolveValidationError(
                f"{self._options.python} cannot be started to script Resolve: {error.strerror}"
            ) from error

    async def _try(self, remote: Remote) -> bool:
        try:
            self._python = await remote.load(modules=str(self._installation.modules))
            return await remote.attach()
        except FaultError as error:
            if error.fault is Fault.MODULE:
                raise ResolveValidationError(f"{error}; Python is {self._options.python}") from error
            raise
        except ChildEndedError as error:
            if error.signal_number is None:
                raise ResolveValidationError(f"{error}; Python is {self._options.python}") from error
            python = f"{self._options.python} {self._python}".rstrip()
            raise ResolveValidationError(
                f"{error}: this Resolve does not work with the Python {python}, or its module is damaged"
            ) from error

    async def _refuse(self, hung: CallHungError | None, *, started: bool, seconds: float) -> None:
        """Say why Resolve was not reached; one that was started just now is ended, and not started again at once."""
        if not started and self._application.may_end:
            raise WedgedError("Resolve does not answer any more") from hung
        if started:
            await self._application.end(told=False)
        if hung is not None and started:
            raise ResolveUnresponsiveError(f"{hung}; Resolve was ended after {seconds:.0f} s") from hung
        if hung is not None:
            raise hung
        raise ResolveValidationError(f"Resolve runs, and within {seconds:.0f} s {SILENT}")


async def codec_pairs(*, remote: Remote) -> frozenset[tuple[str, str]]:
    """Return every pair of format and codec that Resolve lists. A project is open.

    Raises:
        ChildError: Resolve does not answer.
    """
    pairs = [
        (format_id, codec_id)
        for format_id in await remote.formats()
        for codec_id in await remote.codecs(format_id=format_id)
    ]
    return frozenset(pairs)
