"""The judge: a finished proxy's measurements against its plan. Pure; every check is kept, passed or not.

What passes without being equal, and why:

- A rate in mkv or webm: Matroska stores whole nanoseconds a frame, so 60000/1001 comes back as 19001/317. It passes
  when the two differ by at most 2 ns a frame. Time stamps there are whole milliseconds, and of several rates that fit
  them the prober names the standard one: a phone's 90000/3001 comes back as 30. A planned rate that is no standard one
  passes when the last frame's time differs by at most 2 ms. A variable rate is an average; it passes within two frames
  of the count.
- A pixel aspect: codecs and containers store it in few bits, Matroska as a display width. It passes within one pixel of
  displayed width.
- Colour: values that ITU-T H.273 defines alike are one value (the BT.601 matrix has two names). A file that states no
  range is limited range.
- Field order: a file that states none is progressive.
- Durations: the picture within one frame. A track may end, counted from the first picture, up to 25 ms early (a
  compressed source states its length in whole frames of its own), and late by as much and the longer of one picture
  and two codec frames of the proxy: encoders pad the last one and shorten none.
- Starts: a track within 25 ms of the first picture, which is what encoders put before it.
- `declared_frame_count`, when the container declares none.

A property of which the plan asks nothing (None) has no check, except timecode and reel name: where the plan writes
none, the proxy must state none. MXF always states a timecode; it is then 00:00:00:00. The order of checks is fixed.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

from proxx.core.facts import AudioFacts, FieldOrder, VideoFacts
from proxx.core.plan import Expected, ExpectedAudio, Plan
from proxx.core.quoting import quote
from proxx.core.sources.cadence import STANDARD_RATES
from proxx.core.steps import Measured
from proxx.core.verdict import Check, CheckLevel, Verdict

CODEC_FRAME_SAMPLES: Mapping[str, int] = MappingProxyType({"aac": 1024, "opus": 960, "flac": 4608})
"""Samples in one frame of a coded track; PCM has none."""

NOT_DAMAGE = ("not on whitelist", "Svt[info]", "Svt[warn]")
"""Parts of lines that say nothing about the source: a stream that is not read, and an encoder's chatter."""

_ALIKE: Mapping[str, tuple[frozenset[str], ...]] = MappingProxyType(
    {
        "color_primaries": (frozenset({"smpte170m", "smpte240m"}),),
        "color_transfer": (frozenset({"bt709", "smpte170m", "bt2020-10", "bt2020-12"}),),
        "color_matrix": (frozenset({"bt470bg", "smpte170m"}),),
    }
)
_NANOSECONDS = 1_000_000_000
_MATROSKA = ("mkv", "webm")
_MATROSKA_ROUNDING = Fraction(2, 1000)
_ALWAYS_TIMECODE = ("mxf",)
_NO_TIMECODE = ("00:00:00:00", "00:00:00;00")
_PICTURE_STREAMS = ("video:", "picture:")
_LINES_SHOWN = 3
_SLACK = Fraction(25, 1000)


def judge(*, plan: Plan, measured: Measured) -> Verdict:
    """Return the verdict on one proxy. It passes only when nothing fails; there is no partial credit."""
    return Verdict(checks=tuple(_checks(plan.expected, measured)))


def _checks(expected: Expected, measured: Measured) -> Iterator[Check]:
    facts, video = measured.facts, measured.facts.video
    yield _lines("decodes_to_end", measured.decode_errors, "the whole proxy decodes without an error")
    damage = tuple(line for line in measured.source_errors if not any(part in line for part in NOT_DAMAGE))
    yield _lines("source_decode_errors", damage, "the whole source decodes without an error")
    yield _check("source_unchanged", measured.source_unchanged, "unchanged", _changed(measured))
    yield _equal("container", expected.container, facts.container)
    yield _equal("codec", expected.codec, video.codec if video is not None else None)
    yield _equal("frame_count", expected.frame_count, measured.decoded_frames)
    if video is not None:
        yield _video_tracks(measured)
        yield from _video_checks(expected, video)
        yield from _label_checks(expected, measured)
    yield from _audio_checks(expected, measured)


def _video_checks(expected: Expected, video: VideoFacts) -> Iterator[Check]:
    declared = video.declared_frame_count
    yield _check(
        "declared_frame_count",
        declared in (None, expected.frame_count),
        str(expected.frame_count),
        _text(declared),
    )
    yield _check("frame_rate", _same_rate(expected, video), _text(expected.frame_rate), _text(video.frame_rate))
    yield _check(
        "constant_frame_rate",
        video.constant_frame_rate or not expected.constant_frame_rate,
        "constant" if expected.constant_frame_rate else "variable",
        "constant" if video.constant_frame_rate else "variable",
    )
    yield _duration(expected, video)
    yield _equal("raster", f"{expected.width}x{expected.height}", f"{video.width}x{video.height}")
    if expected.pixel_aspect is not None:
        same = _same_aspect(expected, video.pixel_aspect)
        yield _check("pixel_aspect", same, _text(expected.pixel_aspect), _text(video.pixel_aspect))
    progressive = expected.field_order is FieldOrder.PROGRESSIVE and video.field_order is FieldOrder.UNKNOWN
    yield _check(
        "field_order",
        progressive or expected.field_order is video.field_order,
        expected.field_order.value,
        video.field_order.value,
    )
    yield _equal(
        "rotation",
        _orientation(expected.rotation, expected.mirrored),
        _orientation(video.rotation, video.mirrored),
    )
    yield from _colour_checks(expected, video)


