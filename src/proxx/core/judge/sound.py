"""Checks of the sound's facts: tracks, their order and layout, where they start and end."""

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

from proxx.core.facts import AudioFacts
from proxx.core.judge.wording import check, equal, seconds, text
from proxx.core.plan import Expected, ExpectedAudio
from proxx.core.steps import Measured
from proxx.core.verdict import Check

CODEC_FRAME_SAMPLES: Mapping[str, int] = MappingProxyType({"aac": 1024, "opus": 960, "flac": 4608})
"""Samples in one frame of a coded track; PCM has none."""

_SLACK = Fraction(25, 1000)
_BYTE_ORDER = re.compile(r"(pcm_s\d+)[bl]e", re.ASCII)


def sound_checks(*, expected: Expected, measured: Measured, rendered: bool = False) -> Iterator[Check]:
    """Yield the checks of all tracks of sound; `rendered` says that Resolve wrote them."""
    tracks, video = measured.facts.audio, measured.facts.video
    shown = video.start_time if video is not None else None
    yield equal(name="audio_track_count", expected=len(expected.audio), actual=len(tracks))
    for number, wanted in enumerate(expected.audio[: len(tracks)]):
        lengths = measured.audio_durations
        length = lengths[number] if number < len(lengths) else None
        heard = tracks[number].start_time
        start = heard - shown if heard is not None and shown is not None else None
        yield from _track(f"audio[{number}]", wanted, tracks[number], rendered)
        yield from _extent(f"audio[{number}]", expected, wanted, length, start)


def _track(name: str, wanted: ExpectedAudio, found: AudioFacts, rendered: bool) -> Iterator[Check]:
    alike = rendered and _BYTE_ORDER.sub(r"\1", wanted.codec) == _BYTE_ORDER.sub(r"\1", found.codec)
    same = alike or wanted.codec == found.codec
    yield check(name=f"{name}.codec", passed=same, expected=wanted.codec, actual=text(value=found.codec))
    yield equal(name=f"{name}.channels", expected=wanted.channels, actual=found.channels)
    if wanted.layout is not None:
        yield equal(name=f"{name}.layout", expected=wanted.layout, actual=found.layout)
    yield equal(name=f"{name}.sample_rate", expected=wanted.sample_rate, actual=found.sample_rate)
    if not rendered:
        yield equal(name=f"{name}.language", expected=wanted.language, actual=found.language)


def _extent(
    name: str, expected: Expected, wanted: ExpectedAudio, length: Fraction | None, start: Fraction | None
) -> Iterator[Check]:
    if start is not None:
        asked = f"{seconds(value=Fraction(0))} ± {seconds(value=_SLACK)}"
        yield check(name=f"{name}.start", passed=abs(start) <= _SLACK, expected=asked, actual=seconds(value=start))
    if wanted.duration is None:
        return
    samples = CODEC_FRAME_SAMPLES.get(wanted.codec, 0)
    late = max(1 / expected.frame_rate, Fraction(2 * samples, wanted.sample_rate)) + _SLACK
    end = length + (start or 0) if length is not None else None
    close = end is not None and -wanted.early <= end - wanted.duration <= late
    asked = f"{seconds(value=wanted.duration)} - {seconds(value=wanted.early)} + {seconds(value=late)}"
    yield check(name=f"{name}.duration", passed=close, expected=asked, actual=seconds(value=end))
