"""Where the pictures of a finished file lie, so that damage hits one of them and nothing else."""

import json
import subprocess
from pathlib import Path


def middle_picture(path: Path) -> tuple[int, int]:
    """Return offset and size, in bytes, of the packet in the middle of the first video track.

    Raises:
        subprocess.CalledProcessError: ffprobe cannot read the file.
    """
    return _middle(path, "v:0")


def middle_sound(path: Path) -> tuple[int, int]:
    """Return the same of the first track of sound.

    Raises:
        subprocess.CalledProcessError: ffprobe cannot read the file.
    """
    return _middle(path, "a:0")


def _middle(path: Path, stream: str) -> tuple[int, int]:
    argv = ["ffprobe", "-v", "error", "-select_streams", stream, "-show_entries", "packet=pos,size", "-of", "json"]
    done = subprocess.run([*argv, str(path)], check=True, capture_output=True, timeout=60)
    packets: list[dict[str, str]] = json.loads(done.stdout)["packets"]
    packet = packets[len(packets) // 2]
    return int(packet["pos"]), int(packet["size"])
