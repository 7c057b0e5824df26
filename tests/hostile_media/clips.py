"""Sound little clips of test patterns, made by ffmpeg, to be spoiled."""

import os
import subprocess
from pathlib import Path

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25:duration=0.4")
_SOUND = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=0.4")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-g", "1", "-pix_fmt", "yuv420p")
_MJPEG = ("-c:v", "mjpeg", "-threads", "1", "-pix_fmt", "yuvj420p")
_MPEG2 = ("-c:v", "mpeg2video", "-threads", "1", "-pix_fmt", "yuv420p")
_TICKS = ("-video_track_timescale", "25", "-timecode", "01:00:00:00")
RECIPES: dict[str, tuple[str, ...]] = {
    "base.mov": (*_PICTURE, *_SOUND, *_H264, "-c:a", "pcm_s16le", *_TICKS),
    "base.mp4": (*_PICTURE, *_SOUND, *_H264, "-c:a", "aac", "-video_track_timescale", "25"),
    "base.mkv": (*_PICTURE, *_H264),
    "base.ts": (*_PICTURE, *_SOUND, *_MPEG2, "-c:a", "mp2"),
    "base.mxf": (*_PICTURE, *_SOUND, *_MPEG2, "-c:a", "pcm_s16le"),
    "base.avi": (*_PICTURE, *_SOUND, *_MJPEG, "-c:a", "pcm_s16le"),
    "base.h264": (*_PICTURE, *_H264, "-bsf:v", "filter_units=remove_types=6"),
    "base.jpg": (*_PICTURE, *_MJPEG, "-frames:v", "1"),
    "huge.h264": (
        *("-f", "lavfi", "-i", "color=gray:size=16384x8192:rate=25,format=yuv420p,trim=end_frame=1"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1"),
    ),
}


def make_clip(directory: Path, name: str) -> Path:
    """Return the clip in a directory, making it where it is not there yet. Processes may do so side by side.

    Raises:
        RuntimeError: ffmpeg could not.
    """
    path = directory / name
    if not path.exists():
        begun = directory / f"{os.getpid()}.{name}"
        argv = ["ffmpeg", "-nostdin", "-v", "error", *RECIPES[name], f"file:{begun}"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stderr}")
        begun.replace(path)
    return path


def nal_units(data: bytes) -> list[bytes]:
    """The units of an H.264 byte stream."""
    return [part.rstrip(b"\0") for part in data.split(b"\0\0\1") if part.rstrip(b"\0")]


def avc(data: bytes) -> tuple[bytes, list[bytes]]:
    """The decoder's configuration and the pictures of an H.264 byte stream, as containers hold them."""
    units = nal_units(data)
    sps = next(unit for unit in units if unit[0] & 31 == 7)
    pps = next(unit for unit in units if unit[0] & 31 == 8)
    private = (
        bytes((1, *sps[1:4], 0xFF, 0xE1))
        + len(sps).to_bytes(2, "big")
        + sps
        + b"\1"
        + len(pps).to_bytes(2, "big")
        + pps
    )
    pictures = [len(unit).to_bytes(4, "big") + unit for unit in units if unit[0] & 31 == 5]
    return private, pictures
