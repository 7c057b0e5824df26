"""One hostile source through the real steps of an executor: probed, planned, encoded, judged, published."""

import asyncio
import contextlib
import os
import time
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.plan import PLANNER_VERSION, PlanInputs
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.roots import RootPath
from proxx.core.steps import EncodeWork, Phase, PreparedOutput, ProbedSource, ProbeItem, ProbeWork, Progress, StepKind
from proxx.engine.asset_cache import AssetCache
from proxx.engine.encoder import Encoder
from proxx.engine.errors import StepFailedError
from proxx.engine.measure import Tools
from proxx.engine.mounts import MountTable
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.tool import ToolRequest, ToolResult, ToolRunner
from proxx.runtime.clock import SystemClock
from proxx.runtime.profile_files import builtin_library
from proxx_ffmpeg_executor.ffmpeg_steps import FfmpegSteps
from tests.fakes.leases import TOOLCHAIN
from tests.fakes.scheduler_port import FakeScheduler
from tests.hostile_media.case import End, HostileCase, Studio

MATRIX = 2
CASE_SECONDS = 60.0
_INCARNATION = "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d"


@dataclass(kw_only=True)
class ToolRun:
    """One run of ffmpeg or ffprobe."""

    argv: tuple[str, ...]
    seconds: float
    peak_bytes: int


@dataclass(kw_only=True)
class Ended:
    """How a case ended, and what it cost. Seconds and peak of probing are those of ffprobe and our own reading."""

    name: str
    end: End
    reason: str
    source: str = ""
    probe_seconds: float = 0.0
    probe_peak_bytes: int = 0
    own_peak_bytes: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    said: list[str] = field(default_factory=list)
    runs: list[ToolRun] = field(default_factory=list)

    def document(self) -> dict[str, object]:
        """As JSON."""
        return asdict(self)


class Watch:
    """A StepWatch that nobody watches."""

    def enter(self, phase: Phase) -> None:
        """Note nothing."""

    def progress(self, progress: Progress) -> None:
        """Note nothing."""

    def commit(self) -> bool:
        """Go on."""
        return True


class Recording:
    """A runner that keeps what each tool cost and said."""

    def __init__(self, runner: ToolRunner) -> None:
        self._runner = runner
        self.runs: list[ToolRun] = []
        self.said: list[str] = []

    @property
    def sandbox_level(self) -> str:
        """That of the real one."""
        return self._runner.sandbox_level

    async def run(self, request: ToolRequest, **more: object) -> ToolResult:
        """Run it for real."""
        result = await self._runner.run(request, **more)  # type: ignore[arg-type]
        run = ToolRun(argv=request.argv, seconds=result.wall_seconds, peak_bytes=result.max_rss_bytes)
        self.runs.append(run)
        self.said.append(result.stderr_tail[-2000:])
        return result


