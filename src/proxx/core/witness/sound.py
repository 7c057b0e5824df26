"""Lossy sound: the proxy's samples against those that its encoder was given, both brought to a low rate.

Coding adds a little noise to each window; another track, another moment, silence or a half-turned phase change most of
its energy. Only windows in which either side sounds are compared.
"""

import math
import sys
from array import array
from collections.abc import Iterable
from itertools import zip_longest

from proxx.core.witness.report import SoundWitness

SAMPLE_RATE = 4000
"""Samples a second that are compared: what sounds below 2 kHz."""

SAMPLE_BYTES = 2
WINDOW = 200
"""Samples of a window: 50 ms."""

FLOOR = 100.0
"""Root mean square, in steps of 16 bits (-50 dB of full scale), below which a window is silent."""

LARGEST_SHARE = 0.5
"""Share of a window's energy that coding may change: 1 for silence in place of sound, 2 for other sound as loud."""


def compare_sound(*, pairs: Iterable[tuple[bytes, bytes]], channels: int, planned: int, found: int) -> SoundWitness:
    """Compare the windows of both sides, planned first: 16-bit little-endian samples, channels interleaved.

    What the found side lacks counts as silence; what it has beyond the planned one is not compared: encoders pad.
    `planned` and `found` are the samples of each channel on each side.
    """
    windows = differing = 0
    first: int | None = None
    worst = 0.0
    for number, (ours, theirs) in enumerate(pairs):
        for one, other in zip(_channels(ours, channels), _channels(theirs, channels), strict=True):
            share = _changed(tuple(one), _filled(other, len(one)))
            if share is None:
                continue
            windows += 1
            worst = max(worst, share)
            if share > LARGEST_SHARE:
                differing += 1
                first = number * WINDOW * 1000 // SAMPLE_RATE if first is None else first
    return SoundWitness(
        planned=planned,
        found=found,
        windows=windows,
        differing=differing,
        first_milliseconds=first,
        difference=round(1000 * worst),
    )


def window_pairs(*, planned: Iterable[bytes], found: Iterable[bytes]) -> Iterable[tuple[bytes, bytes]]:
    """Return the windows of both sides together, empty where one side has ended."""
    return zip_longest(planned, found, fillvalue=b"")


def _channels(window: bytes, channels: int) -> "list[array[int]]":
    samples = array("h", window[: len(window) // (2 * channels) * 2 * channels])
    if sys.byteorder == "big":
        samples.byteswap()
    return [samples[channel::channels] for channel in range(channels)]


def _filled(samples: "array[int]", length: int) -> tuple[int, ...]:
    return (*samples[:length], *(0 for _ in range(length - len(samples))))


def _changed(ours: tuple[int, ...], theirs: tuple[int, ...]) -> float | None:
    """Return the share of energy that is not the planned one's; None where both sides are silent."""
    loudest = max(math.hypot(*ours), math.hypot(*theirs))
    if loudest < FLOOR * math.sqrt(WINDOW):
        return None
    return float((math.dist(ours, theirs) / loudest) ** 2)
