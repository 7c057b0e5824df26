"""Write generated footage with the real ffmpeg."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.footage.kind import ClipKind
from tests.footage.recipe import Recipe, clip_command
from tests.footage.recipes import RECIPES
from tests.footage.rotation import rotate_clockwise

CLIP_TIMEOUT_SECONDS = 60


def make_clip(kind: ClipKind, path: Path) -> Path:
    """Write one clip of `kind` to `path`, replacing what is there, and return `path`. Raises what `write_clip` does."""
    return write_clip(RECIPES[kind], path)


def write_clip(recipe: Recipe, path: Path) -> Path:
    """Write one clip of any recipe to `path`, replacing what is there, and return `path`.

    Raises:
        RuntimeError: ffmpeg refused; carries its message.
        FileNotFoundError: there is no ffmpeg on PATH.
    """
    argv = clip_command(recipe, path)
    done = subprocess.run(argv, capture_output=True, text=True, timeout=CLIP_TIMEOUT_SECONDS, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ffmpeg could not make {path.name} (exit code {done.returncode}): {done.stderr.strip()}")
    if recipe.rotation:
        rotate_clockwise(path, degrees=recipe.rotation, width=recipe.width, height=recipe.height)
    return path


def make_footage(directory: Path, kinds: Iterable[ClipKind] = ClipKind) -> tuple[Path, ...]:
    """Write one clip of each kind below `directory` under its camera-like name; paths in the order of `kinds`."""
    directory.mkdir(parents=True, exist_ok=True)
    return tuple(make_clip(kind, directory / RECIPES[kind].file_name) for kind in kinds)
