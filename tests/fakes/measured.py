"""Hand-made facts: sources as a probe would report them, and proxies that measure exactly what their plan asks."""

from dataclasses import replace
from fractions import Fraction

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.facts import AudioFacts, FieldOrder, MediaFacts, SourceIdentity, TimecodeFacts, VideoFacts
from proxx.core.plan import Expected, Plan
from proxx.core.steps import Measured, ProbedSource, ProbeItem
from proxx.core.stillness import Stillness
from proxx.core.violation import Violation, ViolationCode
from proxx.core.witness import PictureWitness, SoundWitness, TrackHash, WitnessReport
from proxx.core.witness.files import is_lossless

STANDARD = Detection(
    engine=Engine.FFMPEG,
    reason=DetectionReason.STANDARD_CODEC,
    container="mov",
    codec="h264",
    sample_entry="avc1",
    detail="h264 in mov stands in the source matrix.",
)
CAMERA_RAW = Detection(
    engine=Engine.RESOLVE,
    reason=DetectionReason.CAMERA_RAW,
    container="r3d",
    codec="redcode",
    sample_entry="RED2",
    detail="REDCODE RAW, by its own bytes.",
)
UNSUPPORTED = Detection(
    engine=None,
    reason=DetectionReason.NOT_IN_MATRIX,
    container="mov",
    codec="cinepak",
    sample_entry="cvid",
    detail="cinepak in mov does not stand in the source matrix.",
    action="convert it first.",
)


def source_facts() -> MediaFacts:
    """A camera file: four seconds of H.264 1080p25 in MOV, stereo, with a timecode and a reel name."""
    return MediaFacts(
        container="mov",
        size_bytes=5_000_000,
        duration=Fraction(4),
        video=VideoFacts(
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
        ),
        audio=(
            AudioFacts(
                stream_index=1,
                codec="pcm_s16le",
                channels=2,
                layout="stereo",
                sample_rate=48000,
                bits_per_sample=16,
                start_time=Fraction(0),
                duration=Fraction(4),
                language=None,
            ),
        ),
        timecode=TimecodeFacts(label="10:00:00:00", drop_frame=False, rate=Fraction(25), origin="tmcd"),
        reel_name=None,
        other_streams=("data:tmcd",),
        warnings=(),
    )


def raw_facts() -> MediaFacts:
    """The same clip as a camera's RAW file, as Resolve states it."""
    facts = source_facts()
    assert facts.video is not None
    video = replace(facts.video, codec="redcode", sample_entry="RED2", profile=None, pixel_format=None, bit_depth=16)
    return replace(facts, container="r3d", video=video, brand=None, other_streams=())


RAW_FACTS = raw_facts()


def probed(item: ProbeItem, *, detection: Detection = STANDARD, output_exists: bool = False) -> ProbedSource:
    """What a probe finds at a good source; with another detection, at a source that is sound and goes elsewhere."""
    return ProbedSource(
        clip_index=item.clip_index,
        identity=SourceIdentity(
            path=item.source.path, size_bytes=5_000_000, mtime_ns=7, inode=11, edge_sha256="e" * 64
        ),
        detection=detection,
        facts=source_facts() if detection == STANDARD else None,
        output_exists=output_exists,
        violations=(),
    )


def missing(item: ProbeItem) -> ProbedSource:
    """What a probe finds where no file is."""
    return ProbedSource(
        clip_index=item.clip_index,
        identity=None,
        detection=None,
        facts=None,
        output_exists=False,
        violations=(
            Violation(
                code=ViolationCode.SOURCE_MISSING, field="source", message=f"Source /{item.source.path} does not exist"
            ),
        ),
    )


def measured_as_planned(plan: Plan) -> Measured:
    """What verification measures of a proxy that is exactly as its plan asks."""
    expected = plan.expected
    length = expected.frame_count / expected.frame_rate
    return Measured(
        facts=MediaFacts(
            container=expected.container,
            size_bytes=1234,
            duration=length,
            video=_video(expected),
            audio=tuple(
                AudioFacts(
                    stream_index=index + 1,
                    codec=track.codec,
                    channels=track.channels,
                    layout=track.layout,
                    sample_rate=track.sample_rate,
                    bits_per_sample=None,
                    start_time=Fraction(0),
                    duration=length,
                    language=track.language,
                )
                for index, track in enumerate(expected.audio)
            ),
            timecode=None
            if expected.timecode is None
            else TimecodeFacts(
                label=expected.timecode,
                drop_frame=bool(expected.drop_frame),
                rate=expected.frame_rate,
                origin="tmcd",
            ),
            reel_name=expected.reel_name,
            other_streams=(),
            warnings=(),
            brand=expected.brand,
        ),
        decoded_frames=expected.frame_count,
        decode_errors=(),
        audio_durations=tuple(track.duration or length for track in expected.audio),
        source_errors=(),
        source_unchanged=True,
        stillness=Stillness(moves=True, black=False) if plan.engine is Engine.RESOLVE else None,
        witness=_witness(expected) if expected.witness is not None else None,
    )


def _witness(expected: Expected) -> WitnessReport:
    """A proxy that gives back exactly what its encoders were given."""
    same = TrackHash(planned="v murmur3=00", found="v murmur3=00")
    return WitnessReport(
        pictures=PictureWitness(
            planned=expected.frame_count,
            found=expected.frame_count,
            difference=0,
            difference_frame=0,
            cell=0,
            cell_frame=0,
            contrast=1000,
            moving=0,
            slip=0,
            slip_frame=None,
            apart=None,
            weave=None,
            weave_frame=None,
        ),
        packets=(same,) * (1 + len(expected.audio)),
        samples=(same,) * sum(is_lossless(track) for track in expected.audio),
        sound=(SoundWitness(planned=0, found=0, windows=0, differing=0, first_milliseconds=None, difference=0),)
        * sum(not is_lossless(track) for track in expected.audio),
    )


def _video(expected: Expected) -> VideoFacts:
    return VideoFacts(
        stream_index=0,
        codec=expected.codec,
        sample_entry="avc1",
        profile=expected.codec_profile,
        width=expected.width,
        height=expected.height,
        pixel_aspect=expected.pixel_aspect,
        pixel_format=expected.pixel_format,
        bit_depth=8,
        has_alpha=False,
        field_order=expected.field_order,
        rotation=expected.rotation,
        mirrored=expected.mirrored,
        color_range=expected.color_range,
        color_primaries=expected.color_primaries,
        color_transfer=expected.color_transfer,
        color_matrix=expected.color_matrix,
        frame_rate=expected.frame_rate,
        constant_frame_rate=expected.constant_frame_rate,
        time_base=Fraction(1, 12800),
        frame_count=expected.frame_count,
        declared_frame_count=expected.frame_count,
        start_time=Fraction(0),
        duration=expected.frame_count / expected.frame_rate,
        intra_only=False,
    )


def short_of_frames(measured: Measured) -> Measured:
    """The same proxy with one frame too few in its decode."""
    return replace(measured, decoded_frames=measured.decoded_frames - 1)
