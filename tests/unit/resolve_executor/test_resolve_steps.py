"""INSPECT, ENCODE, SWEEP and their failures over a fake Resolve, on a real directory, judged by the real tools."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.core.failure import FailureKind
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.plan import PLANNER_VERSION, PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.core.steps import (
    EncodeWork,
    InspectReport,
    InspectWork,
    Phase,
    PreparedOutput,
    Progress,
    StepKind,
    SweepReport,
    SweepWork,
)
from proxx.engine.encoder import Encoder
from proxx.engine.errors import HandBackError, StepFailedError
from proxx.engine.measure import Tools
from proxx.engine.mounts import MountTable
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.source_identity import read_source_identity
from proxx.runtime.clock import SystemClock
from proxx.runtime.profile_files import builtin_library
from proxx_resolve_executor.clip_facts import clip_facts
from proxx_resolve_executor.host_keeper import HostKeeper
from proxx_resolve_executor.host_port import HostFacts, Media
from proxx_resolve_executor.resolve_error import (
    ImportRefusedError,
    RenderStalledError,
    ResolveError,
    ResolveUnresponsiveError,
)
from proxx_resolve_executor.resolve_steps import ResolveSteps
from proxx_resolve_executor.toolchain import with_resolve
from tests.fakes.leases import TOOLCHAIN, lease
from tests.fakes.resolve_host import ENDED, FACTS, STARTED, FakeResolve, clip_of

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")

SOURCE = RootPath(root="media", path="in/A001_C001.braw")
OUTPUT = RootPath(root="media", path="out/A001_C001_proxy.mov")
INCARNATION = "9b1deb4d" * 4
PROJECT = "proxx_job-id_00004_01234567_3_9b1deb4d"
PROPERTIES = {
    "FPS": "25.0",
    "Frames": "5",
    "Resolution": "256x144",
    "PAR": "Square",
    "Start TC": "10:00:00:00",
    "Drop frame": "0",
}


class Watch:
    """A StepWatch that remembers."""

    def __init__(self) -> None:
        self.phases: list[Phase] = []
        self.said: list[Progress] = []

    def enter(self, phase: Phase) -> None:
        self.phases.append(phase)

    def progress(self, progress: Progress) -> None:
        self.said.append(progress)

    def commit(self) -> bool:
        return True


class Bench:
    """ResolveSteps over a fake host."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "in").mkdir()
        (root / "out").mkdir()
        (root / "in/A001_C001.braw").write_bytes(b"camera bytes" * 100)
        self.mounts = MountTable({"media": root})
        self.host = FakeResolve(clip=clip_of(PROPERTIES))
        self.watch = Watch()
        self.told: list[HostFacts | None] = []
        self.keeper = HostKeeper(
            host=self.host,
            clock=SystemClock(),
            changed=self.told.append,
            look_seconds=60.0,
            retry_seconds=30.0,
            hold_seconds=0.01,
        )
        self.steps = ResolveSteps(
            mounts=self.mounts,
            runner=ProcessToolRunner(scratch=root),
            encoder=Encoder(
                name="resolve-1",
                incarnation=INCARNATION,
                tools=Tools(ffmpeg="ffmpeg", ffprobe="ffprobe"),
                toolchain=TOOLCHAIN,
            ),
            clock=SystemClock(),
            host=self.host,
            keeper=self.keeper,
            project_prefix="proxx_",
            probe_concurrency=1,
        )

    def inspect_work(self) -> InspectWork:
        identity = read_source_identity(path=self.root / SOURCE.path, source=SOURCE)
        return InspectWork(clip_index=4, source=SOURCE, identity=identity, container="mov", codec="braw")

    async def inspect(self, work: InspectWork | None = None) -> LeaseOutcome:
        await self.keeper.check()
        given = replace(lease(), kind=StepKind.INSPECT, probe=None, inspect=work or self.inspect_work())
        outcome = await self.steps.run(lease=given, watch=self.watch)
        assert isinstance(outcome, LeaseOutcome)
        return outcome

    def encode_lease(self) -> Lease:
        work = self.inspect_work()
        facts = clip_facts(work=work, clip=clip_of(PROPERTIES), sequence=False).facts
        profile = builtin_library().get("proxy_dnxhr_lb_resolve")
        assert facts is not None
        assert profile is not None
        inputs = PlanInputs(
            source=SOURCE,
            output=OUTPUT,
            facts=facts,
            profile=profile,
            codec="dnxhr",
            container="mov",
            resolution="same",
            fps=None,
        )
        encode = EncodeWork(
            inputs=inputs,
            plan_digest=plan_clip(inputs=inputs).digest,
            planner_version=PLANNER_VERSION,
            identity=work.identity,
        )
        return replace(lease(), kind=StepKind.ENCODE, probe=None, encode=encode)

    async def encode(self, given: Lease | None = None) -> PreparedOutput:
        await self.keeper.check()
        output = await self.steps.run(lease=given or self.encode_lease(), watch=self.watch)
        assert isinstance(output, PreparedOutput)
        return output

    async def failure(self, given: Lease | None = None) -> StepFailedError:
        with pytest.raises(StepFailedError) as caught:
            await self.encode(given)
        return caught.value

    def left(self) -> list[str]:
        return sorted(str(path.relative_to(self.root)) for path in (self.root / "out").rglob("*"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def write_proxy(path: Path, *, frames: int = 5) -> None:
    subprocess.run(
        [
            *(
                "ffmpeg",
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=256x144:r=25,format=yuv422p,setparams=range=tv",
            ),
            *("-frames:v", str(frames), "-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-timecode", "10:00:00:00"),
            *("-color_range", "tv", str(path)),
        ],
        check=True,
    )


async def test_inspect_gives_the_facts_that_resolve_states(bench: Bench) -> None:
    work = bench.inspect_work()

    outcome = await bench.inspect(work)

    facts = clip_facts(work=work, clip=clip_of(PROPERTIES), sequence=False)
    assert outcome == LeaseOutcome(lease_id="lease-1", epoch=3, inspect=facts)
    assert bench.host.inspected == [(PROJECT, Media(files=(bench.root / SOURCE.path,), sequence=False))]
    assert bench.watch.phases == [Phase.INSPECTING]


async def test_a_clip_that_resolve_does_not_open_is_an_answer(bench: Bench) -> None:
    bench.host.clip = ImportRefusedError("Resolve imported nothing from A001_C001.braw")

    report = (await bench.inspect()).inspect

    assert report is not None
    assert (report.facts, [(item.code.value, item.field, item.message) for item in report.violations]) == (
        None,
        [("SOURCE_UNREADABLE", "sources[4]", "Resolve imported nothing from A001_C001.braw")],
    )


async def test_a_source_that_changed_since_its_probe_is_not_opened(bench: Bench) -> None:
    work = bench.inspect_work()
    (bench.root / SOURCE.path).write_bytes(b"other bytes")

    report = (await bench.inspect(work)).inspect

    assert isinstance(report, InspectReport)
    assert [item.message.split(": ")[1].split(" was")[0] for item in report.violations] == ["size"]
    assert bench.host.inspected == []


@needs_ffmpeg
async def test_a_render_is_verified_and_prepared(bench: Bench) -> None:
    bench.host.render_does = write_proxy
    given = bench.encode_lease()
    assert given.encode is not None

    output = await bench.encode(given)

    plan = plan_clip(inputs=given.encode.inputs)
    request = bench.host.requests[0]
    assert (request.project, request.plan, request.media.files) == (PROJECT, plan.render, (bench.root / SOURCE.path,))
    assert output.verdict.passed
    execution = replace(output.execution, encode_seconds=0.0, verify_seconds=0.0, argv=())
    assert (execution.stderr_tail, execution.started_time, execution.ended_time) == (
        "LoadRenderPreset('p')\nStartRendering(['job'], False)",
        STARTED,
        ENDED,
    )
    assert (execution.sandbox_level, execution.exit_code, execution.executor) == ("none", None, "resolve-1")
    assert execution.toolchain == with_resolve(facts=FACTS, verifier=TOOLCHAIN)
    staged = "out/.proxx/job-id.00004.01234567.3.9b1deb4d.mov"
    assert output.staged == RootPath(root="media", path=staged)
    assert bench.left() == ["out/.proxx", staged, f"{staged}.json"]
    assert [(said.fraction, said.frames, said.eta_seconds) for said in bench.watch.said] == [(0.5, 2, 4.0)]
    assert bench.watch.phases == [Phase.ENCODING, Phase.VERIFYING]

    published = await bench.steps.publish(lease=given, output=output)

    assert (published.sha256, bench.left()) == (output.sha256, [OUTPUT.path])


@needs_ffmpeg
async def test_a_render_that_is_one_frame_short_is_refused(bench: Bench) -> None:
    bench.host.render_does = lambda path: write_proxy(path, frames=4)

    error = await bench.failure()

    assert error.failure.kind is FailureKind.OUTPUT_MISMATCH
    assert "frame_count expected 5, measured 4" in error.failure.message
    assert error.execution is not None
    assert error.verdict is not None
    assert bench.left() == []


def write_nothing(path: Path) -> None:
    (path.parent / "other.mov").write_bytes(b"under another name")


@pytest.mark.parametrize(
    "does",
    [
        pytest.param(write_nothing, id="no file of that name"),
        pytest.param(lambda path: path.write_bytes(b""), id="an empty file"),
        pytest.param(lambda path: path.symlink_to("/etc/hostname"), id="a link"),
        pytest.param(lambda path: path.mkdir(), id="a directory"),
    ],
)
async def test_what_is_no_file_is_no_proxy(bench: Bench, does: Callable[[Path], None]) -> None:
    bench.host.render_does = does

    error = await bench.failure()

    assert (error.failure.kind, bench.left()) == (FailureKind.OUTPUT_MISSING, [])
    assert error.execution is not None
    assert error.execution.argv[0] == "resolve"


async def test_a_file_beyond_the_plans_ceiling_is_refused_before_anything_reads_it(bench: Bench) -> None:
    bench.host.render_does = lambda path: (path.touch(), os.truncate(path, 1 << 40))[0]

    error = await bench.failure()

    assert (error.failure.kind, bench.left()) == (FailureKind.LIMIT_EXCEEDED, [])
    assert f"has {1 << 40} bytes" in error.failure.message


def raising(error: ResolveError) -> Callable[[Path], None]:
    def render(path: Path) -> None:
        path.write_bytes(b"half a file")
        raise error

    return render


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(RenderStalledError("no progress for 300 s"), FailureKind.TOOL_STALLED, id="the clip's"),
        pytest.param(ResolveUnresponsiveError("gone"), FailureKind.ENGINE_UNAVAILABLE, id="the host's, once it moved"),
    ],
)
async def test_a_render_that_fails_leaves_nothing(bench: Bench, error: ResolveError, kind: FailureKind) -> None:
    bench.host.render_does = raising(error)

    failed = await bench.failure()

    assert (failed.failure.kind, failed.failure.message, bench.left()) == (kind, str(error), [])
    assert failed.execution is not None
    assert failed.execution.toolchain == with_resolve(facts=FACTS, verifier=TOOLCHAIN)


