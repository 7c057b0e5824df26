"""Real media: the ffmpeg command that makes one output of a render."""

from __future__ import annotations

import hashlib
import subprocess
from fractions import Fraction
from pathlib import Path

from tests.resolve_simulator.app.shot import Shot

ENCODE_SECONDS = 120
PRORES = {
    "ProRes422P": "proxy",
    "ProRes422LT": "lt",
    "ProRes422": "standard",
    "ProRes422HQ": "hq",
    "ProRes4444": "4444",
    "ProRes4444XQ": "4444xq",
}
DNXHR = {
    "DNxHRLB": ("dnxhr_lb", "yuv422p"),
    "DNxHRSQ": ("dnxhr_sq", "yuv422p"),
    "DNxHRHQ": ("dnxhr_hq", "yuv422p"),
    "DNxHRHQX_10": ("dnxhr_hqx", "yuv422p10le"),
    "DNxHRHQX_12": ("dnxhr_hqx", "yuv422p10le"),
    "DNxHR444_10": ("dnxhr_444", "yuv444p10le"),
    "DNxHR444_12": ("dnxhr_444", "yuv444p10le"),
}
# Bit rate in Mbit/s of each DNxHD family at 24, 25, 30, 50 and 60 frames a second.
DNXHD_RATES = {
    "1080p36": {24: 36, 25: 36, 30: 45, 50: 75, 60: 90},
    "1080p145": {24: 115, 25: 120, 30: 145, 50: 240, 60: 290},
    "1080p220": {24: 175, 25: 185, 30: 220, 50: 365, 60: 440},
    "720p145": {24: 60, 25: 60, 30: 75, 50: 120, 60: 145},
    "720p220": {24: 90, 25: 90, 30: 110, 50: 180, 60: 220},
}
MUXERS = {"mov": "mov", "mp4": "mp4", "mkv": "matroska", "mxf_op1a": "mxf", "mxf": "mxf_opatom", "avi": "avi"}
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
COLOUR = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709")


class EncodeError(Exception):
    """ffmpeg refused; the message is its own."""


def command(shot: Shot, target: Path) -> list[str]:
    """Return the argv that writes `shot` to `target`. Raises EncodeError for a codec that it has no recipe for."""
    size, rate = f"{shot.width}x{shot.height}", f"{shot.rate.numerator}/{shot.rate.denominator}"
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1"]
    if shot.has_video:
        argv += ["-f", "lavfi", "-i", f"{shot.picture}:size={size}:rate={rate},trim=end_frame={shot.frames}"]
    samples = int(Fraction(shot.frames * shot.audio_rate) / shot.rate)
    for number, channels in enumerate(shot.audio, start=1):
        layout = LAYOUTS.get(channels, f"{channels}c")
        spread = "|".join(f"c{each}=c0" for each in range(channels))
        tone = f"sine=frequency={220 * number}:sample_rate={shot.audio_rate}"
        argv += ["-f", "lavfi", "-i", f"{tone},atrim=end_sample={samples},pan={layout}|{spread}"]
    if shot.has_video:
        argv += ["-map", "0:v", *_video(shot), *COLOUR]
    first = 1 if shot.has_video else 0
    for index in range(len(shot.audio)):
        argv += ["-map", f"{first + index}:a"]
    argv += _audio(shot) if shot.audio else []
    if shot.timecode and shot.has_video and not shot.sequence:
        argv += ["-timecode", shot.timecode]
    if shot.reel and shot.format_id == "mov":
        argv += ["-metadata:s:v", f"reel_name={shot.reel}", "-metadata", f"reel_name={shot.reel}"]
    muxer = "image2" if shot.sequence else MUXERS.get(shot.format_id, "mov" if shot.has_video else "wav")
    return [*argv, "-threads", "1", "-fflags", "+bitexact", "-f", muxer, str(target)]


def _video(shot: Shot) -> list[str]:
    codec = shot.codec_id
    if codec in PRORES:
        deep = "yuva444p10le" if codec.startswith("ProRes4444") else "yuv422p10le"
        return ["-c:v", "prores_ks", "-profile:v", PRORES[codec], "-vendor", "apl0", "-pix_fmt", deep]
    if codec in DNXHR:
        profile, pixels = DNXHR[codec]
        return ["-c:v", "dnxhd", "-profile:v", profile, "-pix_fmt", pixels]
    if codec.startswith("DNxHD"):
        family = codec.removeprefix("DNxHD").removesuffix("_10")
        megabits = DNXHD_RATES.get(family, {}).get(round(shot.rate))
        if megabits is None:
            raise EncodeError(f"{codec} has no rate of {shot.rate}")
        pixels = "yuv422p10le" if codec.endswith("_10") else "yuv422p"
        return ["-c:v", "dnxhd", "-b:v", f"{megabits}M", "-pix_fmt", pixels]
    if codec.startswith("H264"):
        return ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    if codec.startswith("H265"):
        parameters = "log-level=error:pools=1:frame-threads=1"
        return ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", parameters]
    if codec == "GoProYUV10":
        return ["-c:v", "cfhd", "-pix_fmt", "yuv422p10le"]
    if codec == "PJPEG":
        return ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p"]
    if shot.sequence:
        return []
    raise EncodeError(f"no recipe for {shot.format_id}/{codec}")


def _audio(shot: Shot) -> list[str]:
    if shot.audio_codec == "aac":
        return ["-c:a", "aac"]
    if shot.audio_codec == "mp3" or shot.format_id == "mp4":  # this muxer takes no plain samples either
        return ["-c:a", "libmp3lame"]
    return ["-c:a", "pcm_s24le" if shot.audio_depth == 24 else "pcm_s16le"]


def encode(shot: Shot, scratch: Path) -> tuple[Path, ...]:
    """Return the files of `shot` in `scratch`, made now or by an earlier render of the same.

    Raises:
        EncodeError: ffmpeg refused it.
    """
    pattern = f"%08d.{shot.extension}" if shot.sequence else f"done.{shot.extension}"
    key = hashlib.sha256("\0".join(command(shot, Path(pattern))).encode()).hexdigest()[:24]
    directory = scratch / key
    if not directory.exists():
        fresh = scratch / (key + ".new")
        fresh.mkdir(parents=True, exist_ok=True)
        argv = command(shot, fresh / pattern)
        done = subprocess.run(argv, capture_output=True, text=True, timeout=ENCODE_SECONDS, check=False)
        if done.returncode != 0:
            raise EncodeError(done.stderr.strip())
        fresh.rename(directory)
    return tuple(sorted(directory.iterdir()))
