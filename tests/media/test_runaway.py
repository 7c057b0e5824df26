"""An FFmpeg that goes on without end is stopped at the plan's ceiling, which the failure names; nothing is left."""

import asyncio
import contextlib
import shutil
from pathlib import Path

import pytest

from proxx.core.failure import FailureKind
from proxx.core.planner.ceiling import LEAST_CEILING_BYTES
from proxx.core.violation import ViolationCode
from tests.hostile_media.clips import make_clip
from tests.media.test_engine_encode import Bench

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

FRAMES = 10
"""Pictures of base.mov, at 25 a second."""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    for name in ("in", "out", "clips"):
        (tmp_path / name).mkdir()
    shutil.copy2(make_clip(tmp_path / "clips", "base.mov"), tmp_path / "in/A001.mov")
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param(
            "n=0; while :; do n=$((n + 500)); echo frame=$n; echo progress=continue; done",
            "FFmpeg made 1500 pictures; the plan's ceiling is 1010",
            id="pictures",
        ),
        pytest.param(
            "n=0; while :; do n=$((n + 200)); echo out_time_us=${n}000000; echo progress=continue; done",
            "FFmpeg made 800 seconds; the plan's ceiling is 600",
            id="seconds",
        ),
    ],
)
async def test_what_is_made_without_end_is_stopped_at_the_plan_s_ceiling(
    bench: Bench, script: str, message: str
) -> None:
    failure = (await bench.with_tool(script).failure(await bench.encode_lease())).failure
    assert (failure.kind, failure.message) == (FailureKind.LIMIT_EXCEEDED, message)


async def test_a_file_that_grows_without_end_is_stopped_at_the_plan_s_ceiling(bench: Bench) -> None:
    script = 'for last; do :; done; exec cat /dev/zero > "${last#file:}"'
    failure = (await bench.with_tool(script).failure(await bench.encode_lease())).failure
    assert failure.kind is FailureKind.LIMIT_EXCEEDED
    assert failure.message.startswith("The output grew past the plan's ceiling of ")
    assert int(failure.message.split()[-2]) < LEAST_CEILING_BYTES * 2


async def test_a_source_that_grows_while_it_is_probed_has_no_facts(bench: Bench) -> None:
    source = bench.root / "in/A001.mov"

    async def grow() -> None:
        with source.open("ab") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
                await asyncio.sleep(0.001)

    growing = asyncio.create_task(grow())
    try:
        found = await bench.source()
    finally:
        growing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await growing
    assert found.facts is None
    assert {violation.code for violation in found.violations} <= {
        ViolationCode.PROBE_FAILED,
        ViolationCode.SOURCE_UNSUPPORTED,
        ViolationCode.SOURCE_TRUNCATED,
    }
    assert found.violations != ()