async def test_trouble_before_the_render_moved_hands_the_lease_back_clean(bench: Bench) -> None:
    bench.host.progress = ()
    bench.host.render_does = raising(ResolveUnresponsiveError("ImportMedia did not return"))

    with pytest.raises(HandBackError, match="ImportMedia did not return"):
        await bench.encode()

    assert bench.left() == []


async def test_a_cancelled_render_leaves_nothing(bench: Bench) -> None:
    bench.host.render_gate.clear()
    encoding = asyncio.create_task(bench.encode())
    while not bench.host.requests:  # noqa: ASYNC110  the fake's own record is what is waited for
        await asyncio.sleep(0)

    encoding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await encoding

    assert (bench.host.cancelled, bench.left()) == (1, [])


async def test_a_plan_for_ffmpeg_is_refused(bench: Bench) -> None:
    given = bench.encode_lease()
    assert given.encode is not None
    other = replace(given, encode=replace(given.encode, plan_digest="0" * 64))

    error = await bench.failure(other)

    assert (error.failure.kind, bench.host.requests, bench.left()) == (FailureKind.PLAN_MISMATCH, [], [])


async def test_sweep_removes_what_a_dead_render_left_and_its_projects(bench: Bench) -> None:
    staged = RootPath(root="media", path="out/.proxx/job-id.00004.01234567.2.dead.mov")
    place = bench.root / f"{staged.path}.render"
    (place / "deeper").mkdir(parents=True)
    (place / "proxy.mov").write_bytes(b"half a file")
    (place / "deeper/link").symlink_to(bench.root / "in")
    await bench.keeper.check()
    bench.host.left_projects = ["proxx_job-id_00004_01234567_2_dead"]
    given = replace(
        lease(),
        kind=StepKind.SWEEP,
        probe=None,
        sweep=SweepWork(staged=(staged,), output=OUTPUT, expected_sha256=""),
    )

    outcome = await bench.steps.run(lease=given, watch=bench.watch)

    assert outcome == LeaseOutcome(
        lease_id="lease-1",
        epoch=3,
        sweep=SweepReport(removed=(), output_exists=False, output_sha256="", output_size_bytes=0),
    )
    assert (bench.left(), bench.host.left_projects) == ([], [])
    assert (bench.root / SOURCE.path).exists()
