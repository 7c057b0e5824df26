"""What bombs have in common: small files that ask for much, and what becomes of each."""

from collections.abc import Callable
from pathlib import Path

from tests.footage.iso_surgery import Node, operate, track
from tests.hostile_media.case import COMPLETED, FAILED, REFUSED, HostileCase, Studio

Make = Callable[[Path, Studio], Path]
HARMLESS = frozenset(
    {
        *("mov-0x0", "cover-50000x50000", "cover-16384x8192", "cover-1x2147483647", "cover-zTXt", "cover-iCCP"),
        *("h264-16384x8192", "mkv-declares-100-h", "mov-last-lasts-1000-h", "mov-last-lasts-1000-h-at-25"),
        *("mov-first-lasts-1000-h", "mov-first-lasts-1000-h-at-25", "mov-deltas-of-2^32-1"),
        *(
            "mov-100000-boxes-deep-udta",
            "mkv-tags-up-to-the-limit",
            "mkv-4e+09-Hz-2-channels",
            "mkv-1e+300-Hz-1-channels",
        ),
    }
)
"""What is passed over, or clamped by FFmpeg, or a legal clip: the proxy is sound."""

UNSOUND = frozenset(
    {
        *("mov-65535x65535", "mkv-2147483647x2147483647", "mkv-1x16777216"),
        "mkv-5000-tags-deep",
    }
)
"""What is found while it is encoded, at the cost of a clip of its few pictures."""

_NAMED = (
    "limit|parts before its tracks|max_streams|cut off|Too many channels|shows none of its|error reading header|"
    "deeply nested|compressed|does not describe every audio track|no file descriptor"
)
"""What stands in the reason of a refusal."""


def bomb(group: str, name: str, write: Make, *, fps: int | None = None) -> HostileCase:
    """One bomb, with the end that is known to be right for it."""
    ends = COMPLETED if name in HARMLESS else FAILED if name in UNSOUND else REFUSED
    says = _NAMED if ends == REFUSED else ""
    return HostileCase(group=f"bomb: {group}", name=name, write=write, ends=ends, says=says, fps=fps, bomb=True)


def in_file(name: str, make: Callable[[Studio], bytes]) -> Make:
    """Write these bytes under that name."""

    def write(directory: Path, studio: Studio) -> Path:
        path = directory / name
        path.write_bytes(make(studio))
        return path

    return write


def movie(change: Callable[[Node], None], *, base: str = "base.mov") -> Make:
    """Change the movie header of a sound clip."""

    def write(directory: Path, studio: Studio) -> Path:
        path = directory / f"clip.{base.rpartition('.')[2]}"
        path.write_bytes(studio.clip(base))
        return operate(path, change)

    return write


def samples(moov: Node, handler: bytes = b"vide") -> Node:
    """The sample tables of a track."""
    return track(moov, handler).child(b"mdia", b"minf", b"stbl")
