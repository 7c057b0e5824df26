"""Small clips in every container that the watcher judges, made once by the real ffmpeg."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from proxx_watcher.domain.ends.ending import Ending
from proxx_watcher.domain.ends.file_end import file_end
from tests.fakes.byte_source import MemoryByteSource

_PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.6")
_SOUND = ("-f", "lavfi", "-i", "sine=d=0.6:r=48000")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-c:a", "aac")
_MJPEG = ("-c:v", "mjpeg", "-threads", "1", "-c:a", "pcm_s16le")
_RECIPES: dict[str, tuple[str, ...]] = {
    "plain.mov": _MJPEG,
    "faststart.mov": (*_MJPEG, "-movflags", "+faststart"),
    "plain.mp4": _H264,
    "faststart.mp4": (*_H264, "-movflags", "+faststart"),
    "fragments.mp4": (*_H264, "-g", "5", "-movflags", "frag_keyframe+empty_moov"),
    "plain.mxf": ("-c:v", "mpeg2video", "-threads", "1", "-c:a", "pcm_s16le"),
    "plain.mkv": _H264,
    "plain.avi": _MJPEG,
    "plain.ts": _H264,
}


@dataclass(frozen=True)
class Template:
    """A clip: its name, its bytes, and where eight of them can be changed without touching its structure."""

    name: str
    content: bytes
    free_at: int

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2]

    def numbered(self, number: int) -> bytes:
        """A clip of its own content."""
        return self.content[: self.free_at] + number.to_bytes(8, "big") + self.content[self.free_at + 8 :]


def make_templates(directory: Path) -> tuple[Template, ...]:
    """Write every template below `directory` and return them.

    Raises:
        RuntimeError: ffmpeg refused; carries its message.
        FileNotFoundError: there is no ffmpeg on PATH.
    """
    found = []
    for name, options in _RECIPES.items():
        path = directory / name
        argv = ("ffmpeg", "-v", "error", "-nostdin", "-y", *_PICTURE, *_SOUND, *options, str(path))
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"ffmpeg could not make {name}: {done.stderr.strip()}")
        content = path.read_bytes()
        found.append(Template(name=name, content=content, free_at=_free_at(content)))
    return tuple(found)


def ending_of(content: bytes) -> Ending:
    """What the readers say of the end of these bytes."""
    return file_end(data=MemoryByteSource(content))


def _free_at(content: bytes) -> int:
    """A place inside the media data: changing it changes no word of the structure."""
    sound = ending_of(content)
    for start in range(len(content) // 2, len(content) - 16, 64):
        changed = content[:start] + b"\x55" * 8 + content[start + 8 :]
        if ending_of(changed) == sound and b"\0" not in content[start : start + 8]:
            return start
    raise AssertionError("no place that carries no structure")
