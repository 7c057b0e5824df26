"""What the determinism campaign encodes: generated footage, and sources made to be hard on a codec."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from proxx.core.detection import Engine
from proxx.core.facts import MediaFacts
from proxx.core.plan import Plan, PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.profile import Profile
from proxx.core.roots import RootPath
from proxx.engine.probe import probe_source
from proxx.engine.tool import ToolRunner
from proxx.runtime.profile_files import builtin_library
from tests.footage.kind import ClipKind
from tests.footage.make import make_clip
from tests.footage.recipes import RECIPES

NOISY = "noise.mov"
NOISY_RASTER = "600x272"
RATE = 25
_RATES = ("32000", "44100", "48000", "88200", "96000")
_SOUNDS = (
    *((f"pcm_{rate}.mov", ("-c:a", "pcm_s24le", "-ar", rate)) for rate in _RATES),
    ("aac_44100.mov", ("-c:a", "aac", "-ar", "44100")),
    ("aac.mp4", ("-c:a", "aac")),
    ("mp3.mkv", ("-c:a", "libmp3lame")),
    ("ac3.mkv", ("-c:a", "ac3")),
    ("eac3.mkv", ("-c:a", "eac3")),
    ("opus.mkv", ("-c:a", "libopus")),
    ("vorbis.mkv", ("-c:a", "libvorbis")),
    ("dts.mkv", ("-c:a", "dca", "-strict", "-2")),
    ("wma.mkv", ("-c:a", "wmav2")),
    ("flac_96000.mkv", ("-c:a", "flac", "-ar", "96000")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to encode, and what probing it found."""

    path: Path
    facts: MediaFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One plan of the campaign. `group` is the table that it stands in."""

    group: str
    name: str
    source: Path
    plan: Plan


def profiles(*, only: tuple[str, ...]) -> tuple[Profile, ...]:
    """Return the shipped FFmpeg profiles, or those named.

    Raises:
        ValueError: a name is no FFmpeg profile.
    """
    known = {item.name: item for item in builtin_library().profiles if item.engine is Engine.FFMPEG}
    if unknown := [name for name in only if name not in known]:
        raise ValueError(f"no FFmpeg profile is named {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(known[name] for name in only) if only else tuple(known.values())


def make_noisy(path: Path, *, frames: int = RATE) -> Path:
    """Write a second (or `frames`, at 25 a second) of long-GOP H.264 under noise, with two channels of noise and tone.

    The raster is large enough for every profile at half size, and one at which threads in swscale disturb each other
    (docs/DETERMINISM.md): at 320x180 or 960x540 they do not.
    """
    picture = f"testsrc2=s={NOISY_RASTER}:r={RATE}:d={frames / RATE},noise=alls=24:allf=t:all_seed=7"
    video = ("-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-bf", "2", "-timecode", "01:00:00:00")
    return _write(path, picture, video, (), seconds=frames / RATE)


def make_sounds(directory: Path) -> tuple[Path, ...]:
    """Write one small clip for each way in which a camera or a recorder codes sound."""
    video = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")
    return tuple(_write(directory / name, "testsrc2=s=320x180:r=25:d=1", video, sound) for name, sound in _SOUNDS)


def make_every_kind(directory: Path) -> tuple[Path, ...]:
    """Write one clip of each kind of generated footage."""
    return tuple(make_clip(kind, directory / RECIPES[kind].file_name) for kind in ClipKind)


async def probed(path: Path, *, runner: ToolRunner) -> Source:
    """Probe a generated file.

    Raises:
        RuntimeError: it is not what it was made to be.
    """
    found = await probe_source(runner=runner, path=path, source=_place(path.name), ffprobe="ffprobe")
    if found.facts is None:
        raise RuntimeError(f"{path.name} has no facts: {'; '.join(item.message for item in found.violations)}")
    return Source(path=path, facts=found.facts)


def cell(*, group: str, name: str, source: Source, profile: Profile, container: str) -> Cell:
    """Return the plan of a source in one profile and container.

    Raises:
        PlanRefusedError: the profile does not take this source.
    """
    inputs = PlanInputs(
        source=_place(source.path.name),
        output=_place(f"proxy.{container}"),
        facts=source.facts,
        profile=profile,
        codec=profile.codec,
        container=container,
        resolution=profile.default_resolution,
        fps=None,
    )
    return Cell(group=group, name=name, source=source.path, plan=plan_clip(inputs=inputs))


def _place(name: str) -> RootPath:
    return RootPath(root="campaign", path=name)


def _write(path: Path, picture: str, video: tuple[str, ...], sound: tuple[str, ...], *, seconds: float = 1.0) -> Path:
    noise = f"anoisesrc=c=pink:r=48000:d={seconds}:seed=7:a=0.4"
    tone = f"sine=f=440:r=48000:d={seconds}"
    sounds = f"{noise}[n];{tone}[t];[n][t]amerge=inputs=2,aformat=channel_layouts=stereo[a]"
    argv = (
        *(shutil.which("ffmpeg") or "ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", picture),
        *("-filter_complex", sounds, "-map", "0:v", "-map", "[a]", "-fflags", "+bitexact", "-flags", "+bitexact"),
        *(*video, "-pix_fmt", "yuv420p", *(sound or ("-c:a", "pcm_s24le")), str(path)),
    )
    subprocess.run(argv, check=True, timeout=60)
    return path
