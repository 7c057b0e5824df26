"""Footage that every test of this tier may read, made once, and a workplace for each test."""

import shutil
import stat
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from tests.e2e.parts import Parts
from tests.e2e.workplace import PROXX, Workplace
from tests.footage.kind import ClipKind
from tests.footage.make import make_footage, write_clip
from tests.footage.recipe import Recipe

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this tier, and skip it where its tools are absent."""
    missing = [tool for tool in ("ffmpeg", "ffprobe") if shutil.which(tool) is None]
    missing += [] if PROXX.exists() else [f"{PROXX} (make setup)"]
    for item in items:
        if not item.path.is_relative_to(HERE):
            continue
        item.add_marker(pytest.mark.process)
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Mapping[ClipKind, Path]:
    """One clip of each kind, read-only. Tests that need other bytes make copies."""
    paths = make_footage(tmp_path_factory.mktemp("footage"))
    for path in paths:
        path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    return dict(zip(ClipKind, paths, strict=True))


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of picture: cheap to write, and seconds of work to encode as ProRes."""
    recipe = Recipe(
        file_name="L001C001_251120_R1AB.mov",
        rate=Fraction(25),
        frames=160,
        video=("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"),
        audio=("-c:a", "pcm_s16le"),
        audio_channels=(2,),
        timecode="10:00:00:00",
    )
    path = tmp_path_factory.mktemp("long") / recipe.file_name
    return write_clip(recipe, path)


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A fresh workplace."""
    return Workplace(tmp_path)


@pytest.fixture
def parts(workplace: Workplace) -> Iterator[Parts]:
    """Parts whose processes are gone after the test."""
    made = Parts(workplace)
    yield made
    for begun in reversed(made.started):
        begun.kill()