def _colour_checks(expected: Expected, video: VideoFacts) -> Iterator[Check]:
    if expected.color_range is not None:
        yield _equal("color_range", expected.color_range, video.color_range or "tv")
    for name, wanted, found in (
        ("color_primaries", expected.color_primaries, video.color_primaries),
        ("color_transfer", expected.color_transfer, video.color_transfer),
        ("color_matrix", expected.color_matrix, video.color_matrix),
    ):
        if wanted is not None:
            alike = any({wanted, found} <= group for group in _ALIKE[name])
            yield _check(name, alike or wanted == found, wanted, _text(found))


def _label_checks(expected: Expected, measured: Measured) -> Iterator[Check]:
    timecode = measured.facts.timecode
    label = timecode.label if timecode is not None else None
    if expected.timecode is None and expected.container in _ALWAYS_TIMECODE:
        yield _check("timecode", label in (None, *_NO_TIMECODE), _NO_TIMECODE[0], _text(label))
    else:
        yield _equal("timecode", expected.timecode, label)
    if expected.drop_frame is not None:
        yield _equal("drop_frame", expected.drop_frame, timecode.drop_frame if timecode is not None else None)
    yield _equal("reel_name", expected.reel_name, measured.facts.reel_name)


def _video_tracks(measured: Measured) -> Check:
    further = sum(stream.startswith(_PICTURE_STREAMS) for stream in measured.facts.other_streams)
    return _equal("video_track_count", 1, 1 + further)


def _audio_checks(expected: Expected, measured: Measured) -> Iterator[Check]:
    tracks, video = measured.facts.audio, measured.facts.video
    shown = video.start_time if video is not None else None
    yield _equal("audio_track_count", len(expected.audio), len(tracks))
    for number, wanted in enumerate(expected.audio[: len(tracks)]):
        lengths = measured.audio_durations
        length = lengths[number] if number < len(lengths) else None
        heard = tracks[number].start_time
        start = heard - shown if heard is not None and shown is not None else None
        yield from _track_checks(f"audio[{number}]", expected, wanted, tracks[number], length, start)


def _track_checks(
    name: str,
    expected: Expected,
    wanted: ExpectedAudio,
    found: AudioFacts,
    length: Fraction | None,
    start: Fraction | None,
) -> Iterator[Check]:
    yield _equal(f"{name}.codec", wanted.codec, found.codec)
    yield _equal(f"{name}.channels", wanted.channels, found.channels)
    if wanted.layout is not None:
        yield _equal(f"{name}.layout", wanted.layout, found.layout)
    yield _equal(f"{name}.sample_rate", wanted.sample_rate, found.sample_rate)
    if start is not None:
        near = abs(start) <= _SLACK
        yield _check(f"{name}.start", near, f"{_seconds(Fraction(0))} ± {_seconds(_SLACK)}", _seconds(start))
    if wanted.duration is not None:
        samples = CODEC_FRAME_SAMPLES.get(wanted.codec, 0)
        late = max(1 / expected.frame_rate, Fraction(2 * samples, wanted.sample_rate)) + _SLACK
        end = length + (start or 0) if length is not None else None
        close = end is not None and -_SLACK <= end - wanted.duration <= late
        asked = f"{_seconds(wanted.duration)} - {_seconds(_SLACK)} + {_seconds(late)}"
        yield _check(f"{name}.duration", close, asked, _seconds(end))


def _duration(expected: Expected, video: VideoFacts) -> Check:
    wanted = expected.frame_count / expected.frame_rate
    tolerance = (1 if expected.constant_frame_rate else 2) / expected.frame_rate
    close = video.duration is None or abs(video.duration - wanted) <= tolerance
    return _check("duration", close, f"{_seconds(wanted)} ± {_seconds(tolerance)}", _seconds(video.duration))


def _same_rate(expected: Expected, video: VideoFacts) -> bool:
    wanted, found = expected.frame_rate, video.frame_rate
    if wanted == found:
        return True
    if found <= 0:
        return False
    if not expected.constant_frame_rate:
        return abs(found - wanted) <= 2 * wanted / expected.frame_count
    if expected.container not in _MATROSKA:
        return False
    apart = abs(1 / wanted - 1 / found)
    unnamed = wanted not in STANDARD_RATES and (expected.frame_count - 1) * apart <= _MATROSKA_ROUNDING
    return unnamed or apart * _NANOSECONDS <= 2


def _same_aspect(expected: Expected, found: Fraction | None) -> bool:
    wanted = expected.pixel_aspect
    if wanted is None or found is None:
        return wanted == found or (found is None and wanted == 1)
    return abs(wanted - found) * expected.width <= 1


def _lines(name: str, lines: tuple[str, ...], wanted: str) -> Check:
    if not lines:
        return Check(name=name, level=CheckLevel.PASS, expected=wanted, actual="no error line")
    shown = "; ".join(quote(text=line) for line in lines[:_LINES_SHOWN])
    more = f"; {len(lines) - _LINES_SHOWN} more" if len(lines) > _LINES_SHOWN else ""
    return Check(name=name, level=CheckLevel.FAIL, expected=wanted, actual=shown + more)


def _equal(name: str, expected: object, actual: object) -> Check:
    return _check(name, expected == actual, _text(expected), _text(actual))


def _check(name: str, passed: bool, expected: str, actual: str) -> Check:
    level = CheckLevel.PASS if passed else CheckLevel.FAIL
    return Check(name=name, level=level, expected=expected, actual=actual)


def _changed(measured: Measured) -> str:
    return "unchanged" if measured.source_unchanged else "changed while it was read"


def _orientation(rotation: int, mirrored: bool) -> str:
    return f"{rotation}{' mirrored' if mirrored else ''}"


def _text(value: object) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return quote(text=value)[1:-1] if isinstance(value, str) else str(value)


def _seconds(value: Fraction | None) -> str:
    return "not stated" if value is None else f"{float(value):.6f} s"
