"""One simulated host of the campaign: renders through the real bridge, and what must be true after each of them."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

from proxx.core.render_plan import RenderPlan, RenderSetting
from proxx.runtime.clock import SystemClock
from proxx_resolve_executor.bridge.host import SupervisedResolve, supervised_resolve
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.host_port import Media, RenderEnd, RenderRequest
from proxx_resolve_executor.resolve_error import ResolveError
from tests.resolve.campaign.trial import CANCELLED, FILE, IDENTITIES, TROUBLE, Disturbance, Trial
from tests.resolve.campaign.watch import started_processes
from tests.resolve_simulator.install import install
from tests.resolve_simulator.quirks import Quirks
from tests.resolve_simulator.source_facts import SourceFacts

PRESETS = Path("src/proxx/render_presets").resolve()
PRESET = "proxy_dnxhr_lb_resolve"
PARKING = ["proxx_parking"]
STATE_FILES = {"resolve.lock", "resolve.json", "preset", "exported", f"preset/{PRESET}.xml", f"exported/{PRESET}.xml"}
DEADLINE_SECONDS = 90.0


class BridgeHost:
    """A host with a state directory of its own. One render at a time."""

    def __init__(self, root: Path, number: int) -> None:
        """Make it below `root`; nothing is started."""
        self.root = root
        for name in ("state", "in", "out"):
            (root / name).mkdir(parents=True)
        self.state = root / "state"
        self.identity = replace(IDENTITIES[number % len(IDENTITIES)], log_calls=False)
        self.installation = install(root=root / "resolve", quirks=self.identity)
        self.resolve = self._fresh()
        self._right: dict[str, str] = {}
        self.troubled = False

    def _fresh(self) -> SupervisedResolve:
        options = ResolveOptions(
            state_directory=self.state,
            preset_directory=PRESETS,
            resolve_path=self.installation.root,
            start_seconds=8.0,
            answer_seconds=3.0,
            call_seconds=4.0,
            import_seconds=4.0,
            stop_seconds=1.0,
            poll_seconds=0.02,
            restarts=10,
            restart_window_seconds=120.0,
        )
        return supervised_resolve(options=options, clock=SystemClock())

    async def run(self, trial: Trial) -> tuple[str, list[str]]:
        """Do one render; return its outcome, and what is wrong after it."""
        source = self._source(trial)
        directory = self.root / "out" / f"{trial.number}.render"
        directory.mkdir()
        if trial.fresh:
            self.installation.kill()
        self._switch(trial.quirks)
        request = RenderRequest(
            project=f"proxx_{trial.number:08d}",
            media=Media(files=(source,)),
            plan=plan_of(trial),
            directory=directory,
            name="proxy.mov",
            stall_seconds=3,
            timeout_seconds=60,
        )
        wrong = []
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                outcome, end = await self._disturbed(trial, request)
        except TimeoutError:
            outcome, end = "no end", None
            wrong.append(f"no end within {DEADLINE_SECONDS:g} s")
        if outcome.partition(":")[0] not in trial.ends:
            wrong.append(f"ended with {outcome}; expected {' or '.join(sorted(trial.ends))}")
        if end is not None:
            wrong += self._wrong_file(trial, request, end)
        shutil.rmtree(directory)
        wrong += self._left(source, request.project, outcome)
        self._switch(Quirks())
        if outcome.startswith(TROUBLE) or outcome == "no end":
            await self.resolve.close()  # as an executor does that is started anew; its count of restarts begins again
            self.resolve = self._fresh()
        source.unlink()
        source.with_name(source.name + ".sim.json").unlink()
        return outcome.partition(":")[0], wrong

    async def finish(self) -> list[str]:
        """Have the host swept, look at it, and end it; return what is wrong."""
        self._switch(Quirks())
        await self.resolve.sweep()
        wrong = [] if self.installation.projects() == PARKING else [f"projects at the end: {self.projects()}"]
        await self.resolve.close()
        mine = [each.pid for each in started_processes() if each.directory == str(self.state)]
        if mine:
            wrong.append(f"{len(mine)} processes after the end")
        defects = self.installation.root / "defects.txt"
        if defects.exists():
            wrong.append(f"the simulator is defective: {defects.read_text()[-300:]!r}")
        return wrong

    def projects(self) -> int:
        """Count the projects in the database."""
        return len(self.installation.projects())

    def state_files(self) -> set[str]:
        """Name what lies in the state directory."""
        return {str(path.relative_to(self.state)) for path in self.state.rglob("*")}

    def _switch(self, quirks: Quirks) -> None:
        same = self.identity
        self.installation.set_quirks(replace(quirks, platform=same.platform, version=same.version, log_calls=False))

    def _source(self, trial: Trial) -> Path:
        path = self.root / "in" / trial.source
        path.write_bytes(b"camera")
        SourceFacts(rate="25/1", **trial.recipe).write(path)
        return path

    async def _disturbed(self, trial: Trial, request: RenderRequest) -> tuple[str, RenderEnd | None]:
        working = asyncio.create_task(self.resolve.render(request=request, on_progress=lambda _progress: None))
        try:
            if trial.disturbance is not Disturbance.NONE:
                await asyncio.wait({working}, timeout=trial.after_seconds)
                self._disturb(trial.disturbance, working)
            end = await asyncio.shield(working)
        except ResolveError as error:
            return f"{error.kind.value}: {error}", None
        except asyncio.CancelledError:
            if not working.cancelled():
                working.cancel()
                raise
            return CANCELLED, None
        return FILE, end

    def _disturb(self, disturbance: Disturbance, working: "asyncio.Task[RenderEnd]") -> None:
        if disturbance is Disturbance.CANCEL:
            working.cancel()
        elif disturbance is Disturbance.KILL_RESOLVE:
            self.installation.kill()
        else:
            for each in started_processes():
                if each.child and each.directory == str(self.state):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(each.pid, signal.SIGKILL)

    def _wrong_file(self, trial: Trial, request: RenderRequest, end: RenderEnd) -> list[str]:
        """The file must be the one of its directory, and byte for byte what ffmpeg made of the recipe."""
        names = sorted(path.name for path in request.directory.iterdir())
        if names != [end.file.name] or end.file.parent != request.directory:
            return [f"{end.file.name!r} was returned, and {names} lie there"]
        digest = hashlib.sha256(end.file.read_bytes()).hexdigest()
        if trial.quirks.output not in ("right", "other_name"):
            return []
        right = self._right.setdefault(str(trial.recipe), digest)
        return [] if digest == right else ["the file differs from the first one of its recipe"]

    def _left(self, source: Path, project: str, outcome: str) -> list[str]:
        wrong = []
        projects, running = self.installation.projects(), self.installation.pid() is not None
        if outcome.startswith((CANCELLED, TROUBLE)) or not running:
            # one that was ended leaves its project on its disk; what an earlier one left, the next start sweeps
            if running and project in projects:
                wrong.append(f"its project is left: {projects}")
        elif projects != PARKING:
            wrong.append(f"projects: {projects}")
        mine = [each for each in started_processes() if each.directory == str(self.state)]
        children = sum(each.child for each in mine)
        if children > 1 or len(mine) - children > 1:
            wrong.append(f"{children} children and {len(mine) - children} of Resolve")
        for place, expected in (("out", set()), ("in", {source.name, source.name + ".sim.json"})):
            found = {path.name for path in (self.root / place).iterdir()}
            if found != expected:
                wrong.append(f"in {place!r} lie {sorted(found)}")
        if not self.state_files() <= STATE_FILES:
            wrong.append(f"in the state directory lie {sorted(self.state_files())}")
        return wrong


def plan_of(trial: Trial) -> RenderPlan:
    """The render plan for the source of a trial."""
    audio = trial.recipe.get("audio", (2,))
    sound = {"AudioCodec": "lpcm", "AudioBitDepth": "24", "AudioSampleRate": "48000"} if audio else {}
    return RenderPlan(
        preset=PRESET,
        preset_sha256=hashlib.sha256((PRESETS / f"{PRESET}.xml").read_bytes()).hexdigest(),
        format_id="mov",
        codec_id="DNxHRLB",
        individual_clips=True,
        settings=_settings(
            ExportVideo="true", ExportAudio=str(bool(audio)).lower(), FormatWidth="256", FormatHeight="144", **sound
        ),
        project_settings=_settings(
            timelineFrameRate="25", timelineResolutionWidth="256", timelineResolutionHeight="144", superScale="1"
        ),
        frame_count=trial.recipe["frames"],
        start_timecode="01:00:00:00",
    )


def _settings(**values: str) -> tuple[RenderSetting, ...]:
    return tuple(RenderSetting(key=key, value=value) for key, value in sorted(values.items()))
