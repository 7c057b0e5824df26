"""Sound: every track in order, nothing mixed down; what a codec cannot hold is refused or said.

Tracks stay as the source lays them out, or every channel becomes a mono track of its own, as the profile says.

Every track begins with the first picture: what lies before it is cut, what starts later is preceded by silence, and
holes of more than 20 ms are filled (FFmpeg's aresample), so that nothing drifts. In MXF a track is as long as
the picture.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from proxx.core.facts import AudioFacts, MediaFacts
from proxx.core.plan import ExpectedAudio
from proxx.core.planner.codec_rules import AUDIO_DECODERS, AUDIO_ENCODERS
from proxx.core.planner.container_rules import ContainerRules
from proxx.core.planner.refusal import Refusals
from proxx.core.profile import AudioRecipe, Tracks

MOST_CHANNELS = 64
MOST_TRACKS = 62
"""Beside them a proxy has a picture and may have a timecode track, and nobody reads more than 64 streams."""

_PRIMING_SAMPLES = {"aac": 2112}  # what Apple's encoder puts before the sound; others put less
_CODEC_DELAY = Fraction(25, 1000)  # a start this near zero is an encoder's delay, not sound that anybody recorded
_FRAME_SAMPLES = {
    **dict.fromkeys(("aac", "wmav2", "adpcm_ms", "adpcm_ima_wav"), 2048),
    **dict.fromkeys(("mp2", "mp3"), 1152),
    **dict.fromkeys(("ac3", "eac3"), 1536),
    **dict.fromkeys(("alac", "dts", "vorbis"), 4096),
    "opus": 2880,
    "flac": 4608,
}
"""The most samples that a source's codec is usual to code in one frame; twice the plain ones for HE-AAC."""

_LANGUAGE = re.compile(r"[a-z]{3}", re.ASCII)

