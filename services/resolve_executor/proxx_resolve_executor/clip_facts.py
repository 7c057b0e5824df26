"""What Resolve says of a clip, as the facts that a plan is made from. Pure: one table of keys, nothing is guessed.

Values are localised where Resolve's user interface is (reference on Resolve scripting, section 4), so words decide
nothing here but the one that has no number: `Square`. What is missing, translated or contradictory is a violation that
names the key.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from proxx.core.facts import FieldOrder, MediaFacts, TimecodeFacts, VideoFacts
from proxx.core.quoting import quote
from proxx.core.rate import exact_rate, format_rate
from proxx.core.sources.raw_matrix import RAW_BY_CODEC
from proxx.core.sources.source_timecode import has_timecode
from proxx.core.steps import InspectReport, InspectWork
from proxx.core.timecode import Timecode, TimecodeError
from proxx.core.units import media_count
from proxx.core.violation import Violation, ViolationCode
from proxx_resolve_executor.audio_tracks import AudioFinding, AudioUnclearError, audio_tracks
from proxx_resolve_executor.host_port import InspectedClip

_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,17})?", re.ASCII)
_RASTER = re.compile(r"([1-9][0-9]{0,4})[xX]([1-9][0-9]{0,4})", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_MOST_BITS = 64
_LONGEST_REEL = 255
_ENGLISH = "Resolve's user interface must be set to English"


class _Clip:
    """The properties of one clip, read key by key; what cannot be used is noted."""

    def __init__(self, work: InspectWork, properties: Mapping[str, str]) -> None:
        self.properties = properties
        self.violations: list[Violation] = []
        self.warnings: list[str] = []
        self._work = work

    def text(self, key: str) -> str:
        return self.properties.get(key, "").strip()

    def refuse(self, key: str, expected: str, actual: str | None = None) -> None:
        """Note that the value of a key cannot be used."""
        if actual is None:
            actual = quote(text=self.properties[key]) if key in self.properties else "missing"
        self.violations.append(
            Violation(
                code=ViolationCode.SOURCE_UNREADABLE,
                field=f"sources[{self._work.clip_index}]",
                message=f"{quote(text=self._work.source.name)}: Resolve's clip property {key!r} is {actual};"
                f" expected {expected}",
                expected=expected,
                actual=actual,
            )
        )


def clip_facts(*, work: InspectWork, clip: InspectedClip, sequence: bool) -> InspectReport:
    """Return the facts of a clip, or every reason why there are none. `sequence`: its parts are single frames.

    Container and codec are the detection's words: Resolve's own are families of formats, and may be translated.
    """
    read = _Clip(work, clip.properties)
    rate = _rate(read)
    frames = _frames(read, media_count(identity=work.identity) if sequence else None)
    size = _raster(read)
    aspect = _aspect(read)
    bits = _bits(read)
    timecode = _timecode(read, rate)
    sound = _sound(read, clip.audio_mapping)
    if read.violations or rate is None or frames is None or size is None:
        return InspectReport(facts=None, violations=tuple(read.violations))
    video = VideoFacts(
        stream_index=0,
        codec=work.codec,
        sample_entry="",
        profile=None,
        width=size[0],
        height=size[1],
        pixel_aspect=aspect,
        pixel_format=None,
        bit_depth=bits,
        has_alpha=False,
        # No class of the camera RAW matrix records fields; of another codec Resolve's word is a translated one.
        field_order=FieldOrder.PROGRESSIVE if work.codec in RAW_BY_CODEC else FieldOrder.UNKNOWN,
        rotation=0,
        mirrored=False,
        color_range=None,
        color_primaries=None,
        color_transfer=None,
        color_matrix=None,
        frame_rate=rate,
        constant_frame_rate=True,
        time_base=1 / rate,
        frame_count=frames,
        declared_frame_count=None,
        start_time=None,
        duration=frames / rate,
        intra_only=None,
    )
    facts = MediaFacts(
        container=work.container,
        size_bytes=work.identity.size_bytes,
        duration=frames / rate,
        video=video,
        audio=sound.tracks,
        timecode=timecode,
        reel_name=_reel(read),
        other_streams=(),
        warnings=(*read.warnings, *sound.warnings),
    )
    return InspectReport(facts=facts, violations=())


def _rate(read: _Clip) -> Fraction | None:
    text = read.text("FPS")
    try:
        if _DECIMAL.fullmatch(text):
            return exact_rate(value=float(text))
    except ValueError as error:
        read.refuse("FPS", "a rate of the table", f"{quote(text=text)} ({error})")
        return None
    read.refuse("FPS", "a number, for example 23.976")
    return None


def _frames(read: _Clip, parts: int | None) -> int | None:
    text = read.text("Frames")
    if not _WHOLE.fullmatch(text) or int(text) == 0:
        read.refuse("Frames", "a whole number above zero")
        return None
    if parts is not None and int(text) != parts:
        read.refuse("Frames", f"the {parts} frame files of the clip")
        return None
    return int(text)


def _raster(read: _Clip) -> tuple[int, int] | None:
    match = _RASTER.fullmatch(read.text("Resolution"))
    if match is None:
        read.refuse("Resolution", "WIDTHxHEIGHT, for example 4096x2160")
        return None
    return int(match[1]), int(match[2])


def _aspect(read: _Clip) -> Fraction | None:
    text = read.text("PAR")
    if not text:
        return None
    if text.lower() == "square":
        return Fraction(1)
    if _DECIMAL.fullmatch(text) and Fraction(text) > 0:
        return Fraction(text)
    read.refuse("PAR", f"'Square' or a number above zero; {_ENGLISH}")
    return None


def _bits(read: _Clip) -> int | None:
    text = read.text("Bit Depth")
    if not text:
        return None
    if _WHOLE.fullmatch(text) and 0 < int(text) <= _MOST_BITS:
        return int(text)
    read.refuse("Bit Depth", f"a whole number from 1 to {_MOST_BITS}")
    return None


def _timecode(read: _Clip, rate: Fraction | None) -> TimecodeFacts | None:
    label, flag = read.text("Start TC"), read.text("Drop frame")
    if not label or rate is None:
        return None
    if flag not in ("", "0", "1"):
        read.refuse("Drop frame", "'0' or '1'")
        return None
    if not has_timecode(rate=rate):
        read.warnings.append(
            f"timecode at {format_rate(rate=rate)} fps, a rate that has none by standard; it is not used"
        )
        return None
    try:
        start = Timecode.parse(label=label, rate=rate, drop_frame=None if flag == "" else flag == "1")
    except TimecodeError as error:
        read.refuse("Start TC", f"a timecode that exists ({error.rule})", quote(text=label))
        return None
    return TimecodeFacts(label=start.label, drop_frame=start.drop_frame, rate=rate, origin="resolve")


def _sound(read: _Clip, mapping: str) -> AudioFinding:
    try:
        return audio_tracks(mapping=mapping, properties=read.properties)
    except AudioUnclearError as error:
        read.refuse(error.key, error.expected, error.actual)
        return AudioFinding(tracks=())


def _reel(read: _Clip) -> str | None:
    text = read.text("Reel Name")
    if not text:
        return None
    if not text.isprintable() or len(text) > _LONGEST_REEL:
        read.warnings.append(f"the reel name {quote(text=text)} cannot be carried")
        return None
    return text
