"""The optional picture checks of a profile, run over proxies of footage that has what they look for."""

import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.failure import FailureKind
from proxx.core.picture_checks import PictureChecks
from proxx.core.profile import Profile
from proxx.core.verdict import Check, CheckLevel
from proxx.engine.errors import StepFailedError
from proxx.runtime.profile_files import builtin_library
from tests.media.easel import look, lut
from tests.media.proxies import ffmpeg
from tests.media.test_look_steps import Bench

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]

LIBRARY = builtin_library()
CHECKS = PictureChecks(
    level=CheckLevel.WARN,
    black_milliseconds=500,
    freeze_milliseconds=500,
    silence_milliseconds=500,
    least_ssim=Fraction(9, 10),
    least_psnr_db=Fraction(25),
)
QUESTIONS = ("black_milliseconds", "freeze_milliseconds", "silence_milliseconds", "least_ssim", "least_psnr_db")
NAMES = ("black", "freeze", "audio[0].silence", "ssim", "psnr")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds that move and sound all the time."""
    path = tmp_path_factory.mktemp("clean") / "A001.mov"
    record(path, picture="null", sound="anull")
    return path


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds: black and silent from 0.4 s to 1.2 s."""
    path = tmp_path_factory.mktemp("broken") / "A001.mov"
    record(
        path,
        picture="drawbox=t=fill:c=black:enable='between(n,10,29)'",
        sound="volume=0:enable='between(t,0.4,1.2)'",
    )
    return path


def record(path: Path, *, picture: str, sound: str) -> None:
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=320x192:r=25:d=2", "-f", "lavfi", "-i", "sine=r=48000:d=2"),
        *("-vf", f"{picture},format=yuv420p", "-af", sound, "-c:v", "libx264", "-qp", "10", "-c:a", "pcm_s16le"),
        *("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"),
        str(path),
    )


def profile(checks: PictureChecks | None) -> Profile:
    found = LIBRARY.get("proxy_h264_high")
    assert found is not None
    return replace(found, picture_checks=checks)


async def checks_of(root: Path, source: Path, recipe: Profile) -> tuple[Check, ...]:
    bench = Bench(root)
    shutil.copyfile(source, root / "in" / "A001.mov")
    output = await bench.encode(recipe)
    return tuple(check for check in output.verdict.checks if check.name in NAMES)


async def test_a_clip_without_findings_passes_every_check(tmp_path: Path, clean: Path) -> None:
    found = await checks_of(tmp_path, clean, profile(CHECKS))
    assert [(check.name, check.level) for check in found] == [(name, CheckLevel.PASS) for name in NAMES]


async def test_black_frozen_and_silent_stretches_are_named_with_their_times(tmp_path: Path, broken: Path) -> None:
    found = {check.name: check for check in await checks_of(tmp_path, broken, profile(CHECKS))}
    assert {name: check.level for name, check in found.items()} == {
        "black": CheckLevel.WARN,
        "freeze": CheckLevel.WARN,
        "audio[0].silence": CheckLevel.WARN,
        "ssim": CheckLevel.PASS,
        "psnr": CheckLevel.PASS,
    }
    assert found["black"] == Check(
        name="black",
        level=CheckLevel.WARN,
        expected="no stretch of 0.500 s or more",
        actual="0.400 s to 1.200 s",
    )


async def test_a_finding_stops_publication_where_the_profile_says_fail(tmp_path: Path, broken: Path) -> None:
    strict = replace(CHECKS, level=CheckLevel.FAIL)
    with pytest.raises(StepFailedError) as caught:
        await checks_of(tmp_path, broken, profile(strict))
    assert caught.value.failure.kind is FailureKind.OUTPUT_MISMATCH
    assert "black expected no stretch of 0.500 s or more, measured 0.400 s to 1.200 s" in caught.value.failure.message


async def test_likeness_below_what_the_profile_asks_is_found(tmp_path: Path, clean: Path) -> None:
    impossible = PictureChecks(
        level=CheckLevel.FAIL,
        black_milliseconds=None,
        freeze_milliseconds=None,
        silence_milliseconds=None,
        least_ssim=Fraction(1),
        least_psnr_db=None,
    )
    with pytest.raises(StepFailedError) as caught:
        await checks_of(tmp_path, clean, profile(impossible))
    assert "ssim expected mean at least 1" in caught.value.failure.message


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"black_milliseconds": 500}, "black"),
        ({"freeze_milliseconds": 500}, "freeze"),
        ({"silence_milliseconds": 500}, "audio[0].silence"),
        ({"least_psnr_db": Fraction(25)}, "psnr"),
    ],
    ids=["black", "freeze", "silence", "psnr"],
)
async def test_each_check_can_be_asked_alone(tmp_path: Path, broken: Path, asked: dict[str, object], name: str) -> None:
    alone = PictureChecks(**{**dict.fromkeys(QUESTIONS), **asked}, level=CheckLevel.WARN)
    (found,) = await checks_of(tmp_path, broken, profile(alone))
    assert (found.name, found.level) == (name, CheckLevel.PASS if name == "psnr" else CheckLevel.WARN)


async def test_a_look_is_part_of_what_likeness_compares_with(tmp_path: Path, clean: Path) -> None:
    drawn = replace(profile(CHECKS), look=look(table=lut("warm.cube")))
    found = {check.name: check.level for check in await checks_of(tmp_path, clean, drawn)}
    assert (found["ssim"], found["psnr"]) == (CheckLevel.PASS, CheckLevel.PASS)


async def test_a_profile_without_checks_runs_no_second_command(tmp_path: Path, clean: Path) -> None:
    assert await checks_of(tmp_path, clean, profile(None)) == ()
