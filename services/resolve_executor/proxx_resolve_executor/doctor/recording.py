"""What one host shows of section 12 of the reference on Resolve scripting, written down: the body of its fixture."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from proxx.core.profile import Profile
from proxx.core.quoting import quote
from proxx.engine.measure import Tools
from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.child_port import ChildError
from proxx_resolve_executor.bridge.importing import import_media
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.projects import UNTITLED, make_project, remove_project
from proxx_resolve_executor.doctor.finding import Finding, Level
from proxx_resolve_executor.doctor.leaving import leave_as_it_was
from proxx_resolve_executor.doctor.recorded_media import MediaRefusedError, RecordedMedia, recorded_media
from proxx_resolve_executor.doctor.trial import Trial, Trials
from proxx_resolve_executor.doctor.visit import Arrived
from proxx_resolve_executor.host_fixture import ClipDump
from proxx_resolve_executor.host_port import InspectedClip, Media
from proxx_resolve_executor.resolve_error import ResolveError

STOP_SERVICE = "stop the executor's service, save and close the project, then run this again"


@dataclass(slots=True, kw_only=True)
class Recording:
    """What was seen so far, as Resolve gave it: nothing is anonymous yet."""

    settings: Mapping[str, object] = field(default_factory=dict)
    presets: tuple[object, ...] = ()
    clips: list[ClipDump] = field(default_factory=list)
    stems: list[str] = field(default_factory=list)
    jobs: tuple[Mapping[str, object], ...] = ()
    statuses: tuple[Mapping[str, object], ...] = ()
    rendered: bool = False
    probes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRequest:
    """What is to be recorded: which media, and, where `render` says so, a render with each of the profiles."""

    media: Sequence[Path]
    render: bool
    profiles: Sequence[Profile]
    pairs: frozenset[tuple[str, str]]
    tools: Tools
    project: str


async def open_work(*, arrived: Arrived) -> str | None:
    """Return the name of the project that somebody has open in a Resolve that ran before; None: nobody works in it.

    Raises:
        ChildError: Resolve does not answer.
    """
    if arrived.began:
        return None
    name = await arrived.remote.open_project()
    if name is None or (name == UNTITLED and await arrived.remote.timeline_count() == 0):
        return None
    return name


class HostRecorder:
    """Records one host in a project of its own, and leaves Resolve as it was."""

    def __init__(self, *, arrived: Arrived, options: ResolveOptions, clock: Clock, request: RecordingRequest) -> None:
        """Take the Resolve that was reached, and what to record of it."""
        self._arrived = arrived
        self._remote = arrived.remote
        self._options = options
        self._clock = clock
        self._request = request
        self.recording = Recording()
        self.findings: list[Finding] = []
        self.first_media: Media | None = None
        self.kept: frozenset[str] = frozenset()
        self.trouble = ""

    async def run(self) -> bool:
        """Record; the findings say what could not be. Returns whether there is enough for a fixture.

        A host in trouble is worth recording: what was seen until then stays, and `trouble` says what came then.
        """
        try:
            name = await open_work(arrived=self._arrived)
            if name is not None:
                fact = f"Resolve is in use: its project {quote(text=name)} is open"
                self._note("recording", Level.FAIL, fact, STOP_SERVICE)
                return False
            await self._record()
        except (ChildError, ResolveError) as error:
            self.trouble = self.recording.probes["trouble"] = str(error)
            self._note("recording", Level.FAIL, str(error), "restart Resolve; what was seen until then is recorded")
        return bool(self.recording.settings)

    async def _record(self) -> None:
        self.kept = frozenset(await self._remote.projects())
        presets = frozenset(await self._remote.presets())
        try:
            clips = await self._dumps()
            if self._request.render:
                await self._renders(clips)
        finally:
            await self._leave_as_it_was(presets)

    async def _dumps(self) -> list[tuple[RecordedMedia, InspectedClip]]:
        """Record a fresh project: its settings, the presets, and each clip."""
        survey, recording = self._arrived.survey, self.recording
        await make_project(remote=self._remote, parking=self._options.parking_project, name=self._request.project)
        recording.settings = await survey.settings()
        recording.presets = await survey.presets()
        found = []
        for path in self._request.media:
            try:
                recorded = await asyncio.to_thread(recorded_media, path=path)
                self.first_media = self.first_media or recorded.media
                properties = await import_media(remote=self._remote, media=recorded.media)
            except (MediaRefusedError, ResolveError) as error:
                self._note("media", Level.WARN, f"{quote(text=path.name)}: {error}", "")
                continue
            mapping = await self._remote.audio_mapping()
            dump = await survey.clip()
            label = f"{dump.get('Format', '')} {dump.get('Video Codec', '')}, detected as {recorded.codec}"
            recording.clips.append(ClipDump(label=label, properties=dump, audio_mapping=mapping))
            recording.stems.append(recorded.stem)
            found.append((recorded, InspectedClip(properties=properties, audio_mapping=mapping)))
            self._note("media", Level.OK, f"{quote(text=path.name)} imported: {len(dump)} properties", "")
        await remove_project(remote=self._remote, parking=self._options.parking_project, name=self._request.project)
        return found

    async def _renders(self, clips: Sequence[tuple[RecordedMedia, InspectedClip]]) -> None:
        if not clips:
            self._note("render", Level.WARN, "nothing to render: no clip was imported", "name one with --media FILE")
            return
        request, recording = self._request, self.recording
        trials = Trials(
            arrived=self._arrived,
            options=self._options,
            pairs=request.pairs,
            tools=request.tools,
            clock=self._clock,
            project=request.project,
        )
        recorded, clip = clips[0]
        for profile in request.profiles:
            if (profile.render["format"], profile.render["codec"]) not in request.pairs:
                continue
            trial = await trials.run(recorded=recorded, clip=clip, profile=profile)
            recording.probes[f"render_{profile.name}"] = trial.sentence
            level = Level.OK if trial.passed else Level.FAIL if trial.asked else Level.WARN
            self._note("render", level, f"{profile.name}: {trial.sentence}", "")
            if trial.rendered and not recording.rendered:
                self._keep(trial)

    def _keep(self, trial: Trial) -> None:
        jobs = trial.jobs if isinstance(trial.jobs, list) else []
        self.recording.jobs = tuple(job for job in jobs if isinstance(job, dict))
        self.recording.statuses = tuple(status for status in trial.statuses if isinstance(status, dict))
        self.recording.rendered = True

    async def _leave_as_it_was(self, presets: frozenset[str]) -> None:
        """Remove what this recording made: projects, and render presets that were not there before."""
        remote = self._remote
        for name in await remote.presets():
            if name not in presets and any(name == profile.render["preset"] for profile in self._request.profiles):
                await remote.delete_preset(name=name)
        left = await leave_as_it_was(
            remote=remote, options=self._options, project=self._request.project, kept=self.kept
        )
        if left:
            fact = f"projects that stay: {', '.join(quote(text=one) for one in left)}"
            self._note("left over", Level.WARN, fact, "an empty parking project is what the executor makes anyway")

    def _note(self, name: str, level: Level, fact: str, action: str) -> None:
        self.findings.append(Finding(name=name, level=level, fact=fact, action=action))
