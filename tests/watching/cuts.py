"""Where a copy may stop in the worst case: anywhere, at the ends of structures, and just before the end of the file."""

from random import Random

from proxx.core.sources.bounded_reader import BoundedReader
from proxx.core.sources.isobmff_boxes import boxes
from tests.fakes.byte_source import MemoryByteSource

_KEY = bytes.fromhex("060e2b34")
_ANYWHERE = 12


def cuts_of(content: bytes, rng: Random) -> tuple[int, ...]:
    """Return places inside `content`, each once."""
    found = {rng.randrange(1, len(content)) for _ in range(_ANYWHERE)}
    found |= {len(content) - back for back in (1, 2, 3, 4, 7, 8, 15, 16, 17, 100)}
    found |= {at // 4096 * 4096 for at in set(found)}
    found |= set(_structural(content))
    return tuple(sorted(cut for cut in found if 0 < cut < len(content)))


def _structural(content: bytes) -> list[int]:
    if content[4:8] == b"ftyp":
        reader = BoundedReader(MemoryByteSource(content))
        return [box.end for box in boxes(reader=reader, start=0, end=len(content))]
    if content[0] == 0x47:
        return list(range(188, len(content), 188 * 7))
    if content[:4] == _KEY:
        places, at = [], content.find(_KEY, 1)
        while at > 0:
            places.append(at)
            at = content.find(_KEY, at + 4)
        return places[-20:]
    return []
