"""Every row of the source matrix, both versions: a file of it is routed, probed, planned and encoded, and passes."""

import shutil
from pathlib import Path

import pytest

from proxx.core.command_paths import fill_placeholders
from proxx.core.detection import Engine
from proxx.core.judge import judge
from proxx.core.plan import PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.core.sources import matrix_rows
from proxx.core.steps import ProbedSource
from proxx.core.violation import ViolationCode
from proxx.engine.measure import Tools, measure
from proxx.engine.probe import probe_source
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.tool import ToolRequest
from proxx.runtime.profile_files import builtin_library
from tests.footage.dv_type1 import make_dv_type1
from tests.footage.matrix_clips import CLIPS, FRAMES, make_matrix_clip

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

FIRST = [(row.container, row.codec) for row in matrix_rows(version=1)]
SECOND = [(row.container, row.codec) for row in matrix_rows(version=2)]
ADDED = SECOND[len(FIRST) :]
TOOLS = Tools(ffmpeg="ffmpeg", ffprobe="ffprobe")
PROFILE = "proxy_h264_low"


def _ids(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"{codec} in {container}" for container, codec in pairs]


async def probed(path: Path, *, version: int) -> ProbedSource:
    return await probe_source(
        runner=ProcessToolRunner(),
        path=path,
        source=RootPath(root="made", path=path.name),
        ffprobe=TOOLS.ffprobe,
        source_matrix=version,
    )


async def failed_checks(found: ProbedSource, source: Path) -> tuple[str, ...]:
    """Make the proxy as an executor would and return the checks that it does not pass."""
    profile = builtin_library().get(PROFILE)
    assert profile is not None
    assert found.facts is not None
    proxy = source.parent / f"{source.stem}_proxy.mp4"
    named = RootPath(root="made", path=proxy.name)
    inputs = PlanInputs(
        source=RootPath(root="made", path=source.name),
        output=named,
        facts=found.facts,
        profile=profile,
        codec="h264",
        container="mp4",
        resolution="same",
        fps=None,
    )
    plan = plan_clip(inputs=inputs)
    runner = ProcessToolRunner(scratch=source.parent)
    argv = fill_placeholders(argv=plan.argv, tool=TOOLS.ffmpeg, source=source, output=proxy)
    made = await runner.run(ToolRequest(argv=argv, readable=(source,), writable=(proxy.parent,), timeout_seconds=100))
    assert made.ok, made.stderr_tail
    measurement = await measure(
        runner=runner, tools=TOOLS, path=proxy, staged=named, plan=plan, source_errors=made.error_lines
    )
    verdict = judge(plan=plan, measured=measurement.measured)
    return tuple(f"{check.name}: {check.actual}" for check in verdict.failures())


def test_there_is_a_clip_for_every_row() -> None:
    assert set(CLIPS) == set(SECOND)
    assert SECOND[: len(FIRST)] == FIRST


@pytest.mark.parametrize(("container", "codec"), SECOND, ids=_ids(SECOND))
async def test_a_clip_of_the_row_becomes_a_proxy_that_passes(container: str, codec: str, tmp_path: Path) -> None:
    source = make_matrix_clip(container, codec, tmp_path)
    version = 1 if (container, codec) in FIRST else 2
    found = await probed(source, version=version)
    assert found.violations == ()
    assert found.detection is not None
    assert (found.detection.engine, found.detection.container, found.detection.codec) == (
        Engine.FFMPEG,
        container,
        codec,
    )
    assert found.detection.detail.endswith(f"stand in source matrix {version}.")
    assert found.facts is not None
    assert found.facts.video is not None
    assert (found.facts.video.codec, found.facts.video.frame_count) == (codec, FRAMES)
    assert await failed_checks(found, source) == ()


@pytest.mark.parametrize(("container", "codec"), ADDED, ids=_ids(ADDED))
async def test_version_1_refuses_what_version_2_adds_and_says_which_version_has_it(
    container: str, codec: str, tmp_path: Path
) -> None:
    found = await probed(make_matrix_clip(container, codec, tmp_path), version=1)
    assert found.facts is None
    assert [violation.code for violation in found.violations] == [ViolationCode.SOURCE_UNSUPPORTED]
    said = f"{codec} in {container} is not in source matrix 1; matrix 2 has it, if the site sets it."
    assert said in found.violations[0].message


async def test_dv_of_type_1_is_a_row_of_version_2_too(tmp_path: Path) -> None:
    source = make_dv_type1(tmp_path / "tape.avi", frames=FRAMES)
    found = await probed(source, version=2)
    assert found.violations == ()
    assert found.facts is not None
    assert found.facts.video is not None
    assert (found.facts.video.codec, found.facts.video.frame_count) == ("dvvideo", FRAMES)
    assert [track.codec for track in found.facts.audio] == ["pcm_s16le"]
    assert await failed_checks(found, source) == ()
