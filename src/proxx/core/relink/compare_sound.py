"""Comparisons of the sound: tracks, their channels, their layouts."""

from collections.abc import Mapping
from types import MappingProxyType

from proxx.core.facts import AudioFacts
from proxx.core.relink.pair import Pair
from proxx.core.relink.rule import Comparison

_ALIKE: Mapping[str, str] = MappingProxyType({"5.0(side)": "5.0", "5.1(side)": "5.1"})


def audio_channels(pair: Pair) -> Comparison:
    """As many tracks, in the same order, each with as many channels."""
    source, proxy = _channels(pair.source.audio), _channels(pair.proxy.audio)
    return Comparison(holds=source == proxy, expected=_channels_text(source), actual=_channels_text(proxy))


def audio_layout(pair: Pair) -> Comparison | None:
    """The same layout wherever both files name one. Side and back surrounds are one layout to an editing system."""
    named = [
        (_ALIKE.get(source.layout, source.layout), _ALIKE.get(proxy.layout, proxy.layout))
        for source, proxy in zip(pair.source.audio, pair.proxy.audio, strict=False)
        if source.layout is not None and proxy.layout is not None
    ]
    if not named:
        return None
    return Comparison(
        holds=all(source == proxy for source, proxy in named),
        expected=", ".join(source for source, _ in named),
        actual=", ".join(proxy for _, proxy in named),
    )


def _channels(tracks: tuple[AudioFacts, ...]) -> tuple[int, ...]:
    return tuple(track.channels for track in tracks)


def _channels_text(channels: tuple[int, ...]) -> str:
    if not channels:
        return "no audio"
    tracks = "1 track" if len(channels) == 1 else f"{len(channels)} tracks"
    return f"{tracks} with {' + '.join(map(str, channels))} channel{'' if channels == (1,) else 's'}"
