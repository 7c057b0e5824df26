"""The procedure of one render, from an open Resolve to the one file that it left. It cleans nothing up.

Every call is followed by a look at what came of it: True proves nothing, and None is what some builds say on success.
Source: the reference on Resolve scripting, sections 5 to 8.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from proxx.core.quoting import quote
from proxx.core.render_settings import RenderSettingError, typed_settings
from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.call_log import CallLog
from proxx_resolve_executor.bridge.checks import (
    clip_problem,
    job_problem,
    project_setting_problem,
    timeline_problem,
)
from proxx_resolve_executor.bridge.following import Following
from proxx_resolve_executor.bridge.importing import import_media
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.output import output_of, sizes_in
from proxx_resolve_executor.bridge.preset import install_preset, read_preset
from proxx_resolve_executor.bridge.projects import make_project
from proxx_resolve_executor.bridge.remote import JobProgress, Remote, SettingValue
from proxx_resolve_executor.host_port import HostFacts, RenderProgress, RenderRequest
from proxx_resolve_executor.resolve_error import OutputError, PreFlightError, RenderError

SETTINGS_CHARACTERS = 16 * 1024
APPEAR_LOOKS = 3


class Render:
    """One render. `job` is its id in the queue once it has one, `started` whether it may be rendering."""

    def __init__(
        self,
        *,
        remote: Remote,
        options: ResolveOptions,
        request: RenderRequest,
        facts: HostFacts,
        clock: Clock,
        log: CallLog,
        on_progress: Callable[[RenderProgress], None],
    ) -> None:
        """Take what is asked, of whom, and where progress and calls go."""
        self._remote = remote
        self._options = options
        self._request = request
        self._plan = request.plan
        self._facts = facts
        self._clock = clock
        self._log = log
        self._on_progress = on_progress
        self.job: str | None = None
        self.started = False

    async def run(self) -> Path:
        """Render, and return the file.

        Raises:
            ExecutionError: the clip could not be made.
            ChildError: Resolve does not answer, or does nothing.
        """
        plan, remote = self._plan, self._remote
        pair = (plan.format_id, plan.codec_id)
        if pair not in self._facts.pairs:
            raise PreFlightError(f"Resolve {self._facts.version} on this host does not list {'/'.join(pair)}")
        settings = self._settings()
        if await self._sizes():
            raise PreFlightError(
                "the directory of the render is not empty: what lies there could be taken for its file"
            )
        preset = await asyncio.to_thread(read_preset, options=self._options, plan=plan)
        await make_project(remote=remote, parking=self._options.parking_project, name=self._request.project)
        await self._set_project()
        _refuse(clip_problem(properties=await import_media(remote=remote, media=self._request.media), plan=plan))
        _refuse(timeline_problem(placements=await remote.make_timeline(name=self._request.project), plan=plan))
        await install_preset(remote=remote, options=self._options, plan=plan, content=preset, log=self._log)
        await self._choose(settings)
        await self._queue(settings)
        return await self._render()

    def _settings(self) -> dict[str, SettingValue]:
        try:
            settings = typed_settings(settings=self._plan.settings)
        except RenderSettingError as error:
            raise PreFlightError(f"a setting of the plan is none: {error}") from error
        return {**settings, "TargetDir": str(self._request.directory), "CustomName": Path(self._request.name).stem}

    async def _set_project(self) -> None:
        for setting in self._plan.project_settings:
            shown = await self._remote.set_setting(key=setting.key, value=setting.value)
            _refuse(project_setting_problem(key=setting.key, asked=setting.value, shown=shown))
        dump = json.dumps(dict(await self._remote.all_settings()), sort_keys=True)
        self._log.note(f"settings of the project: {dump[:SETTINGS_CHARACTERS]}")

    async def _choose(self, settings: dict[str, SettingValue]) -> None:
        """Preset, format and codec, settings, mode: in this order, because each overlays what stood before."""
        plan, remote = self._plan, self._remote
        if not await remote.load_preset(name=plan.preset):
            raise PreFlightError(f"Resolve does not load the render preset {plan.preset}")
        chosen = await remote.choose_codec(format_id=plan.format_id, codec_id=plan.codec_id)
        if chosen != (plan.format_id, plan.codec_id):
            shown = quote(text="/".join(chosen))
            raise PreFlightError(f"{plan.format_id}/{plan.codec_id} was chosen, and Resolve shows {shown}")
        if not await remote.render_settings(settings=settings):
            raise PreFlightError("Resolve refuses the render settings")
        if not await remote.render_mode(individual_clips=plan.individual_clips):
            mode = "individual clips" if plan.individual_clips else "a single clip"
            raise PreFlightError(f"Resolve does not take the render mode of {mode}")

    async def _queue(self, settings: dict[str, SettingValue]) -> None:
        """Queue the job. The id is what the queue shows anew: the call itself may say nothing."""
        known = {job.get("JobId", "") for job in await self._remote.jobs()}
        said = await self._remote.add_job()
        fresh = [job for job in await self._remote.jobs() if job.get("JobId", "") not in known]
        if len(fresh) != 1 or not fresh[0]["JobId"]:
            raise PreFlightError(f"Resolve queued {len(fresh)} jobs; expected one")
        self.job = fresh[0]["JobId"]
        if said is not None and said != self.job:
            raise PreFlightError(f"Resolve says job {quote(text=said)}, and queued {quote(text=self.job)}")
        _refuse(job_problem(job=fresh[0], asked=settings, plan=self._plan))

    async def _render(self) -> Path:
        job = self.job
        if job is None:
            raise RenderError("there is no job to start")
        self.started = True
        if not await self._remote.start_job(job=job):
            raise RenderError("Resolve does not start the render")
        following = Following(
            started=self._clock.monotonic(),
            stall_seconds=self._request.stall_seconds,
            timeout_seconds=self._request.timeout_seconds,
        )
        done = False
        while not done:
            await self._clock.sleep(self._options.poll_seconds)
            progress = await self._remote.job_progress(job=job)
            sizes = await self._sizes()
            done = following.look(progress=progress, written=sum(sizes.values()), now=self._clock.monotonic())
            self._tell(progress)
        return await self._output()

    async def _output(self) -> Path:
        """The file; a file server may show it a little later than Resolve says complete."""
        for look in range(APPEAR_LOOKS):
            sizes = await self._sizes()
            try:
                return output_of(directory=self._request.directory, sizes=sizes, name=self._request.name)
            except OutputError:
                if look == APPEAR_LOOKS - 1:
                    raise
            await self._clock.sleep(self._options.poll_seconds)
        raise OutputError("Resolve says complete, and there is no file")

    async def _sizes(self) -> dict[str, int]:
        seconds = self._options.call_seconds
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.to_thread(sizes_in, directory=self._request.directory)
        except TimeoutError as error:
            raise OutputError(f"the directory of the render did not answer within {seconds:g} s") from error

    def _tell(self, progress: JobProgress) -> None:
        if progress.percentage is None:
            return
        remaining = progress.remaining_ms
        self._on_progress(
            RenderProgress(
                fraction=min(max(progress.percentage / 100, 0.0), 1.0),
                eta_seconds=remaining / 1000 if remaining is not None and remaining >= 0 else None,
            )
        )


def _refuse(problem: str) -> None:
    """Raise what is wrong before anything was rendered."""
    if problem:
        raise PreFlightError(problem)
