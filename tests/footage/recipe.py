"""What a generated clip is made of, as data; `clip_command` turns it into one ffmpeg argument list."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

BITEXACT = ("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")
TONES_HZ = (220, 330, 440, 550)  # every track its own tone, so that a wrong track order can be heard and measured
SAMPLE_RATE_HZ = 48000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One clip: camera-like file name, raster, exact rate, picture and sound encoding, what the container carries.

    `rate` counts frames, also of interlaced footage. `audio_channels` has one entry a track. `timecode` is the start
    label, `;` before the frames when drop-frame. `rotation` is degrees clockwise for upright display.
    """

    file_name: str
    rate: Fraction
    frames: int
    video: tuple[str, ...]
    audio: tuple[str, ...]
    audio_channels: tuple[int, ...]
    width: int = 640
    height: int = 360
    interlaced: bool = False
    timecode: str | None = None
    reel_name: str | None = None
    muxer: tuple[str, ...] = ()
    rotation: int = 0

    @property
    def seconds(self) -> Fraction:
        """How long the clip plays, exactly."""
        return self.frames / self.rate


def clip_command(recipe: Recipe, path: Path) -> list[str]:
    """The ffmpeg arguments that write `recipe` to `path`: same recipe, same ffmpeg, same bytes."""
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    argv += ["-f", "lavfi", "-i", _picture(recipe)]
    for tone in TONES_HZ[: len(recipe.audio_channels)]:
        argv += ["-f", "lavfi", "-i", _sound(recipe, tone)]
    argv += ["-map", "0:v:0"]
    for track, channels in enumerate(recipe.audio_channels):
        argv += ["-map", f"{track + 1}:a:0", f"-ac:a:{track}", str(channels)]
    argv += [*BITEXACT, *recipe.video, *recipe.audio]
    if recipe.timecode is not None:
        argv += ["-timecode", recipe.timecode]
    if recipe.reel_name is not None:
        argv += ["-metadata:s:v:0", f"reel_name={recipe.reel_name}"]
    return [*argv, *recipe.muxer, str(path)]


def _picture(recipe: Recipe) -> str:
    size = f"size={recipe.width}x{recipe.height}"
    end = f"trim=end_frame={recipe.frames}"  # not -frames:v, which would also cut the sound of the last frames
    if recipe.interlaced:  # two moments in time a frame, as a camera's sensor gives them
        return f"testsrc2={size}:rate={recipe.rate * 2},tinterlace=mode=interleave_top,setfield=tff,{end}"
    return f"testsrc2={size}:rate={recipe.rate},{end}"


def _sound(recipe: Recipe, tone: int) -> str:
    samples = round(recipe.seconds * SAMPLE_RATE_HZ)
    return f"sine=frequency={tone}:sample_rate={SAMPLE_RATE_HZ},atrim=end_sample={samples}"
