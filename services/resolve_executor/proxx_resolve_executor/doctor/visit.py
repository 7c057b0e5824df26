"""Resolve reached step by step, each step a finding: the same parts of the bridge that the executor works with."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from proxx.core.quoting import quote
from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.application import Application
from proxx_resolve_executor.bridge.child_port import Child, ChildError, WedgedError
from proxx_resolve_executor.bridge.child_process import child_environment, start_child
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.processes import HostProcesses
from proxx_resolve_executor.bridge.reaching import Reach, check_edition
from proxx_resolve_executor.bridge.remote import Readiness, Remote
from proxx_resolve_executor.bridge.survey import Survey
from proxx_resolve_executor.discovery import Installation
from proxx_resolve_executor.doctor.finding import Finding, Level
from proxx_resolve_executor.doctor.recording_child import RecordingChild
from proxx_resolve_executor.resolve_error import ResolveError, ResolveFreeError, ResolveValidationError

PREFERENCE = "Resolve: Preferences > System > General > External scripting using: Local; then restart Resolve"
ACTIONS = {
    "process": "start Resolve by hand once, answer what it asks, and see whether it stays",
    "module": "use 64-bit Python 3.11 or 3.12 for the executor, or set resolve_python",
    "scripting": PREFERENCE,
    "edition": "only Studio can be scripted: install it, or activate its licence in Resolve",
    "database": "restart Resolve; in its Project Manager connect a project database",
}
STEPS = tuple(ACTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A Resolve that was reached. `python` is what loaded its module, `began` whether it was started for this visit."""

    remote: Remote
    survey: Survey
    child: RecordingChild
    application: Application
    product: str
    version: str
    python: str
    readiness: Readiness
    began: bool


class _Refused(Exception):  # noqa: N818  an answer, no error of the program
    """A step that failed."""

    def __init__(self, name: str, fact: str) -> None:
        super().__init__(fact)
        self.name = name


class Visit:
    """One visit. It works in a directory of its own, so that it never takes the executor's Resolve for its own."""

    def __init__(
        self,
        *,
        options: ResolveOptions,
        installation: Installation,
        clock: Clock,
        on_call: Callable[[str, str], None],
    ) -> None:
        """Take how to reach which Resolve, and who is told of each call that returned."""
        self._options = options
        self._installation = installation
        self._clock = clock
        self._on_call = on_call
        self._child: RecordingChild | None = None
        self._ending = False
        self._application = Application(
            installation=installation, options=options, processes=HostProcesses(installation.platform), clock=clock
        )
        self.arrived: Arrived | None = None
        self.findings: list[Finding] = []

    async def arrive(self) -> Arrived | None:
        """Reach Resolve, started where it does not run; None where it cannot be reached. The findings say why."""
        try:
            self.arrived = await self._arrive()
        except _Refused as refused:
            self.findings.append(
                Finding(name=refused.name, level=Level.FAIL, fact=str(refused), action=ACTIONS[refused.name])
            )
            later = STEPS[STEPS.index(refused.name) + 1 :]
            self.findings += [
                Finding(name=name, level=Level.SKIP, fact=f"not looked at: {refused.name} failed") for name in later
            ]
        return self.arrived

    async def end(self) -> None:
        """End Resolve, whoever started it. Only where the options allow it."""
        self._ending = True
        await self.leave()

    async def leave(self) -> None:
        """End the child, and Resolve where this visit started it. Never raises."""
        arrived, own = self.arrived, self._application.own or self._ending
        told = False
        if arrived is not None and own:
            with contextlib.suppress(ChildError):  # ended without its consent, then
                await arrived.remote.leave()
                told = True
        if self._child is not None:
            await self._child.end()
        if own:
            with contextlib.suppress(ResolveError):  # nobody is left who could be told
                await self._application.end(told=told)

    async def _arrive(self) -> Arrived:
        began = await self._start()
        remote, python = await self._attach(began=began)
        product, version = await self._identify(remote)
        reach = self._reach()
        try:
            readiness = await reach.database(remote=remote)
        except ChildError as error:
            raise _Refused("database", str(error)) from error
        count = len(readiness.projects or ())
        self._ok("database", f"connected, {count} projects in its root folder")
        child = self._child
        if child is None:
            raise _Refused("module", "no child process was started")
        return Arrived(
            remote=remote,
            survey=Survey(child=child, seconds=self._options.call_seconds),
            child=child,
            application=self._application,
            product=product,
            version=version,
            python=python,
            readiness=readiness,
            began=began,
        )

    async def _start(self) -> bool:
        before = self._clock.monotonic()
        try:
            began = await self._application.ensure()
        except ResolveError as error:
            raise _Refused("process", str(error)) from error
        took = self._clock.monotonic() - before
        self._ok("process", f"Resolve was started, without a window, in {took:.1f} s" if began else "Resolve runs")
        return began

    async def _attach(self, *, began: bool) -> tuple[Remote, str]:
        before = self._clock.monotonic()
        try:
            remote = await self._reach().attach(started=began)
            python = await remote.load(modules=str(self._installation.modules))
        except ResolveValidationError as error:
            # with a cause the module or its Python is at fault; without one Resolve is silent
            raise _Refused("scripting" if error.__cause__ is None else "module", str(error)) from error
        except WedgedError as error:
            raise _Refused("process", str(error)) from error
        except (ResolveError, ChildError) as error:
            raise _Refused("scripting", str(error)) from error
        self._ok("module", f"it loads in Python {quote(text=python)}")
        self._ok("scripting", f"Resolve answers after {self._clock.monotonic() - before:.1f} s")
        return remote, python

    async def _identify(self, remote: Remote) -> tuple[str, str]:
        try:
            identity = await remote.identify()
            check_edition(identity)
        except (ResolveFreeError, ChildError) as error:
            raise _Refused("edition", str(error)) from error
        product, version = identity.product or "", identity.version or ""
        self._ok("edition", f"{quote(text=product)} {quote(text=version)}")
        return product, version

    def _reach(self) -> Reach:
        return Reach(
            installation=self._installation,
            application=self._application,
            options=self._options,
            clock=self._clock,
            connect=self._connect,
        )

    async def _connect(self, installation: Installation) -> Child:
        child = await start_child(
            python=self._options.python,
            environment=child_environment(
                base=os.environ,
                script_api=str(installation.script_api),
                library=str(installation.library),
                modules=str(installation.modules),
                added=self._options.environment,
            ),
            directory=self._options.state_directory,
            on_call=self._on_call,
        )
        self._child = RecordingChild(child)
        return self._child

    def _ok(self, name: str, fact: str) -> None:
        self.findings.append(Finding(name=name, level=Level.OK, fact=fact))
