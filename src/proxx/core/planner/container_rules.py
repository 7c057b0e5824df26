"""What each proxy container carries, as FFmpeg 5.1 writes it: measured, see tests/media/test_profiles_encode.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

NTSC = (Fraction(24000, 1001), Fraction(30000, 1001), Fraction(48000, 1001), Fraction(60000, 1001))
MXF_RATES = tuple(
    sorted((*NTSC, Fraction(120000, 1001), *(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60, 72, 96, 100, 120))))
)
"""The edit rates that FFmpeg's MXF writer takes without being told to leave the standard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRules:
    """One container. `muxer` is FFmpeg's name.

    `ticks` says that the time scale of the video track is free (MOV family); `frame_rates` empty means any.
    `variable_rate`, `reel`, `language`, `layout`, `matrix` (rotation) and `pixel_aspect` say what can be stored;
    `always_timecode` that a start timecode is written even where none is known; `exact_audio` that audio must be as
    long as the picture.
    """

    muxer: str
    arguments: tuple[str, ...]
    ticks: bool
    frame_rates: tuple[Fraction, ...]
    variable_rate: bool
    always_timecode: bool
    reel: bool
    language: bool
    layout: bool
    matrix: bool
    pixel_aspect: bool
    exact_audio: bool


_MOV = ContainerRules(
    muxer="mov",
    arguments=(),
    ticks=True,
    frame_rates=(),
    variable_rate=True,
    always_timecode=False,
    reel=True,
    language=True,
    layout=True,
    matrix=True,
    pixel_aspect=True,
    exact_audio=False,
)
_MATROSKA = ContainerRules(
    muxer="matroska",
    arguments=(),
    ticks=False,
    frame_rates=(),
    variable_rate=True,
    always_timecode=False,
    reel=True,
    language=True,
    layout=True,
    matrix=False,
    pixel_aspect=True,
    exact_audio=False,
)

CONTAINER_RULES: Mapping[str, ContainerRules] = MappingProxyType(
    {
        "mov": _MOV,
        "mp4": ContainerRules(
            muxer="mp4",
            arguments=("-movflags", "+faststart"),
            ticks=True,
            frame_rates=(),
            variable_rate=True,
            always_timecode=False,
            reel=False,
            language=True,
            layout=True,
            matrix=True,
            pixel_aspect=True,
            exact_audio=False,
        ),
        "mkv": _MATROSKA,
        "webm": ContainerRules(
            muxer="webm",
            arguments=(),
            ticks=False,
            frame_rates=(),
            variable_rate=True,
            always_timecode=False,
            reel=True,
            language=True,
            layout=True,
            matrix=False,
            pixel_aspect=True,
            exact_audio=False,
        ),
        "mxf": ContainerRules(
            muxer="mxf",
            arguments=(),
            ticks=False,
            frame_rates=MXF_RATES,
            variable_rate=False,
            always_timecode=True,
            reel=True,
            language=False,
            layout=False,
            matrix=False,
            pixel_aspect=False,
            exact_audio=True,
        ),
    }
)
