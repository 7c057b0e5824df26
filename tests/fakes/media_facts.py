"""Facts by hand: an ordinary camera clip, to be varied one fact at a time."""

from dataclasses import replace
from fractions import Fraction

from proxx.core.facts import AudioFacts, FieldOrder, MediaFacts, TimecodeFacts, VideoFacts
from proxx.core.plan import PlanInputs
from proxx.core.profile import Profile
from proxx.core.roots import RootPath

VIDEO = VideoFacts(
    stream_index=0,
    codec="h264",
    sample_entry="avc1",
    profile="High",
    width=1920,
    height=1080,
    pixel_aspect=Fraction(1),
    pixel_format="yuv420p",
    bit_depth=8,
    has_alpha=False,
    field_order=FieldOrder.PROGRESSIVE,
    rotation=0,
    mirrored=False,
    color_range="tv",
    color_primaries="bt709",
    color_transfer="bt709",
    color_matrix="bt709",
    frame_rate=Fraction(25),
    constant_frame_rate=True,
    time_base=Fraction(1, 12800),
    frame_count=100,
    declared_frame_count=100,
    start_time=Fraction(0),
    duration=Fraction(4),
    intra_only=False,
)
STEREO = AudioFacts(
    stream_index=1,
    codec="pcm_s24le",
    channels=2,
    layout="stereo",
    sample_rate=48000,
    bits_per_sample=24,
    start_time=Fraction(0),
    duration=Fraction(4),
    language=None,
)
FACTS = MediaFacts(
    container="mov",
    size_bytes=1_000_000,
    duration=Fraction(4),
    video=VIDEO,
    audio=(STEREO,),
    timecode=TimecodeFacts(label="10:00:00:00", drop_frame=False, rate=Fraction(25), origin="tmcd"),
    reel_name="A001",
    other_streams=("data:tmcd",),
    warnings=(),
)


def facts_with(
    *, video: VideoFacts = VIDEO, audio: tuple[AudioFacts, ...] = (STEREO,), **changes: object
) -> MediaFacts:
    """Return the ordinary clip with other tracks or other facts."""
    return replace(FACTS, video=video, audio=audio, **changes)


def inputs_with(
    *,
    profile: Profile,
    facts: MediaFacts = FACTS,
    container: str | None = None,
    resolution: str = "same",
    fps: Fraction | None = None,
    codec: str | None = None,
) -> PlanInputs:
    """Return planner inputs; the container is the profile's first unless one is named."""
    chosen = container if container is not None else profile.containers[0]
    return PlanInputs(
        source=RootPath(root="media", path="day1/A001C001.mov"),
        output=RootPath(root="media", path=f"proxies/A001C001_proxy.{chosen}"),
        facts=facts,
        profile=profile,
        codec=codec if codec is not None else profile.codec,
        container=chosen,
        resolution=resolution,
        fps=fps,
    )
