"""From detections to one engine, or to every reason against it."""

import dataclasses

import pytest

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.profile import Fit, Interlaced, Profile, VariableRate
from proxx.core.sources import check_profile_engine, route_job
from proxx.core.violation import Violation, ViolationCode

STANDARD = Detection(
    engine=Engine.FFMPEG,
    reason=DetectionReason.STANDARD_CODEC,
    container="mov",
    codec="h264",
    sample_entry="avc1",
    detail="a.mov: container mov, codec h264 (avc1): container and codec stand in source matrix 1.",
)
RAW = dataclasses.replace(STANDARD, engine=Engine.RESOLVE, reason=DetectionReason.CAMERA_RAW, codec="braw")
UNKNOWN = dataclasses.replace(RAW, reason=DetectionReason.UNKNOWN_CODEC, codec=None)
REFUSED = dataclasses.replace(
    STANDARD,
    engine=None,
    reason=DetectionReason.NOT_IN_MATRIX,
    codec="png",
    detail="b.mov: container mov, codec png (png ): png in mov is not in source matrix 1.",
    action="Export ProRes.",
)
EMPTY = dataclasses.replace(REFUSED, reason=DetectionReason.EMPTY, detail="c.mov: the file holds no bytes.")

PROFILE = Profile(
    name="proxy_h264_low",
    version=1,
    description="",
    variant_of="",
    variant="",
    engine=Engine.FFMPEG,
    codec="h264",
    codec_aliases=(),
    containers=("mp4",),
    resolutions=("half",),
    default_resolution="half",
    fit=Fit.SCALE,
    frame_rates=(),
    variable_rate=VariableRate.KEEP,
    interlaced=Interlaced.DEINTERLACE,
    encoder="libx264",
    pixel_format="yuv420p",
    arguments=(),
    threads=4,
    intra_only=False,
    audio=(),
    look=None,
    witness=False,
    picture_checks=None,
    timeout_seconds=None,
    stall_seconds=60,
    render={},
    digest="",
)


@pytest.mark.parametrize(
    ("detections", "engine"),
    [((STANDARD,) * 3, Engine.FFMPEG), ((RAW, RAW), Engine.RESOLVE), ((RAW, UNKNOWN), Engine.RESOLVE)],
    ids=["all standard", "all RAW", "RAW and unknown codec"],
)
def test_sources_of_one_kind_route_together(detections: tuple[Detection, ...], engine: Engine) -> None:
    assert route_job(detections=detections) is engine


def test_raw_and_standard_are_refused_naming_the_split() -> None:
    assert route_job(detections=(STANDARD, STANDARD, RAW, STANDARD, UNKNOWN)) == (
        Violation(
            code=ViolationCode.SOURCE_MIXED_ENGINES,
            field="sources",
            message=(
                "RAW and non-RAW sources cannot be in one job: sources 2, 4 route to resolve and sources 0-1, 3 to "
                "ffmpeg; submit them as two jobs, split like that"
            ),
            expected="one engine for all sources",
            actual="resolve: 2, 4; ffmpeg: 0-1, 3",
        ),
    )


def test_every_rejected_source_is_named_with_reason_and_action_beside_the_mixture() -> None:
    violations = route_job(detections=(REFUSED, STANDARD, EMPTY, RAW))
    assert isinstance(violations, tuple)
    assert [(violation.code, violation.field) for violation in violations] == [
        (ViolationCode.SOURCE_UNSUPPORTED, "sources[0]"),
        (ViolationCode.SOURCE_EMPTY, "sources[2]"),
        (ViolationCode.SOURCE_MIXED_ENGINES, "sources"),
    ]
    assert violations[0].message == (
        "Source format not supported: b.mov: container mov, codec png (png ): png in mov is not in source matrix 1. "
        "Action: Export ProRes."
    )
    assert violations[0].actual == "NOT_IN_MATRIX"


def test_a_job_without_sources_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no engine"):
        route_job(detections=())


@pytest.mark.parametrize(
    ("profile", "engine", "sentence"),
    [
        (PROFILE, Engine.FFMPEG, None),
        (PROFILE, Engine.RESOLVE, "Profile 'proxy_h264_low' requires ffmpeg engine, but job routes to resolve"),
        (
            dataclasses.replace(PROFILE, name="proxy_prores_proxy_resolve", engine=Engine.RESOLVE),
            Engine.FFMPEG,
            "Profile 'proxy_prores_proxy_resolve' requires resolve engine, but job routes to ffmpeg",
        ),
    ],
    ids=["same engine", "FFmpeg profile, RAW source", "Resolve profile, standard source"],
)
def test_a_profile_must_be_made_for_the_engine(profile: Profile, engine: Engine, sentence: str | None) -> None:
    violation = check_profile_engine(profile=profile, engine=engine)
    assert (violation.message if violation is not None else None) == sentence
