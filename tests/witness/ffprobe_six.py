"""Witness: an ffprobe of another major version (npm's @ffprobe-installer/ffprobe: libavformat 60 beside 59).

It shares ancestors with the ffprobe that Proxx runs, and nothing with the code that draws up Proxx's facts: this reads
its JSON by itself.
"""

import json
import platform
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.witness.testimony import Rounded, Testimony

NAME = "ffprobe 6"
MICROSECOND = Fraction(1, 1_000_000)
_ARCHITECTURES = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_PACKAGE = f"{sys.platform}-{_ARCHITECTURES.get(platform.machine(), platform.machine())}"
FFPROBE = Path(__file__).parents[2] / "node_modules" / "@ffprobe-installer" / _PACKAGE / "ffprobe"
_SCANS = {
    "progressive": "progressive",
    "tt": "top_first",
    "tb": "top_first",
    "bb": "bottom_first",
    "bt": "bottom_first",
}
"""QuickTime says of codes 9 and 14 (tb, bt) whether the first line of a woven picture is the earlier or the later."""
_CHROMA = {"420": "4:2:0", "422": "4:2:2", "444": "4:4:4"}


def missing() -> str:
    """Why it cannot be asked; empty when it can."""
    if not FFPROBE.is_file():
        return "node_modules has no ffprobe for this machine: run `make setup` with npm"
    FFPROBE.chmod(0o755)  # npm unpacks it without, and the script that sets it is never run
    return ""


def version() -> str:
    """Its own version, and that of the library that reads containers."""
    lines = subprocess.run([FFPROBE, "-version"], capture_output=True, text=True, check=True).stdout.splitlines()
    library = next(line for line in lines if line.startswith("libavformat"))
    return f"{lines[0].split()[2]}, {' '.join(library.partition('/')[0].split())}"


def testify(path: Path) -> Testimony:
    """Ask it about one file, every picture decoded and counted.

    Raises:
        subprocess.CalledProcessError: it cannot read the file.
    """
    argv = [
        str(FFPROBE),
        "-v",
        "error",
        "-count_frames",
        "-show_streams",
        "-show_format",
        "-of",
        "json",
        f"file:{path}",
    ]
    document = json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
    streams = document["streams"]
    video = next(stream for stream in streams if stream["codec_type"] == "video")
    audio = [stream for stream in streams if stream["codec_type"] == "audio"]
    said = {
        "codec": _codec(video),
        "codec profile": video.get("profile"),
        "raster": f"{video['width']}x{video['height']}",
        "pixel aspect": _ratio(video.get("sample_aspect_ratio", "1:1")),
        "display aspect": _ratio(video["display_aspect_ratio"]) if "display_aspect_ratio" in video else None,
        "frame count": int(video["nb_read_frames"]),
        "timecode": (label := _tag(document, "timecode")),
        "drop-frame": None if label is None else ";" in label,
        "reel name": _tag(document, "reel_name"),
        "rotation": _rotation(video),
        "field order": _SCANS.get(video.get("field_order"), "unknown"),
        "colour range": video.get("color_range"),
        "colour primaries": video.get("color_primaries"),
        "colour transfer": video.get("color_transfer"),
        "colour matrix": video.get("color_space"),
        "chroma": next(_CHROMA[digits] for digits in _CHROMA if digits in video["pix_fmt"]),
        "alpha": video["pix_fmt"].startswith("yuva"),
        "audio codecs": tuple(track["codec_name"] for track in audio),
        "audio channels": tuple(track["channels"] for track in audio),
        "audio layouts": tuple(track.get("channel_layout") for track in audio),
        "audio sample rates": tuple(int(track["sample_rate"]) for track in audio),
        "audio bit depths": tuple(track["bits_per_sample"] or None for track in audio),
        "audio languages": tuple(_language(track) for track in audio),
    }
    return {**said, **_rate(video), **_container(document), **_duration(video), **_depth(video), **_lengths(audio)}


def _codec(video: dict[str, Any]) -> str:
    if video["codec_name"] == "dnxhd" and video.get("profile", "").startswith("DNXHR"):
        return "dnxhr"
    return str(video["codec_name"])


def _rate(video: dict[str, Any]) -> dict[str, object]:
    """Of a single picture it makes 0/0."""
    rate = video["avg_frame_rate"]
    return {} if rate == "0/0" else {"frame rate": Fraction(rate)}


def _container(document: dict[str, Any]) -> dict[str, object]:
    """One demuxer reads MOV and MP4, told apart by the brand; another reads MKV and WebM and tells no difference."""
    form = document["format"]
    if form["format_name"].startswith("mov"):
        return {"container": "mov" if form["tags"]["major_brand"] == "qt  " else "mp4"}
    return {"container": form["format_name"]} if "," not in form["format_name"] else {}


def _duration(video: dict[str, Any]) -> dict[str, object]:
    """Matroska has no duration of a track."""
    if "duration" not in video:
        return {}
    return {"duration": Rounded(value=Fraction(video["duration"]), unit=MICROSECOND)}


def _depth(video: dict[str, Any]) -> dict[str, object]:
    """Not every decoder fills it in."""
    return {"bit depth": int(video["bits_per_raw_sample"])} if "bits_per_raw_sample" in video else {}


def _language(track: dict[str, Any]) -> str | None:
    """`und` is the register's word for none (ISO 639-2)."""
    found = track.get("tags", {}).get("language")
    return None if found == "und" else found


def _lengths(audio: list[dict[str, Any]]) -> dict[str, object]:
    """Matroska has no duration of a track."""
    if not all("duration" in track for track in audio):
        return {}
    return {"audio lengths": tuple(Rounded(value=Fraction(track["duration"]), unit=MICROSECOND) for track in audio)}


def _rotation(video: dict[str, Any]) -> int:
    turned = [item["rotation"] for item in video.get("side_data_list", []) if "rotation" in item]
    return -turned[0] % 360 if turned else 0


def _ratio(text: str) -> Fraction:
    width, _, height = text.partition(":")
    return Fraction(int(width), int(height))


def _tag(document: dict[str, Any], name: str) -> str | None:
    for holder in (*document["streams"], document["format"]):
        for key, value in holder.get("tags", {}).items():
            if key.lower() == name:
                return str(value)
    return None
