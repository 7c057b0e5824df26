"""Changes to a file: bytes, numbers, and whole parts cut, doubled, moved and taken from another file."""

from collections.abc import Callable, Sequence
from random import Random

from tests.fuzzing.trees import BOXES, CHUNKS, LABELS, NUMBERS, SETS, TEXTS

LONGEST = 256 * 1024
"""Bytes of a mutated file; the readers' limits are reached by far shorter ones."""

_WORDS: tuple[bytes, ...] = (
    *BOXES,
    *CHUNKS,
    *TEXTS,
    *SETS,
    *(bytes.fromhex(f"060e2b340401010d{tail}") for tail in LABELS),
    b"RED1",
    b"RED2",
    b"ARRI\x12\x34\x56\x78",
    b"II*\0",
    b"MM\0*",
)


def mutate(data: bytes, *, random: Random, other: bytes) -> bytes:
    """Return the file after one to eight changes; `other` lends parts."""
    changed = bytearray(data)
    for _ in range(1 << random.randrange(4)):
        random.choice(_CHANGES)(changed, random, other)
    return bytes(changed[:LONGEST])


def _place(data: bytearray, random: Random) -> int:
    return random.randrange(len(data) + 1)


def _flip(data: bytearray, random: Random, other: bytes) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _byte(data: bytearray, random: Random, other: bytes) -> None:
    if data:
        data[random.randrange(len(data))] = random.randrange(256)


def _number(data: bytearray, random: Random, other: bytes) -> None:
    """Overwrite with a number that limits are made of, near the file's own size now and then."""
    width = random.choice((1, 2, 4, 4, 8))
    value = random.choice((*NUMBERS, len(data), max(0, len(data) - 8), random.randrange(4096)))
    written = (value & ((1 << 8 * width) - 1)).to_bytes(width, random.choice(("big", "big", "little")))
    at = _place(data, random)
    data[at : at + width] = written


def _step(data: bytearray, random: Random, other: bytes) -> None:
    """Add or subtract a little from a number that stands there."""
    at = _place(data, random)
    value = int.from_bytes(data[at : at + 4], "big") + random.choice((-16, -8, -1, 1, 8, 16))
    data[at : at + 4] = (value & 0xFFFFFFFF).to_bytes(4, "big")


def _word(data: bytearray, random: Random, other: bytes) -> None:
    at, word = _place(data, random), random.choice(_WORDS)
    data[at : at + (len(word) if random.randrange(2) else 0)] = word


def _cut(data: bytearray, random: Random, other: bytes) -> None:
    at = _place(data, random)
    del data[at : at + random.choice((1, 4, 8, 16, 64, 4096, len(data)))]


def _double(data: bytearray, random: Random, other: bytes) -> None:
    at = _place(data, random)
    part = bytes(data[at : at + random.choice((1, 8, 12, 24, 100, 1000))])
    data[at:at] = part * random.choice((1, 1, 2, 10, 200))
    del data[LONGEST:]


def _graft(data: bytearray, random: Random, other: bytes) -> None:
    start = random.randrange(len(other) + 1)
    part = other[start : start + random.choice((4, 16, 100, 1000))]
    at = _place(data, random)
    data[at : at + (len(part) if random.randrange(2) else 0)] = part


def _move(data: bytearray, random: Random, other: bytes) -> None:
    at, length = _place(data, random), random.choice((4, 8, 16, 100))
    part = bytes(data[at : at + length])
    del data[at : at + length]
    to = _place(data, random)
    data[to:to] = part


_CHANGES: Sequence[Callable[[bytearray, Random, bytes], None]] = (
    _flip,
    _byte,
    _byte,
    _number,
    _number,
    _step,
    _word,
    _cut,
    _double,
    _graft,
    _move,
)
