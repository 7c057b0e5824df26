"""Read the traits of a clip back with ffprobe alone: a witness that shares no code with Proxx."""

import json
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What ffprobe says of one file. `rotation` is degrees clockwise for upright display."""

    width: int
    height: int
    rate: Fraction
    frames: int
    interlaced: bool
    audio_channels: tuple[int, ...]
    timecode: str | None
    reel_name: str | None
    rotation: int


def read_traits(path: Path) -> Traits:
    """Probe `path`, counting every packet of its picture.

    Raises:
        subprocess.CalledProcessError: ffprobe cannot read the file.
    """
    argv = ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json", str(path)]
    document: dict[str, Any] = json.loads(subprocess.run(argv, check=True, capture_output=True).stdout)
    streams: list[dict[str, Any]] = document["streams"]
    video = next(stream for stream in streams if stream["codec_type"] == "video")
    tags: list[dict[str, str]] = [document["format"].get("tags", {}), *(stream.get("tags", {}) for stream in streams)]
    counter_clockwise = [item["rotation"] for item in video.get("side_data_list", []) if "rotation" in item]
    return Traits(
        width=video["width"],
        height=video["height"],
        rate=Fraction(video["r_frame_rate"]),
        frames=int(video["nb_read_packets"]),
        interlaced=video.get("field_order") == "tt",
        audio_channels=tuple(stream["channels"] for stream in streams if stream["codec_type"] == "audio"),
        timecode=next((tag["timecode"] for tag in tags if "timecode" in tag), None),
        reel_name=next((tag["reel_name"] for tag in tags if "reel_name" in tag), None),
        rotation=-counter_clockwise[0] % 360 if counter_clockwise else 0,
    )