_AAC = {name: name for name in ("mono", "stereo", "2.1", "3.0", "4.0", "quad", "5.0", "5.1", "7.1")}
_OPUS = {name: name for name in ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")}
_SIDES_AS_BACKS = {"5.0(side)": "5.0", "5.1(side)": "5.1"}
_LAYOUTS = {"aac": _AAC | _SIDES_AS_BACKS, "opus": _OPUS | _SIDES_AS_BACKS}
_AAC_DISCRETE = {
    1: "mono",
    2: "stereo",
    3: "3.0",
    4: "quad",
    5: "5.0",
    6: "hexagonal",
    7: "7.0",
    8: "octagonal",
    16: "hexadecagonal",
}
_AAC_MEASURED = frozenset(_AAC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One audio track of the proxy: where it comes from, its filters and arguments, and what it must measure."""

    stream_index: int
    decoder: str
    encoder: str
    filters: str
    arguments: tuple[str, ...]
    language: str | None
    expected: ExpectedAudio


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """All tracks in order, the recipe's arguments, and what an operator should know."""

    tracks: tuple[Track, ...]
    arguments: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How channels are labelled. `relabel` is the layout to state, `measured` what probing then gives.

    `channel` is the one of the source that a mono track takes, None where all stay together.
    """

    relabel: str | None
    measured: str | None
    arguments: tuple[str, ...] = ()
    warning: str = ""
    channel: int | None = None


def plan_sound(
    *,
    facts: MediaFacts,
    recipe: AudioRecipe | None,
    container: ContainerRules,
    picture_seconds: Fraction,
    refusals: Refusals,
) -> Sound | None:
    """Return the tracks of the proxy, or None after noting why there can be none. `picture_seconds` is the length."""
    if not facts.audio:
        return Sound(tracks=(), arguments=(), warnings=())
    if recipe is None or recipe.codec not in AUDIO_ENCODERS:
        refusals.add("the profile has no usable audio recipe for this container", actual=f"{len(facts.audio)} tracks")
        return None
    video_start = facts.video.start_time if facts.video is not None else None
    warnings: list[str] = []
    tracks: list[Track] = []
    readable = True
    for number, audio in enumerate(facts.audio):
        layouts = _layouts(number=number, audio=audio, recipe=recipe, container=container, refusals=refusals)
        if not layouts:
            readable = False
            continue
        length = _length(audio=audio, video_start=video_start, container=facts.container)
        tracks += (
            _track(
                audio=audio,
                recipe=recipe,
                layout=layout,
                container=container,
                picture_seconds=picture_seconds,
                length=length,
            )
            for layout in layouts
        )
        warnings += _layout_warnings(number=number, layouts=layouts)
        warnings += _losses(number=number, audio=audio, container=container, video_start=video_start)
        warnings += _length_warnings(number=number, audio=audio, container=container, seconds=picture_seconds)
    if len(tracks) > MOST_TRACKS:
        refusals.add("it has too many audio tracks", expected=f"at most {MOST_TRACKS}", actual=str(len(tracks)))
    if not readable:
        return None
    return Sound(tracks=tuple(tracks), arguments=recipe.arguments, warnings=tuple(warnings))


def _layouts(
    *, number: int, audio: AudioFacts, recipe: AudioRecipe, container: ContainerRules, refusals: Refusals
) -> tuple[_Layout, ...]:
    """Return how each track is labelled that this one becomes; none after noting why it cannot be one."""
    where = f"audio track {number + 1}"
    if audio.codec not in AUDIO_DECODERS:
        refusals.add(f"{where} has a codec that cannot be read", expected="a known audio codec", actual=audio.codec)
        return ()
    if audio.channels < 1 or audio.sample_rate < 1:
        actual = f"{audio.channels} channels at {audio.sample_rate} Hz"
        refusals.add(f"{where} states no channels or no sample rate", expected="both above 0", actual=actual)
        return ()
    if recipe.tracks is Tracks.MONO and 1 < audio.channels <= MOST_CHANNELS:
        measured = "mono" if container.layout else None
        return tuple(_Layout(relabel="mono", measured=measured, channel=each) for each in range(audio.channels))
    layout = _layout(codec=recipe.codec, audio=audio, container=container)
    if layout is None:
        named = audio.layout or "discrete channels"
        refusals.add(
            f"{where} has {audio.channels} channels ({named}), which {recipe.codec} cannot hold without loss; "
            "a profile with PCM audio can",
            expected=", ".join(_LAYOUTS.get(recipe.codec, {})) or f"at most {MOST_CHANNELS} channels",
            actual=f"{audio.channels} channels, {named}",
        )
    return (layout,) if layout is not None else ()


def _layout_warnings(*, number: int, layouts: tuple[_Layout, ...]) -> tuple[str, ...]:
    where = f"audio track {number + 1}"
    if len(layouts) > 1:
        return (f"{where}: its {len(layouts)} channels become {len(layouts)} mono tracks, in their order",)
    return tuple(f"{where}: {layout.warning}" for layout in layouts if layout.warning)


def _layout(*, codec: str, audio: AudioFacts, container: ContainerRules) -> _Layout | None:
    if audio.channels > MOST_CHANNELS:
        return None
    if codec in ("aac", "opus") and audio.layout is not None:
        stated = _LAYOUTS[codec].get(audio.layout)
        if stated is not None:
            warning = f"layout {audio.layout} is written as {stated}" if stated != audio.layout else ""
            return _Layout(relabel=stated if stated != audio.layout else None, measured=stated, warning=warning)
    if codec == "aac":
        return _discrete_aac(audio) if audio.layout is None else None
    if codec == "opus":
        return _discrete_opus(audio)
    kept = audio.layout if container.layout else None
    warning = "" if kept == audio.layout else "the container does not state channel layouts; order and count are kept"
    return _Layout(relabel=None, measured=kept, warning=warning)


def _discrete_aac(audio: AudioFacts) -> _Layout | None:
    stated = _AAC_DISCRETE.get(audio.channels)
    if stated is None:
        return None
    said = f"discrete channels are written with the layout {stated}, because AAC needs one"
    warning = said if audio.channels > 1 else ""
    return _Layout(relabel=stated, measured=stated if stated in _AAC_MEASURED else None, warning=warning)


def _discrete_opus(audio: AudioFacts) -> _Layout:
    if audio.channels <= 2:
        stated, said = ("mono", "") if audio.channels == 1 else ("stereo", "discrete channels are written as stereo")
        return _Layout(relabel=stated, measured=stated, warning=said)
    return _Layout(
        relabel=None,
        measured=None,
        arguments=("-mapping_family", "255"),
        warning="the channels are written without a layout, in the same order",
    )


def _track(
    *,
    audio: AudioFacts,
    recipe: AudioRecipe,
    layout: _Layout,
    container: ContainerRules,
    picture_seconds: Fraction,
    length: Fraction | None,
) -> Track:
    # In floats a resampler's result depends on the CPU; in integers of 32 bits it does not (docs/DETERMINISM.md).
    whole = ":tsf=s32p" if audio.sample_rate != recipe.sample_rate else ""
    filters = [f"aresample=osr={recipe.sample_rate}:async=1:min_hard_comp=0.02:first_pts=0{whole}"]
    channels = range(audio.channels) if layout.channel is None else (layout.channel,)
    if layout.relabel is not None:
        order = "|".join(str(channel) for channel in channels)
        filters.append(f"channelmap=map={order}:channel_layout={layout.relabel}")
    if container.exact_audio:
        # What FFmpeg's MXF writer puts beside this many pictures: the nearest number, halves up. It drops one more.
        samples = math.floor(picture_seconds * recipe.sample_rate + Fraction(1, 2))
        filters += [f"apad=whole_len={samples}", f"atrim=end_sample={samples}"]
        length = picture_seconds
    return Track(
        stream_index=audio.stream_index,
        decoder=AUDIO_DECODERS[audio.codec],
        encoder=AUDIO_ENCODERS[recipe.codec],
        filters=",".join(filters),
        arguments=layout.arguments,
        language=_language(audio) if container.language else None,
        expected=ExpectedAudio(
            codec=recipe.codec,
            channels=len(channels),
            layout=layout.measured,
            sample_rate=recipe.sample_rate,
            duration=length,
            language=_language(audio) if container.language else None,
            early=_early(audio=audio, container=container),
        ),
    )


def _length(*, audio: AudioFacts, video_start: Fraction | None, container: str) -> Fraction | None:
    """Return how long the proxy's track is, in seconds from the first picture; None when the source does not say.

    Matroska writers disagree whether a track's DURATION counts from its own start or from zero.
    """
    if audio.duration is None:
        return None
    if container in ("mkv", "webm") and abs(audio.start_time or Fraction(0)) > _CODEC_DELAY:
        return None
    if audio.start_time is None or video_start is None:
        return audio.duration
    return max(Fraction(0), audio.duration + audio.start_time - video_start)


def _early(*, audio: AudioFacts, container: ContainerRules) -> Fraction:
    """Return how much before its source's stated end the proxy's track may end: one frame of the source's codec."""
    if container.exact_audio:
        return _CODEC_DELAY
    return max(_CODEC_DELAY, Fraction(_FRAME_SAMPLES.get(audio.codec, 0), audio.sample_rate))


def _losses(
    *, number: int, audio: AudioFacts, container: ContainerRules, video_start: Fraction | None
) -> tuple[str, ...]:
    where = f"audio track {number + 1}"
    warnings = []
    stated = audio.language not in (None, "und", "")
    if stated and (not container.language or _language(audio) is None):
        warnings.append(f"{where}: its language is not carried")
    known = audio.start_time is not None and video_start is not None
    early = (video_start or Fraction(0)) - (audio.start_time or Fraction(0))
    delay = Fraction(_PRIMING_SAMPLES.get(audio.codec, 0), audio.sample_rate)
    if known and early > max(_CODEC_DELAY, delay):
        warnings.append(f"{where}: {float(early):.3f} s before the first picture are left out")
    return tuple(warnings)


def _length_warnings(
    *, number: int, audio: AudioFacts, container: ContainerRules, seconds: Fraction
) -> tuple[str, ...]:
    if not container.exact_audio or audio.duration is None or abs(audio.duration - seconds) <= Fraction(1, 10):
        return ()
    change = "cut" if audio.duration > seconds else "extended with silence"
    return (f"audio track {number + 1}: {float(audio.duration):.3f} s are {change} to the picture's length",)


def _language(audio: AudioFacts) -> str | None:
    language = audio.language or ""
    return language if _LANGUAGE.fullmatch(language) and language != "und" else None
