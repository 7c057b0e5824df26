"""Proxies of any source file: made by the real prober, planner and encoder, judged by the real measure and judge."""

import subprocess
from pathlib import Path

from tests.fidelity.prepared import Prepared
from tests.fidelity.scene import Scene
from tests.fidelity.workshop import Workshop
from tests.footage.kind import ClipKind
from tests.footage.recipes import RECIPES

TIMEOUT_SECONDS = 60


async def make_proxy(
    *, directory: Path, source: Path, profile: str, container: str, resolution: str = "same"
) -> tuple[Prepared, tuple[str, ...]]:
    """Return the proxy of `source`, made in `directory`, and the names of the checks that it fails.

    Raises:
        AssertionError: the source cannot be probed, or the planned command fails.
        PlanRefusedError: no such proxy can be made.
    """
    workshop = Workshop(directory)
    unused = RECIPES[ClipKind.MJPEG_AVI_25]
    scene = Scene(name="proxy", recipe=unused, profile=profile, container=container, resolution=resolution)
    prepared = await workshop.plan(scene, directory, source)
    outcome = await workshop.judge(prepared, prepared.proxy, source_errors=prepared.source_errors)
    return prepared, outcome.caught_by


def ffmpeg(*arguments: str) -> bytes:
    """Run ffmpeg and return what it writes to its output.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return run("ffmpeg", "-nostdin", "-v", "error", "-y", *arguments)


def run(*argv: str) -> bytes:
    """Run a command and return what it writes to its output.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    return subprocess.run(argv, stdout=subprocess.PIPE, check=True, timeout=TIMEOUT_SECONDS).stdout


def raw_video(path: Path, *, pixel_format: str, filters: str = "null") -> bytes:
    """Return every decoded picture of a file, filtered, in one pixel format."""
    chain = f"{filters},format={pixel_format}"
    return ffmpeg("-noautorotate", "-i", str(path), "-map", "0:v:0", "-vf", chain, "-f", "rawvideo", "-")


def raw_sound(path: Path, *, track: int) -> bytes:
    """Return one decoded audio track as 16 bit samples, channels interleaved."""
    return ffmpeg("-i", str(path), "-map", f"0:a:{track}", "-f", "s16le", "-")


def mean_difference(first: bytes, second: bytes) -> float:
    """Return how far two pictures of 8 bit samples are apart on average, 0 to 255.

    Raises:
        ValueError: they are of different sizes.
    """
    return sum(abs(left - right) for left, right in zip(first, second, strict=True)) / len(first)
