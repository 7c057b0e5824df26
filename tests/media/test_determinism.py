"""The short form of the determinism campaign: every FFmpeg profile, three conditions, one digest."""

import shutil
import sys
from pathlib import Path

import pytest

from proxx.engine.process_runner import ProcessToolRunner
from tools.determinism_conditions import short_conditions
from tools.determinism_material import NOISY, cell, make_noisy, probed, profiles
from tools.determinism_trial import try_cells

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs taskset (Linux)"),
]

PROFILES = profiles(only=())
FRAMES = 10


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise: what hides small differences in a smooth picture shows them here."""
    return make_noisy(tmp_path_factory.mktemp("noisy") / NOISY, frames=FRAMES)


@pytest.mark.parametrize("profile", PROFILES, ids=[profile.name for profile in PROFILES])
async def test_neither_cores_nor_load_nor_cpu_level_change_a_byte(profile, noisy: Path, tmp_path: Path) -> None:
    runner = ProcessToolRunner()
    plan = cell(
        group="profiles",
        name=profile.name,
        source=await probed(noisy, runner=runner),
        profile=profile,
        container=profile.containers[0],
    )

    (tried,) = await try_cells(
        [plan], conditions=short_conditions(), runner=runner, directory=tmp_path, say=lambda _line: None
    )

    assert tried.one, tried.found
