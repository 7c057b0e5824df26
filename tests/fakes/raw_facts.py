"""Camera RAW by hand: a clip as INSPECT states it, and the file that Resolve would leave of its plan."""

from dataclasses import replace
from fractions import Fraction

from proxx.core.facts import AudioFacts, FieldOrder, MediaFacts, TimecodeFacts, VideoFacts
from proxx.core.plan import Plan
from proxx.core.steps import Measured
from proxx.core.stillness import Stillness

RAW_VIDEO = VideoFacts(
    stream_index=0,
    codec="redcode",
    sample_entry="",
    profile=None,
    width=4096,
    height=2160,
    pixel_aspect=Fraction(1),
    pixel_format=None,
    bit_depth=16,
    has_alpha=False,
    field_order=FieldOrder.PROGRESSIVE,
    rotation=0,
    mirrored=False,
    color_range=None,
    color_primaries=None,
    color_transfer=None,
    color_matrix=None,
    frame_rate=Fraction(24000, 1001),
    constant_frame_rate=True,
    time_base=Fraction(1001, 24000),
    frame_count=240,
    declared_frame_count=None,
    start_time=None,
    duration=Fraction(1001, 100),
    intra_only=None,
)
RAW_SOUND = AudioFacts(
    stream_index=1,
    codec="pcm",
    channels=4,
    layout=None,
    sample_rate=48000,
    bits_per_sample=24,
    start_time=None,
    duration=None,
    language=None,
)
RAW_TIMECODE = TimecodeFacts(label="10:20:30:12", drop_frame=False, rate=Fraction(24000, 1001), origin="resolve")
RAW_FACTS = MediaFacts(
    container="r3d",
    size_bytes=900_000_000,
    duration=Fraction(1001, 100),
    video=RAW_VIDEO,
    audio=(RAW_SOUND,),
    timecode=RAW_TIMECODE,
    reel_name="A001_C002",
    other_streams=(),
    warnings=(),
)


def raw_with(
    *, video: VideoFacts | None = RAW_VIDEO, audio: tuple[AudioFacts, ...] = (RAW_SOUND,), **changes: object
) -> MediaFacts:
    """Return the clip with other tracks or other facts."""
    return replace(RAW_FACTS, video=video, audio=audio, **changes)


def raw_at(rate: Fraction, *, drop_frame: bool = False, label: str = "10:20:30:12") -> MediaFacts:
    """Return the clip at another rate, with a start timecode at that rate."""
    timecode = TimecodeFacts(label=label, drop_frame=drop_frame, rate=rate, origin="resolve")
    return raw_with(video=replace(RAW_VIDEO, frame_rate=rate), timecode=timecode)


def rendered_file(plan: Plan) -> Measured:
    """Return what measuring gives of a file that is exactly what the plan asks for, as Resolve writes it."""
    expected = plan.expected
    length = expected.frame_count / expected.frame_rate
    video = replace(
        RAW_VIDEO,
        codec=expected.codec,
        sample_entry="apco",
        profile=expected.codec_profile,
        width=expected.width,
        height=expected.height,
        pixel_format=expected.pixel_format or "yuv422p",
        color_range="tv",
        color_primaries="bt709",
        color_transfer="bt709",
        color_matrix="bt709",
        frame_rate=expected.frame_rate,
        frame_count=expected.frame_count,
        declared_frame_count=expected.frame_count,
        start_time=Fraction(0),
        duration=length,
    )
    audio = tuple(
        AudioFacts(
            stream_index=number,
            codec=track.codec,
            channels=track.channels,
            layout=None,
            sample_rate=track.sample_rate,
            bits_per_sample=24,
            start_time=Fraction(0),
            duration=length,
            language="eng",
        )
        for number, track in enumerate(expected.audio, start=1)
    )
    timecode = TimecodeFacts(
        label=expected.timecode or "00:00:00:00",
        drop_frame=bool(expected.drop_frame),
        rate=expected.frame_rate,
        origin="tmcd",
    )
    facts = MediaFacts(
        container=expected.container,
        size_bytes=1_000_000,
        duration=length,
        video=video,
        audio=audio,
        timecode=timecode,
        reel_name=expected.reel_name,
        other_streams=("data:tmcd",),
        warnings=(),
        brand="qt",
    )
    return Measured(
        facts=facts,
        decoded_frames=expected.frame_count,
        decode_errors=(),
        audio_durations=tuple(length for _ in audio),
        source_errors=(),
        source_unchanged=True,
        stillness=Stillness(moves=True, black=False),
    )
