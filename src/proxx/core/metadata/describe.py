"""describe: the facts of one file as a report. Pure; reads nothing, guesses nothing."""

from fractions import Fraction

from proxx.core.client_path import pure_path
from proxx.core.detection import Detection
from proxx.core.facts import AudioFacts, FieldOrder, MediaFacts, VideoFacts
from proxx.core.metadata.advice import recommend
from proxx.core.metadata.checks import sanity_warnings
from proxx.core.metadata.editorial import editorial_report
from proxx.core.metadata.pixels import pixel_layout
from proxx.core.metadata.report import (
    AudioReport,
    CodecReport,
    EditorialReport,
    FlagsReport,
    GopType,
    Identity,
    ImageReport,
    MetadataReport,
    TimeReport,
)
from proxx.core.violation import Violation

_GOPS = {True: GopType.INTRA, False: GopType.LONG, None: None}


def describe(
    *,
    facts: MediaFacts | None,
    path: str,
    detection: Detection | None,
    violations: tuple[Violation, ...] = (),
) -> MetadataReport:
    """Return the report of the file at `path`, as the caller spells it.

    `facts` is None where nothing was measured (a file that was rejected, or camera RAW), `detection` where the file
    was not even read; `violations` are what would refuse it in a job.
    """
    video = facts.video if facts is not None else None
    editorial = editorial_report(video=video)
    flags = _flags(facts, detection, violations, editorial)
    spelled = pure_path(path)
    return MetadataReport(
        identity=Identity(file_name=spelled.name, path=path, parent_folder=str(spelled.parent)),
        time=_time(facts, video),
        image=_image(video),
        codec=_codec(facts, video, detection),
        audio=_audio(facts.audio) if facts is not None else None,
        flags=flags,
        editorial=editorial,
        recommendation=recommend(flags=flags, video=video),
    )


def _time(facts: MediaFacts | None, video: VideoFacts | None) -> TimeReport:
    timecode = facts.timecode if facts is not None else None
    length = video.duration if video is not None else None
    return TimeReport(
        duration=facts.duration if facts is not None and length is None else length,
        frame_count=video.frame_count if video is not None else None,
        frame_rate=video.frame_rate if video is not None else None,
        variable_frame_rate=not video.constant_frame_rate if video is not None else None,
        start_timecode=timecode.label if timecode is not None else None,
        drop_frame=timecode.drop_frame if timecode is not None else None,
        reel_name=facts.reel_name if facts is not None else None,
    )


def _image(video: VideoFacts | None) -> ImageReport:
    if video is None:
        return ImageReport(
            width=None,
            height=None,
            pixel_aspect=None,
            aspect_ratio=None,
            rotation=None,
            field_order=None,
            bit_depth=None,
            colour_model=None,
            chroma_subsampling=None,
            has_alpha=None,
        )
    layout = pixel_layout(pixel_format=video.pixel_format) if video.pixel_format is not None else None
    return ImageReport(
        width=video.width,
        height=video.height,
        pixel_aspect=video.pixel_aspect,
        aspect_ratio=_aspect(video),
        rotation=video.rotation,
        field_order=None if video.field_order is FieldOrder.UNKNOWN else video.field_order.value,
        bit_depth=video.bit_depth,
        colour_model=layout.colour_model if layout is not None else None,
        chroma_subsampling=layout.chroma_subsampling if layout is not None else None,
        has_alpha=video.has_alpha if video.pixel_format is not None else None,
    )


def _aspect(video: VideoFacts) -> Fraction | None:
    """Return the shape of the upright picture; a file that states no pixel aspect has square pixels."""
    if video.width < 1 or video.height < 1:
        return None
    aspect = Fraction(video.width, video.height) * (video.pixel_aspect or 1)
    return 1 / aspect if video.rotation in (90, 270) else aspect


def _codec(facts: MediaFacts | None, video: VideoFacts | None, detection: Detection | None) -> CodecReport:
    container = facts.container if facts is not None else None
    return CodecReport(
        container=container or (detection.container if detection is not None else None),
        codec=video.codec if video is not None else detection.codec if detection is not None else None,
        sample_entry=_entry(video, detection),
        profile=video.profile if video is not None else None,
        gop=_GOPS[video.intra_only] if video is not None else None,
    )


def _entry(video: VideoFacts | None, detection: Detection | None) -> str | None:
    if video is not None:
        return video.sample_entry or None
    return detection.sample_entry if detection is not None else None


def _audio(tracks: tuple[AudioFacts, ...]) -> AudioReport:
    rates = {track.sample_rate for track in tracks}
    return AudioReport(
        track_count=len(tracks),
        channel_count=sum(track.channels for track in tracks),
        channels=tuple(track.channels for track in tracks),
        sample_rate=rates.pop() if len(rates) == 1 else None,
    )


def _flags(
    facts: MediaFacts | None,
    detection: Detection | None,
    violations: tuple[Violation, ...],
    editorial: EditorialReport,
) -> FlagsReport:
    engine = detection.engine if detection is not None else None
    supported = engine is not None and not violations
    warnings: list[str] = []
    if facts is not None:
        measured = (reason.message for reason in editorial.reasons if facts.video is not None)
        warnings = [*facts.warnings, *measured, *sanity_warnings(facts=facts)]
    return FlagsReport(
        supported=supported,
        engine=engine,
        skip_reason=None if supported else _skip_reason(detection, violations),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _skip_reason(detection: Detection | None, violations: tuple[Violation, ...]) -> str:
    if detection is not None and detection.engine is None:
        return detection.detail
    return "; ".join(violation.message for violation in violations) or "the file was not read"