class Bench:
    """A root of one case: `in` with the source, `out` for the proxy."""

    def __init__(self, root: Path, case: HostileCase) -> None:
        self.root, self.case = root, case
        self.scheduler = FakeScheduler()
        library = builtin_library()
        profile = library.get(case.profile)
        if profile is None:
            raise ValueError(f"no profile {case.profile}")
        self.profile = profile
        for name in ("in", "out", "scratch", "assets"):
            (root / name).mkdir(parents=True, exist_ok=True)
        look = self.profile.look
        if look is not None:
            self.scheduler.assets = {asset.sha256: library.asset(asset.sha256) or b"" for asset in look.assets}
        self.runner = Recording(ProcessToolRunner(scratch=root / "scratch"))
        self.steps = FfmpegSteps(
            mounts=MountTable({"media": root}),
            runner=self.runner,
            encoder=Encoder(
                name="bench",
                incarnation=_INCARNATION,
                tools=Tools(ffmpeg="ffmpeg", ffprobe="ffprobe"),
                toolchain=TOOLCHAIN,
            ),
            clock=SystemClock(),
            probe_concurrency=1,
            assets=AssetCache(port=self.scheduler, directory=root / "assets", clock=SystemClock()),
        )

    def write(self, studio: Studio) -> Path:
        """Write the source of the case."""
        return self.case.write(self.root / "in", studio)

    async def run(self, path: Path) -> Ended:
        """Do to the source what an executor does."""
        relative = "/".join(("in", *path.relative_to(self.root / "in").parts))
        ended = Ended(name=self.case.name, end=End.TOO_LONG, reason="")
        ended.source = str(path)
        _forget_peak()
        began = time.monotonic()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CASE_SECONDS):
                await self._through(RootPath(root="media", path=relative), ended, began)
        ended.seconds = time.monotonic() - began
        ended.own_peak_bytes = _peak_bytes()
        ended.runs, ended.said = self.runner.runs, self.runner.said
        ended.peak_bytes = max((run.peak_bytes for run in ended.runs), default=0)
        return ended

    async def _through(self, source: RootPath, ended: Ended, began: float) -> None:
        probed = await self._probe(source)
        ended.probe_seconds = time.monotonic() - began
        ended.probe_peak_bytes = max((run.peak_bytes for run in self.runner.runs), default=0)
        reasons = "; ".join(f"{item.code.value}: {item.message}" for item in probed.violations)
        if probed.facts is None or probed.identity is None:
            to_resolve = not reasons and probed.detection is not None and probed.detection.engine is Engine.RESOLVE
            ended.end = End.RESOLVE if to_resolve else End.REFUSED
            ended.reason = probed.detection.detail if to_resolve and probed.detection is not None else reasons
            return
        inputs = PlanInputs(
            source=source,
            output=RootPath(root="media", path=f"out/proxy.{self.profile.containers[0]}"),
            facts=probed.facts,
            profile=self.profile,
            codec=self.profile.codec,
            container=self.profile.containers[0],
            resolution=self.profile.resolutions[0],
            fps=Fraction(self.case.fps) if self.case.fps is not None else None,
        )
        try:
            plan = plan_clip(inputs=inputs)
        except PlanRefusedError as refusal:
            ended.end, ended.reason = End.REFUSED, str(refusal)
            return
        work = EncodeWork(
            inputs=inputs, plan_digest=plan.digest, planner_version=PLANNER_VERSION, identity=probed.identity
        )
        encode = _lease(StepKind.ENCODE, encode=work)
        try:
            output = await self.steps.run(lease=encode, watch=Watch())
            if not isinstance(output, PreparedOutput):
                raise TypeError("an encode ended without an output")
            await self.steps.publish(lease=encode, output=output)
        except StepFailedError as error:
            ended.end, ended.reason = End.FAILED, f"{error.failure.kind.value}: {error.failure.message}"
            ended.said.append(error.failure.stderr_tail)
            return
        ended.end, ended.reason = End.COMPLETED, "; ".join(plan.warnings)

    async def _probe(self, source: RootPath) -> ProbedSource:
        items = (ProbeItem(clip_index=0, source=source, output=None),)
        work = ProbeWork(items=items, output_directory=None, create_output_directory=False, source_matrix=MATRIX)
        outcome = await self.steps.run(lease=_lease(StepKind.PROBE, probe=work), watch=Watch())
        if not isinstance(outcome, LeaseOutcome) or outcome.probe is None:
            raise TypeError("a probe ended without a report")
        (probed,) = outcome.probe.sources
        return probed


def _lease(kind: StepKind, **work: object) -> Lease:
    made: dict[str, object] = {"lease_id": "lease-1", "step_id": "0123456789abcdef", "epoch": 3, "kind": kind}
    return Lease(**made, job_key="job-key", job_id="job-id", clip_index=0, **work)  # type: ignore[arg-type]


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes() -> int:
    for line in Path(f"/proc/{os.getpid()}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
