"""The audio tracks of a clip as Resolve states them: GetAudioMapping, and three clip properties. Pure.

Source: the reference on Resolve scripting, sections 3 and 4 (the keys and their spelling are those of recorded dumps).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from proxx.core.facts import AudioFacts
from proxx.core.quoting import describe, quote

LONGEST_MAPPING = 1024 * 1024
MOST_TRACKS = 256

_LAYOUTS = {
    "mono": "mono",
    "stereo": "stereo",
    "quad": "quad",
    "5.0": "5.0",
    "5.1": "5.1",
    "7.0": "7.0",
    "7.1": "7.1",
}
"""Resolve's track types to ffmpeg's layout names; every other type (adaptive, film orders) is discrete channels."""


class AudioUnclearError(ValueError):
    """The tracks cannot be told. `key` is what Resolve was asked; the message says what it answered."""

    def __init__(self, *, key: str, expected: str, actual: str) -> None:
        """Keep the three facts."""
        super().__init__(f"{key} is {actual}; expected {expected}")
        self.key = key
        self.expected = expected
        self.actual = actual


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFinding:
    """The tracks in Resolve's order, and what an operator should know."""

    tracks: tuple[AudioFacts, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mapped:
    channels: int
    layout: str | None


def audio_tracks(*, mapping: str, properties: Mapping[str, str]) -> AudioFinding:
    """Return the audio tracks of a clip from its audio mapping (JSON text) and its properties.

    Raises:
        AudioUnclearError: the mapping is no such document, it contradicts `Audio Ch`, or there is sound of unknown
            sample rate.
    """
    document = _document(mapping)
    embedded = _count(document)
    stated = properties.get("Audio Ch", "").strip()
    if stated and stated != str(embedded):
        raise AudioUnclearError(
            key="Audio Ch", expected=f"the {embedded} embedded channels of GetAudioMapping", actual=quote(text=stated)
        )
    mapped = _mapped(document)
    if embedded == 0:
        return AudioFinding(tracks=(), warnings=_linked(document))
    if not mapped:
        raise AudioUnclearError(
            key="GetAudioMapping track_mapping", expected=f"tracks for {embedded} embedded channels", actual="empty"
        )
    rate = _sample_rate(properties)
    bits = properties.get("Audio Bit Depth", "").strip()
    facts = tuple(
        AudioFacts(
            stream_index=number,
            codec="pcm",
            channels=track.channels,
            layout=track.layout,
            sample_rate=rate,
            bits_per_sample=int(bits) if bits.isascii() and bits.isdigit() and 0 < int(bits) <= 64 else None,
            start_time=None,
            duration=None,
            language=None,
        )
        for number, track in enumerate(mapped, start=1)
    )
    return AudioFinding(tracks=facts, warnings=_linked(document))


def _document(mapping: str) -> Mapping[str, object]:
    expected = "a JSON object"
    if len(mapping) > LONGEST_MAPPING:
        raise AudioUnclearError(key="GetAudioMapping", expected=expected, actual=f"{len(mapping)} characters")
    try:
        document = json.loads(mapping)
    except (ValueError, RecursionError) as error:
        raise AudioUnclearError(key="GetAudioMapping", expected=expected, actual=quote(text=mapping)) from error
    if not isinstance(document, dict):
        raise AudioUnclearError(key="GetAudioMapping", expected=expected, actual=describe(value=document))
    return document


def _count(document: Mapping[str, object]) -> int:
    value = document.get("embedded_audio_channels")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_TRACKS:
        raise AudioUnclearError(
            key="GetAudioMapping embedded_audio_channels",
            expected=f"a whole number from 0 to {MOST_TRACKS}",
            actual=describe(value=value),
        )
    return value


def _mapped(document: Mapping[str, object]) -> tuple[_Mapped, ...]:
    tracks = document.get("track_mapping")
    key = "GetAudioMapping track_mapping"
    if not isinstance(tracks, dict) or len(tracks) > MOST_TRACKS:
        raise AudioUnclearError(
            key=key, expected=f"an object of at most {MOST_TRACKS} tracks", actual=describe(value=tracks)
        )
    numbers = [name for name in tracks if name.isascii() and name.isdigit()]
    if len({int(name) for name in numbers}) != len(tracks):
        raise AudioUnclearError(key=key, expected="tracks by number", actual=quote(text=", ".join(tracks)))
    return tuple(_track(name, tracks[name]) for name in sorted(numbers, key=int))


def _track(name: str, track: object) -> _Mapped:
    key = f"GetAudioMapping track {name}"
    if not isinstance(track, dict):
        raise AudioUnclearError(key=key, expected="an object", actual=describe(value=track))
    channels, kind = track.get("channel_idx"), track.get("type")
    if not isinstance(channels, list) or not 0 < len(channels) <= MOST_TRACKS:
        raise AudioUnclearError(
            key=f"{key} channel_idx", expected=f"a list of 1 to {MOST_TRACKS} channels", actual=describe(value=channels)
        )
    if not isinstance(kind, str):
        raise AudioUnclearError(key=f"{key} type", expected="a string", actual=describe(value=kind))
    layout = _LAYOUTS.get(kind.strip().lower())
    # A translated word is not in the table; one and two channels need none.
    return _Mapped(channels=len(channels), layout=layout or {1: "mono"}.get(len(channels)))


def _sample_rate(properties: Mapping[str, str]) -> int:
    text = properties.get("Sample Rate", "").strip()
    if not (text.isascii() and text.isdigit() and 8_000 <= int(text[:9]) <= 384_000):
        raise AudioUnclearError(
            key="Sample Rate", expected="a whole number from 8000 to 384000", actual=quote(text=text)
        )
    return int(text)


def _linked(document: Mapping[str, object]) -> tuple[str, ...]:
    linked = document.get("linked_audio")
    if not linked:
        return ()
    return ("the clip has audio of other files linked to it in Resolve; only its own is counted",)
