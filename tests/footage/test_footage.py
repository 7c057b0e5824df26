"""The generated footage is what it claims to be: read back by ffprobe, and the same bytes every time."""

import hashlib
import shutil
from pathlib import Path

import pytest

from tests.footage.kind import ClipKind
from tests.footage.make import make_clip
from tests.footage.recipe import clip_command
from tests.footage.recipes import RECIPES
from tests.footage.traits import Traits, read_traits

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None, reason="ffmpeg and ffprobe are not on PATH"
)


@needs_ffmpeg
@pytest.mark.media
@pytest.mark.parametrize("kind", list(ClipKind), ids=str)
def test_clip_carries_what_its_recipe_says(kind: ClipKind, tmp_path: Path) -> None:
    recipe = RECIPES[kind]

    actual = read_traits(make_clip(kind, tmp_path / recipe.file_name))

    assert actual == Traits(
        width=recipe.width,
        height=recipe.height,
        rate=recipe.rate,
        frames=recipe.frames,
        interlaced=recipe.interlaced,
        audio_channels=recipe.audio_channels,
        timecode=recipe.timecode,
        reel_name=recipe.reel_name,
        rotation=recipe.rotation,
    )


@needs_ffmpeg
@pytest.mark.media
@pytest.mark.parametrize("kind", list(ClipKind), ids=str)
def test_clip_is_the_same_bytes_every_time(kind: ClipKind, tmp_path: Path) -> None:
    file_name = RECIPES[kind].file_name
    digests = []
    for directory in (tmp_path / "first", tmp_path / "second"):
        directory.mkdir()
        digests.append(hashlib.sha256(make_clip(kind, directory / file_name).read_bytes()).hexdigest())

    assert digests[0] == digests[1]


def test_every_kind_has_a_recipe_and_its_own_file_name() -> None:
    assert set(RECIPES) == set(ClipKind)
    assert len({recipe.file_name for recipe in RECIPES.values()}) == len(ClipKind)


def test_sound_lasts_as_long_as_the_picture_to_the_sample() -> None:
    recipe = RECIPES[ClipKind.PRORES_HQ_2997_DROP]

    argv = clip_command(recipe, Path("clip.mov"))

    assert [item for item in argv if item.startswith("sine=")] == [
        f"sine=frequency={tone}:sample_rate=48000,atrim=end_sample=57658" for tone in (220, 330, 440, 550)
    ]
