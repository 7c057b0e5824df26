"""An encode whose look needs files: fetched, checked, drawn, and witnessed like any other."""

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.core.failure import FailureKind
from proxx.core.look import Place, TextKind
from proxx.core.plan import PLANNER_VERSION, PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.profile import Profile
from proxx.core.roots import RootPath
from proxx.core.steps import EncodeWork, PreparedOutput, ProbeItem, ProbeWork, StepKind
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
from tests.fakes.scheduler_port import FakeScheduler
from tests.media.easel import FILES, asset, image, look, lut, text_mark
from tests.media.test_engine_encode import TOOLCHAIN, Watch, lease

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

LIBRARY = builtin_library()
SOURCE = RootPath(root="media", path="in/A001.mov")
DRAWN = look(
    text_mark(TextKind.TIMECODE),
    text_mark(TextKind.CLIP_NAME, Place.TOP_LEFT),
    table=lut("warm.cube"),
    mark=image("ghost.png", opacity=70),
)


class Recording:
    """A runner that remembers what it was asked."""

    def __init__(self, runner: ToolRunner) -> None:
        self._runner = runner
        self.requests: list[ToolRequest] = []

    @property
    def sandbox_level(self) -> str:
        return self._runner.sandbox_level

    async def run(self, request: ToolRequest, **more: object) -> ToolResult:
        self.requests.append(request)
        return await self._runner.run(request, **more)


class Bench:
    """A root with one source, and an executor whose scheduler has the files of the look."""

    def __init__(self, root: Path, *, fetching: bool = True, memory_limit_bytes: int | None = None) -> None:
        self.root = root
        self.scheduler = FakeScheduler()
        self.scheduler.assets = {asset(name).sha256: data for name, data in FILES.items()}
        for name in ("in", "out", "scratch", "it's: private"):
            (root / name).mkdir()
        cache = AssetCache(port=self.scheduler, directory=root / "it's: private", clock=SystemClock())
        self.runner = Recording(ProcessToolRunner(scratch=root / "scratch"))
        self.steps = FfmpegSteps(
            mounts=MountTable({"media": root}),
            runner=self.runner,
            encoder=Encoder(
                name="bench",
                incarnation="9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d",
                tools=Tools(ffmpeg="ffmpeg", ffprobe="ffprobe"),
                toolchain=TOOLCHAIN,
                memory_limit_bytes=memory_limit_bytes,
            ),
            clock=SystemClock(),
            probe_concurrency=1,
            assets=cache if fetching else None,
        )

    async def encode(self, profile: Profile) -> PreparedOutput:
        work = ProbeWork(
            items=(ProbeItem(clip_index=0, source=SOURCE, output=None),),
            output_directory=None,
            create_output_directory=False,
        )
        found = await self.steps.run(lease=lease(StepKind.PROBE, probe=work), watch=Watch())
        (probed,) = found.probe.sources
        inputs = PlanInputs(
            source=SOURCE,
            output=RootPath(root="media", path=f"out/A001.{profile.containers[0]}"),
            facts=probed.facts,
            profile=profile,
            codec=profile.codec,
            container=profile.containers[0],
            resolution="half",
            fps=None,
        )
        encoding = EncodeWork(
            inputs=inputs,
            plan_digest=plan_clip(inputs=inputs).digest,
            planner_version=PLANNER_VERSION,
            identity=probed.identity,
        )
        output = await self.steps.run(lease=lease(StepKind.ENCODE, encode=encoding), watch=Watch())
        assert isinstance(output, PreparedOutput)
        return output


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("footage") / "A001.mov"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=30000/1001:d=0.5"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-colorspace", "bt709"),
            *("-color_primaries", "bt709", "-color_trc", "bt709", "-timecode", "01:00:59;20", str(path)),
        ],
        check=True,
        timeout=60,
    )
    return path


@pytest.fixture
def bench(tmp_path: Path, footage: Path) -> Bench:
    made = Bench(tmp_path)
    shutil.copy2(footage, tmp_path / "in/A001.mov")
    return made


def profile(name: str) -> Profile:
    found = LIBRARY.get(name)
    assert found is not None
    return replace(found, look=DRAWN)


@pytest.mark.parametrize("name", ["proxy_h264_low", "proxy_prores_proxy"])
async def test_a_proxy_with_a_whole_look_passes_its_verdict_and_is_the_same_again(bench: Bench, name: str) -> None:
    first = await bench.encode(profile(name))
    assert first.verdict.passed, first.verdict
    shutil.rmtree(bench.root / "out")
    (bench.root / "out").mkdir()
    assert (await bench.encode(profile(name))).sha256 == first.sha256
    assert len(bench.scheduler.asked_assets) == 3


async def test_a_sandbox_is_told_every_file_that_the_tool_reads(bench: Bench) -> None:
    await bench.encode(profile("proxy_h264_low"))
    encode = next(request for request in bench.runner.requests if "-progress" in request.argv)
    wanted = {found.sha256 for found in DRAWN.assets}
    assert {path.stem for path in encode.readable} == {"A001", *wanted}
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.stem for path in encode.readable[1:])


async def test_a_file_that_the_scheduler_has_no_more_fails_the_clip_and_leaves_nothing(bench: Bench) -> None:
    del bench.scheduler.assets[asset("warm.cube").sha256]
    with pytest.raises(StepFailedError) as caught:
        await bench.encode(profile("proxy_h264_low"))
    assert caught.value.failure.kind is FailureKind.ASSET_UNAVAILABLE
    assert '"warm.cube"' in caught.value.failure.message
    assert list((bench.root / "out").rglob("*")) == []


async def test_an_executor_that_cannot_fetch_says_which_files_it_lacks(tmp_path: Path, footage: Path) -> None:
    bench = Bench(tmp_path, fetching=False)
    shutil.copy2(footage, tmp_path / "in/A001.mov")
    with pytest.raises(StepFailedError) as caught:
        await bench.encode(replace(profile("proxy_h264_low"), look=look(table=lut("warm.cube"))))
    assert caught.value.failure.message == "The look needs warm.cube; this executor cannot fetch files"
