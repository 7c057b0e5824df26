"""Lossy sound compared: noise of coding passes, other sound, other moments and silence do not."""

import math
import random
import struct

import pytest

from proxx.core.witness import SoundWitness, compare_sound, window_pairs
from proxx.core.witness.sound import SAMPLE_RATE, WINDOW

SECONDS = 1
COUNT = SAMPLE_RATE * SECONDS


def tone(hertz: float, *, late: int = 0, level: int = 8000) -> list[int]:
    return [
        0 if at < late else round(level * math.sin(2 * math.pi * hertz * (at - late) / SAMPLE_RATE))
        for at in range(COUNT)
    ]


def coded(samples: list[int]) -> list[int]:
    """The same after a lossy codec: a twentieth of the level as noise."""
    noise = random.Random(7)
    return [max(-32768, min(32767, sample + noise.randint(-400, 400))) for sample in samples]


def packed(*channels: list[int]) -> bytes:
    return b"".join(struct.pack(f"<{len(channels)}h", *samples) for samples in zip(*channels, strict=True))


def windows(data: bytes, channels: int) -> list[bytes]:
    size = WINDOW * 2 * channels
    return [data[at : at + size] for at in range(0, len(data), size)]


def compared(planned: bytes, found: bytes, *, channels: int = 1) -> SoundWitness:
    return compare_sound(
        pairs=window_pairs(planned=windows(planned, channels), found=windows(found, channels)),
        channels=channels,
        planned=len(planned) // (2 * channels),
        found=len(found) // (2 * channels),
    )


LEFT, RIGHT, SILENCE = tone(440), tone(300), [0] * COUNT


def test_coding_noise_is_no_difference() -> None:
    report = compared(packed(LEFT, RIGHT), packed(coded(LEFT), coded(RIGHT)), channels=2)

    assert (report.planned, report.found, report.windows) == (COUNT, COUNT, 40)
    assert (report.differing, report.first_milliseconds) == (0, None)
    assert report.difference < 20


def test_equal_samples_differ_by_nothing() -> None:
    assert compared(packed(LEFT), packed(LEFT)) == SoundWitness(
        planned=COUNT, found=COUNT, windows=20, differing=0, first_milliseconds=None, difference=0
    )


@pytest.mark.parametrize(
    ("found", "differing", "first"),
    [
        pytest.param(packed(RIGHT, LEFT), 40, 0, id="channels exchanged"),
        pytest.param(packed(LEFT, SILENCE), 20, 0, id="one channel silent"),
        pytest.param(packed([-sample for sample in LEFT], RIGHT), 20, 0, id="one channel inverted"),
        pytest.param(packed(LEFT[:2400] + SILENCE[2400:], RIGHT), 8, 600, id="silent from the middle on"),
        pytest.param(packed(LEFT[:2400], RIGHT[:2400]), 16, 600, id="ended in the middle"),
    ],
)
def test_other_sound_differs_from_where_it_begins(found: bytes, differing: int, first: int) -> None:
    report = compared(packed(LEFT, RIGHT), found, channels=2)

    assert (report.differing, report.first_milliseconds) == (differing, first)


def test_a_shift_by_whole_periods_shows_where_the_sound_begins() -> None:
    report = compared(packed(tone(440)), packed(tone(440, late=SAMPLE_RATE // 10)))

    assert (report.differing, report.first_milliseconds) == (2, 0)


def test_silence_on_both_sides_is_not_compared() -> None:
    report = compared(packed(SILENCE), packed([sample % 50 for sample in range(COUNT)]))

    assert (report.windows, report.differing, report.difference) == (0, 0, 0)


def test_sound_where_none_was_planned_differs() -> None:
    assert compared(packed(SILENCE), packed(LEFT)).differing == 20


def test_what_an_encoder_pads_is_counted_and_not_compared() -> None:
    report = compared(packed(LEFT[:3900]), packed(LEFT))

    assert (report.planned, report.found, report.differing) == (3900, COUNT, 0)


def test_half_a_sample_at_the_end_of_a_file_is_left_out() -> None:
    assert compared(packed(LEFT), packed(LEFT) + b"\x01").differing == 0
