"""The run of the picture checks: its limits, and how its death is named."""

from pathlib import Path

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.picture_checks import PictureChecks
from proxx.core.plan import Plan
from proxx.core.planner import plan_clip
from proxx.core.verdict import CheckLevel
from proxx.engine.errors import StepFailedError
from proxx.engine.evidence import PathEvidence
from proxx.engine.picture_checks import check_pictures
from proxx.engine.tool import ToolEnd
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import inputs_with
from tests.fakes.tool_runner import FakeToolRunner, tool_result

LIMIT = 3 * 1024**3
EVIDENCE = PathEvidence(path=Path("source.mov"), device=1, inode=2)
CHECKS = PictureChecks(
    level=CheckLevel.WARN,
    black_milliseconds=500,
    freeze_milliseconds=None,
    silence_milliseconds=None,
    least_ssim=None,
    least_psnr_db=None,
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    profile = builtin_library().get("proxy_h264_low")
    assert profile is not None
    return plan_clip(inputs=inputs_with(profile=profile))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        pytest.param(3, "", id="nobody ran out of memory"),
        pytest.param(4, ": the kernel ended it because memory ran out", id="memory ran out"),
    ],
)
async def test_a_killed_check_keeps_to_its_limit_and_names_why(
    plan: Plan, tmp_path: Path, after: int, why: str
) -> None:
    runner = FakeToolRunner(lambda _: tool_result(end=ToolEnd.SIGNALLED, signal=9))
    counts = iter((3, after))

    with pytest.raises(StepFailedError) as caught:
        await check_pictures(
            runner=runner,
            ffmpeg="ffmpeg",
            plan=plan,
            checks=CHECKS,
            source=tmp_path / "source.mov",
            proxy=tmp_path / "proxy.mov",
            assets={},
            evidence=(EVIDENCE,),
            memory_limit_bytes=LIMIT,
            count_oom_kills=lambda: next(counts),
        )

    assert caught.value.failure == Failure(
        kind=FailureKind.TOOL_KILLED, message=f"FFmpeg was killed by signal 9 (SIGKILL){why}"
    )
    told = [(request.memory_limit_bytes, request.evidence) for request in runner.requests]
    assert told == [(LIMIT, (EVIDENCE,))]
