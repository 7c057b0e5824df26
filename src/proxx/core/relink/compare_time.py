"""Comparisons of time: timecode, rate, length."""

from fractions import Fraction

from proxx.core.facts import TimecodeFacts
from proxx.core.rate import format_rate
from proxx.core.relink.pair import Pair
from proxx.core.relink.rule import Comparison
from proxx.core.timecode import Timecode

QUICKTIME = ("mov", "mp4")
_MATROSKA = ("mkv", "webm")
_NANOSECONDS = 1_000_000_000


def start_timecode(pair: Pair) -> Comparison:
    """Both start at the same moment of the day with the same drop flag.

    Where the source has none, a proxy that says 00:00:00:00 agrees: editing systems count such a source from zero.
    """
    source, proxy = pair.source.timecode, pair.proxy.timecode
    if source is None:
        zero = proxy is None or _moment(proxy) == 0
        return Comparison(holds=zero, expected="none, or 00:00:00:00", actual=_timecode_text(proxy))
    same = proxy is not None and source.drop_frame == proxy.drop_frame and _same_moment(source, proxy)
    return Comparison(holds=same, expected=_timecode_text(source), actual=_timecode_text(proxy))


def timecode_rate(pair: Pair) -> Comparison | None:
    """The label counts frames of the same rate as the source's."""
    source, proxy = pair.source.timecode, pair.proxy.timecode
    if source is None or proxy is None:
        return None
    return Comparison(
        holds=source.rate == proxy.rate, expected=format_rate(rate=source.rate), actual=format_rate(rate=proxy.rate)
    )


def quicktime_track(pair: Pair) -> Comparison | None:
    """A QuickTime or MP4 proxy of a source with timecode carries it in a timecode track."""
    if pair.source.timecode is None or pair.proxy.container not in QUICKTIME:
        return None
    found = pair.proxy.timecode
    present = found is not None and (found.origin == "tmcd" or "data:tmcd" in pair.proxy.other_streams)
    return Comparison(
        holds=present,
        expected="a tmcd track",
        actual="a tmcd track" if present else "no timecode" if found is None else found.origin,
    )


def quicktime_carrier(pair: Pair) -> Comparison | None:
    """A proxy of a source with timecode is a QuickTime or MP4 file."""
    if pair.source.timecode is None:
        return None
    container = pair.proxy.container
    return Comparison(holds=container in QUICKTIME, expected=" or ".join(QUICKTIME), actual=container)


def frame_rate(pair: Pair) -> Comparison:
    """The same exact rate; nothing can be told of a varying one, whose rate is an average."""
    source, proxy = pair.source_video, pair.proxy_video
    constant = source.constant_frame_rate and proxy.constant_frame_rate
    return Comparison(
        holds=_same_rate(pair, source.frame_rate, proxy.frame_rate) if constant else None,
        expected=_rate_text(source.frame_rate, source.constant_frame_rate),
        actual=_rate_text(proxy.frame_rate, proxy.constant_frame_rate),
    )


def frame_count(pair: Pair) -> Comparison:
    """The same number of frames."""
    source, proxy = pair.source_video.frame_count, pair.proxy_video.frame_count
    return Comparison(holds=source == proxy, expected=f"{source} frames", actual=f"{proxy} frames")


def duration(pair: Pair) -> Comparison:
    """The same length of the picture, to half a frame of the source."""
    source, proxy = pair.source_video.duration, pair.proxy_video.duration
    holds: bool | None = None
    if source is not None and proxy is not None:
        holds = (max(source, proxy) - min(source, proxy)) * pair.source_video.frame_rate * 2 < 1
    return Comparison(holds=holds, expected=_seconds(source), actual=_seconds(proxy))


def _same_rate(pair: Pair, source: Fraction, proxy: Fraction) -> bool:
    """Matroska stores whole nanoseconds a frame; two rates closer than that are one."""
    if source == proxy:
        return True
    rounded = pair.source.container in _MATROSKA or pair.proxy.container in _MATROSKA
    return rounded and min(source, proxy) > 0 and abs(_NANOSECONDS / source - _NANOSECONDS / proxy) <= 2


def _same_moment(source: TimecodeFacts, proxy: TimecodeFacts) -> bool:
    if (source.label, source.rate) == (proxy.label, proxy.rate):
        return True
    moment = _moment(source)
    return moment is not None and moment == _moment(proxy)


def _moment(timecode: TimecodeFacts) -> Fraction | None:
    """Return the seconds since midnight, None for a label or a rate that does not exist."""
    try:
        parsed = Timecode.parse(label=timecode.label, rate=timecode.rate, drop_frame=timecode.drop_frame)
    except ValueError:
        return None
    return parsed.frames / timecode.rate


def _timecode_text(timecode: TimecodeFacts | None) -> str:
    return "none" if timecode is None else f"{timecode.label} at {format_rate(rate=timecode.rate)}"


def _rate_text(rate: Fraction, constant: bool) -> str:
    return format_rate(rate=rate) if constant else f"varying, {float(rate):.3f} on average"


def _seconds(length: Fraction | None) -> str:
    return "not stated" if length is None else f"{float(length):.3f} s"
