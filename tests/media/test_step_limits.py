"""Every run of FFmpeg over a clip has the executor's memory limit, and its death is named."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.judge import is_chatter
from proxx.core.picture_checks import PictureChecks
from proxx.core.planner import plan_clip
from proxx.core.verdict import CheckLevel
from proxx.engine.errors import StepFailedError
from proxx.engine.measure import Tools, measure
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import inputs_with
from tests.fakes.tool_runner import tool_result
from tests.media.test_look_steps import SOURCE, Bench
from tests.media.test_look_steps import footage as footage

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

LIMIT = 1 << 40
CHECKS = PictureChecks(
    level=CheckLevel.WARN,
    black_milliseconds=500,
    freeze_milliseconds=None,
    silence_milliseconds=None,
    least_ssim=None,
    least_psnr_db=None,
)
PROFILE = builtin_library().get("proxy_h264_low")


class Killing:
    """Runs ffprobe, and answers for ffmpeg that the kernel killed it."""

    def __init__(self, scratch: Path) -> None:
        self._runner = ProcessToolRunner(scratch=scratch)

    @property
    def sandbox_level(self) -> str:
        return self._runner.sandbox_level

    async def run(self, request: ToolRequest, **more: object) -> ToolResult:
        if request.argv[0] == "ffmpeg":
            return tool_result(end=ToolEnd.SIGNALLED, signal=9)
        return await self._runner.run(request, **more)


async def test_encode_decode_and_picture_checks_have_the_same_memory_limit(tmp_path: Path, footage: Path) -> None:
    assert PROFILE is not None
    bench = Bench(tmp_path, memory_limit_bytes=LIMIT)
    shutil.copy2(footage, tmp_path / "in/A001.mov")

    await bench.encode(replace(PROFILE, picture_checks=CHECKS))

    runs = [request for request in bench.runner.requests if request.argv[0] == "ffmpeg"]
    assert [run.memory_limit_bytes for run in runs] == [LIMIT, LIMIT, LIMIT]
    assert [run.harmless for run in runs] == [is_chatter, None, None]


@pytest.mark.parametrize(
    ("after", "why"),
    [
        pytest.param(0, "", id="nobody ran out of memory"),
        pytest.param(1, ": the kernel ended it because memory ran out", id="memory ran out"),
    ],
)
async def test_a_decode_that_the_kernel_killed_for_memory_says_so(
    tmp_path: Path, footage: Path, after: int, why: str
) -> None:
    assert PROFILE is not None
    counts = iter((0, after))

    with pytest.raises(StepFailedError) as caught:
        await measure(
            runner=Killing(tmp_path),
            tools=Tools(ffmpeg="ffmpeg", ffprobe="ffprobe"),
            path=footage,
            staged=SOURCE,
            plan=plan_clip(inputs=inputs_with(profile=PROFILE)),
            source_errors=(),
            count_oom_kills=lambda: next(counts),
        )

    assert caught.value.failure == Failure(
        kind=FailureKind.TOOL_KILLED, message=f"FFmpeg was killed by signal 9 (SIGKILL){why}"
    )
