"""What `make demo` proves beyond Proxx's own word: the files on disk, read by ffprobe and sha256 alone."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.footage.recipe import Recipe
from tests.footage.traits import read_traits


def sha256_of(path: Path) -> str:
    """Digest of a file's bytes, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def differences_from_recipe(*, recipe: Recipe, proxy: Path) -> list[str]:
    """Where a proxy departs from what the generator put into its source; empty when it stands in for it."""
    found = read_traits(proxy)
    pairs = {
        "frames": (recipe.frames, found.frames),
        "frame rate": (recipe.rate, found.rate),
        "start timecode": (recipe.timecode, found.timecode),
        "audio tracks": (recipe.audio_channels, found.audio_channels),
    }
    return [
        f"{proxy.name}: {name} is {actual}, the source was made with {expected}"
        for name, (expected, actual) in pairs.items()
        if expected != actual
    ]


def differences_between_runs(*, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Clips whose bytes on disk differ between two runs, or from the digest that their result states."""
    lines = []
    for one, other in zip(first["clips"], second["clips"], strict=True):
        paths = [Path(clip["resolved_output_path"]) for clip in (one, other)]
        digests = [sha256_of(path) for path in paths]
        if digests[0] != digests[1]:
            lines.append(f"{paths[0].name}: {digests[0][:12]} in the first run, {digests[1][:12]} in the second")
        lines += [
            f"{path}: the result says {clip['output_sha256']}, the file is {digest}"
            for clip, path, digest in zip((one, other), paths, digests, strict=True)
            if clip["output_sha256"] != digest
        ]
    return lines
