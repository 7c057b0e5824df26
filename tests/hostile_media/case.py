"""One hostile file: how it is written, and what may become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.hostile_media.clips import make_clip


class End(StrEnum):
    """What became of a hostile source in the executor."""

    REFUSED = "REFUSED"
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"
    RESOLVE = "RESOLVE"
    """Not for FFmpeg: the bytes name a codec that only Resolve may know. No FFmpeg touches the file."""
    TOO_LONG = "TOO_LONG"


@dataclass(frozen=True, kw_only=True)
class Studio:
    """What the writers of hostile files have: sound clips to spoil, canaries to point at, an address that counts."""

    clips: Path
    canaries: tuple[Path, ...]
    port: int

    def clip(self, name: str) -> bytes:
        """The bytes of a sound clip of ours, for example `base.mov`; made when it is first asked for."""
        return make_clip(self.clips, name).read_bytes()

    @property
    def secret(self) -> Path:
        """A text file that no tool may open."""
        return self.canaries[0]

    @property
    def secret_media(self) -> Path:
        """A media file that no tool may open."""
        return self.canaries[1]


@dataclass(frozen=True, kw_only=True)
class HostileCase:
    """A class of attack and one file of it.

    `write` makes the source inside an empty directory and returns its path. `ends` are the ends that are right, and
    `says` stands in the reason, whatever the end. `fps` asks for an explicit rate; `profile` for another look.
    """

    group: str
    name: str
    write: Callable[[Path, Studio], Path]
    ends: frozenset[End]
    says: str = ""
    fps: int | None = None
    profile: str = "proxy_prores_proxy"
    bomb: bool = False


REFUSED = frozenset({End.REFUSED})
FAILED = frozenset({End.FAILED})
COMPLETED = frozenset({End.COMPLETED})
"""Harmless: what is hostile in the file is passed over."""
