"""What the FFmpeg libraries inside a PyAV say of files, as ffprobe would print it: one JSON object to standard output.

python libav_answers.py FILE…      with the Python of an environment that has PyAV; needs nothing else of Proxx
"""

import json
import sys
from typing import Any

import av

_DECODERS = {"libdav1d": "av1", "libaom-av1": "av1", "libvpx-vp9": "vp9", "libvpx": "vp8", "libopenjpeg": "jpeg2000"}
"""Decoder to codec name, for a PyAV that tells only the first (before 14)."""


def answer(path: str) -> dict[str, Any]:
    """Return format name and streams, codec_name left out where no codec is named; or the error."""
    try:
        with av.open(path) as opened:
            return {"format_name": opened.format.name, "streams": [_stream(stream) for stream in opened.streams]}
    except (av.error.FFmpegError, OSError, ValueError) as error:
        return {"error": type(error).__name__}


def _stream(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    said: dict[str, Any] = {"codec_type": stream.type}
    if context is not None:
        name = context.codec.name
        said["codec_name"] = getattr(context.codec, "canonical_name", None) or _DECODERS.get(name, name)
        if isinstance(stream.profile, str):
            said["profile"] = stream.profile
    return said


if __name__ == "__main__":
    av.logging.set_level(av.logging.PANIC)
    libraries = getattr(av, "ffmpeg_version_info", None) or "libavformat " + ".".join(
        str(part) for part in av.library_versions["libavformat"]
    )
    made = f"FFmpeg {libraries} libraries in PyAV {av.__version__}, not the ffprobe program"
    json.dump({"made_by": made, "answers": [answer(path) for path in sys.argv[1:]]}, sys.stdout)
