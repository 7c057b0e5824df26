"""The short form of the determinism campaign: every FFmpeg profile, three conditions, one digest."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import sandbox_reach
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
QUICK = ("proxy_h264_low_burnin", "proxy_h265_low", "proxy_av1_low")
"""One that reads a font, and the encoders that look at the host's processors by themselves."""

LEVELS = (SandboxLevel.PROCESS, SandboxLevel.FILTERS, SandboxLevel.NAMESPACES)


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


@pytest.mark.parametrize("name", [profile.name for profile in PROFILES] if os.environ.get("PROXX_LONG") else QUICK)
async def test_no_level_of_the_sandbox_changes_a_byte(name: str, noisy: Path, tmp_path: Path) -> None:
    (profile,) = profiles(only=(name,))
    source = await probed(noisy, runner=ProcessToolRunner())
    plan = cell(group="levels", name=name, source=source, profile=profile, container=profile.containers[0])
    plain = short_conditions()[:1]
    reached = [level for level in LEVELS if sandbox_reach(most=level).level is level]

    tried = [
        await try_cells(
            [plan],
            conditions=plain,
            runner=ProcessToolRunner(most=level),
            directory=tmp_path,
            say=lambda _line: None,
        )
        for level in reached
    ]

    assert all(found.one for (found,) in tried), tried
    assert len({digest for (found,) in tried for digest in found.found[plain[0].name]}) == 1, tried
