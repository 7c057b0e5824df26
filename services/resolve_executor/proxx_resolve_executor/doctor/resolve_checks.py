"""The checks that need Resolve, and the record of what it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

from proxx.core.profile import Profile
from proxx.core.quoting import quote
from proxx.engine.measure import Tools
from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.child_port import ChildError
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.discovery import Installation
from proxx_resolve_executor.doctor.finding import Finding, Level
from proxx_resolve_executor.doctor.fitness import codec_findings
from proxx_resolve_executor.doctor.recording import HostRecorder, Recording, RecordingRequest, open_work
from proxx_resolve_executor.doctor.restarts import Restarts
from proxx_resolve_executor.doctor.visit import Arrived, Visit
from proxx_resolve_executor.settings import ExecutorSettings

MOST_POLL_SECONDS = 0.2
"""How often a render is looked at: a short one must show more than its end."""

LONGEST_CALLS = 10_000


@dataclass(slots=True, kw_only=True)
class Seen:
    """All that one visit has seen, as Resolve gave it."""

    product: str
    version: str
    python: str
    formats: Mapping[str, str]
    codecs: Mapping[str, Mapping[str, str]]
    recording: Recording = field(default_factory=Recording)
    calls: Sequence[tuple[str, str]] = ()


class ResolveCheckUp:
    """Checks one Resolve. Owned by one event loop; one check-up at a time."""

    def __init__(
        self,
        *,
        installation: Installation,
        options: ResolveOptions,
        settings: ExecutorSettings,
        profiles: Sequence[Profile],
        clock: Clock,
    ) -> None:
        """Take which Resolve, how to reach it, and the profiles that are to be made with it."""
        self._installation = installation
        self._options = replace(options, poll_seconds=min(options.poll_seconds, MOST_POLL_SECONDS))
        self._tools = Tools(ffmpeg=settings.ffmpeg, ffprobe=settings.ffprobe)
        self._profiles = profiles
        self._clock = clock
        self._calls: list[tuple[str, str]] = []
        self._project = f"{options.project_prefix}doctor_{uuid4().hex[:8]}"
        self.findings: list[Finding] = []

    async def look(self) -> None:
        """Reach Resolve and see what it can make. Changes nothing in it."""
        visit = self._visit({})
        try:
            arrived = await visit.arrive()
            self.findings += visit.findings
            if arrived is not None:
                await self._warn_of_work(arrived)
            await self._see(arrived)
        finally:
            await visit.leave()

    async def record(self, *, media: Sequence[Path], render: bool, allow_restart: bool) -> Seen | None:
        """Reach Resolve and record it in a project that is removed again; None where that was not possible."""
        visit = self._visit({})
        try:
            arrived = await visit.arrive()
            self.findings += visit.findings
            seen = await self._see(arrived)
            if arrived is None or seen is None:
                return None
            recorder = HostRecorder(
                arrived=arrived,
                options=self._options,
                clock=self._clock,
                request=RecordingRequest(
                    media=media,
                    render=render,
                    profiles=self._profiles,
                    pairs=_pairs(seen),
                    tools=self._tools,
                    project=self._project,
                ),
            )
            recorded = await recorder.run()
            self.findings += recorder.findings
            seen.recording, seen.calls = recorder.recording, tuple(self._calls)
            if allow_restart and recorded:
                await visit.end()
        finally:
            await visit.leave()
        if not recorded:
            return None
        if allow_restart:
            await self._restart(seen, recorder, was_running=not arrived.began)
        elif recorder.trouble and arrived.began:
            trouble = await self._restarts(recorder).clean()
            if trouble:
                action = f"delete {self._project} in Resolve; the executor's next start does so too"
                self._note("left over", Level.WARN, f"what the hang left is not removed: {trouble}", action)
        return seen

    async def _see(self, arrived: Arrived | None) -> Seen | None:
        """Read the tables of formats and codecs, and say what they allow."""
        if arrived is None:
            self._note("codecs", Level.SKIP, "not looked at: Resolve was not reached")
            return None
        survey = arrived.survey
        try:
            formats = await survey.formats()
            codecs = {one: await survey.codecs(format_id=one) for one in sorted(formats.values())}
        except ChildError as error:
            self._note("codecs", Level.FAIL, str(error), "open or make a project in Resolve, and try again")
            return None
        seen = Seen(
            product=arrived.product,
            version=arrived.version,
            python=arrived.python,
            formats=formats,
            codecs=codecs,
        )
        self.findings += codec_findings(profiles=self._profiles, pairs=_pairs(seen))
        return seen

    async def _warn_of_work(self, arrived: Arrived) -> None:
        try:
            name = await open_work(arrived=arrived)
        except ChildError as error:
            self._note("in use", Level.WARN, str(error))
            return
        if name is not None and not name.startswith(self._options.project_prefix):
            action = "save and close it: the executor closes no project of others, and refuses to start"
            self._note("in use", Level.WARN, f"the project {quote(text=name)} is open", action)

    async def _restart(self, seen: Seen, recorder: HostRecorder, *, was_running: bool) -> None:
        answers = await self._restarts(recorder).answers(media=recorder.first_media)
        seen.recording.probes.update(answers)
        self.findings += [
            Finding(name="restart", level=Level.OK, fact=f"{key}: {text}") for key, text in answers.items()
        ]
        if was_running:
            self._note("restart", Level.WARN, "Resolve was running and was ended", "start it again")

    def _restarts(self, recorder: HostRecorder) -> Restarts:
        return Restarts(
            installation=self._installation,
            options=self._options,
            clock=self._clock,
            visit=self._visit,
            project=self._project,
            kept=recorder.kept,
        )

    def _visit(self, environment: Mapping[str, str]) -> Visit:
        return Visit(
            options=replace(self._options, environment={**self._options.environment, **environment}),
            installation=self._installation,
            clock=self._clock,
            on_call=self._on_call,
        )

    def _on_call(self, call: str, result: str) -> None:
        if len(self._calls) < LONGEST_CALLS:
            self._calls.append((call, result))

    def _note(self, name: str, level: Level, fact: str, action: str = "") -> None:
        self.findings.append(Finding(name=name, level=level, fact=fact, action=action))


def _pairs(seen: Seen) -> frozenset[tuple[str, str]]:
    return frozenset((one, codec) for one, listed in seen.codecs.items() for codec in listed.values())
