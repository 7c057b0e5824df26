"""What one finished file of a render holds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One output. `audio` has the channels of each track; `name` is without the extension."""

    name: str
    format_id: str
    codec_id: str
    width: int
    height: int
    rate: Fraction
    frames: int
    timecode: str | None
    reel: str
    has_video: bool
    audio: tuple[int, ...]
    audio_codec: str
    audio_depth: int
    audio_rate: int
    picture: str = "testsrc=decimals=2"  # a source of FFmpeg's lavfi with its first option

    @property
    def extension(self) -> str:
        """The format id is mostly the extension, but not always."""
        return {"mxf_op1a": "mxf"}.get(self.format_id, self.format_id)

    @property
    def sequence(self) -> bool:
        """Whether it is one file for each frame."""
        return self.format_id in ("dpx", "tif", "exr", "png", "jpg", "cin")

    def file_name(self) -> str:
        """Return the name of the file, or the pattern of a sequence's files."""
        return f"{self.name}_%08d.{self.extension}" if self.sequence else f"{self.name}.{self.extension}"

    def path(self, directory: Path) -> Path:
        return directory / self.file_name()
