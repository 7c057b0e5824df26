"""The rules between fields, and between a JobSpec and its profile."""

from fractions import Fraction

import pytest

from proxx.core.jobspec import JobSpec, validate_spec
from proxx.core.media_table import CODECS, CONTAINERS
from proxx.core.profile_library import ProfileLibrary
from proxx.core.violation import Violation, ViolationCode
from tests.fakes.profiles import make_profile, seed_library
from tests.fakes.specs import SEED_2_1

ALLOWED_PAIRS = {
    *(("prores_proxy", "mov"), ("prores_lt", "mov"), ("prores_standard", "mov"), ("prores_hq", "mov")),
    *(("prores_4444", "mov"), ("h264", "mp4"), ("h264", "mov"), ("h264", "mkv"), ("h265", "mp4"), ("h265", "mov")),
    *(("h265", "mkv"), ("hevc", "mp4"), ("hevc", "mov"), ("hevc", "mkv"), ("dnxhd", "mxf"), ("dnxhr", "mov")),
    *(("dnxhr", "mxf"), ("vp9", "webm"), ("vp9", "mkv"), ("av1", "mp4"), ("av1", "mkv"), ("av1", "webm")),
}


def check(library: ProfileLibrary | None = None, **changes: object) -> list[tuple[ViolationCode, str, str]]:
    spec = JobSpec.from_dict({**SEED_2_1, **changes})
    violations = validate_spec(spec=spec, library=library)
    return [(violation.code, violation.field, violation.message) for violation in violations]


def one_profile(**further: object) -> ProfileLibrary:
    profile = make_profile(name="proxy_h264_low", codec="h264", containers=("mp4",), **further)  # type: ignore[arg-type]
    return ProfileLibrary((profile,))


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("codec", CODECS)
def test_a_codec_goes_into_its_own_containers_only(codec: str, container: str) -> None:
    found = [code for code, _, _ in check(codec=codec, container=container)]
    assert found == ([] if (codec, container) in ALLOWED_PAIRS else [ViolationCode.CODEC_CONTAINER])


def test_dnxhd_in_mov_is_refused_in_the_words_of_the_source_documents() -> None:
    spec = JobSpec.from_dict({**SEED_2_1, "codec": "dnxhd", "container": "mov"})
    assert validate_spec(spec=spec, library=None) == (
        Violation(
            code=ViolationCode.CODEC_CONTAINER,
            field="container",
            message="DNxHD must be wrapped in MXF. DNxHD-in-MOV is non-standard and unsupported. "
            "Use MXF container for DNxHD output, or switch to DNxHR which supports MOV.",
            expected="mxf",
            actual="mov",
        ),
    )


def test_any_other_pair_names_the_containers_that_work() -> None:
    assert check(codec="vp9", container="mov") == [
        (
            ViolationCode.CODEC_CONTAINER,
            "container",
            'codec "vp9" cannot be wrapped in "mov"; it goes into webm, mkv',
        )
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fps_mode": "explicit"}, 'fps_mode is "explicit" and fps_explicit is missing'),
        (
            {"fps_explicit": 24},
            'fps_mode is "same-as-source" and fps_explicit is 24; fps_explicit goes with fps_mode "explicit" only',
        ),
        (
            {"fps_mode": "explicit", "fps_explicit": 24.5},
            "fps_explicit 24.5 is not a known frame rate; known: 1, 2, 3, 4, 5, 6, 8, 10, 12, 12.5, 15, 16, 18, 20, "
            "23.976, 24, 25, 29.97, 30, 36, 40, 47.952, 48, 50, 59.94, 60, 72, 75, 90, 96, 100, 119.88, 120, 144, "
            "150, 180, 192, 200, 240",
        ),
    ],
    ids=["explicit without a rate", "a rate without explicit", "a rate outside the table"],
)
def test_mode_and_rate_must_agree(changes: dict[str, object], message: str) -> None:
    assert check(**changes) == [(ViolationCode.FPS_MODE, "fps_explicit", message)]


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("proxy_h264_lo", "the nearest: proxy_h264_low"),
        (
            "x",
            "known: offline_h264_1920x1080, proxy_dnxhr_lb_resolve, proxy_h264_low, proxy_prores_proxy, "
            "proxy_prores_proxy_resolve",
        ),
    ],
    ids=["a slip", "nothing near"],
)
def test_an_unknown_profile_is_refused_with_the_names_that_exist(name: str, listed: str) -> None:
    assert check(seed_library(), proxy_profile=name) == [
        (ViolationCode.PROFILE_UNKNOWN, "proxy_profile", f'Unknown profile "{name}"; {listed}')
    ]


def test_without_a_library_no_profile_rule_is_applied() -> None:
    assert check(None, proxy_profile="x", codec="h265") == []


def test_codec_container_and_resolution_must_agree_with_the_profile() -> None:
    assert check(seed_library(), proxy_profile="offline_h264_1920x1080", codec="h265", container="mkv") == [
        (ViolationCode.PROFILE_MISMATCH, field, f"{field} {value} does not agree with profile {rest}")
        for field, value, rest in [
            ("codec", '"h265"', '"offline_h264_1920x1080", which allows "h264"'),
            ("container", '"mkv"', '"offline_h264_1920x1080", which allows "mp4", "mov"'),
            ("resolution", '"half"', '"offline_h264_1920x1080", which allows "1920x1080"'),
        ]
    ]


def test_the_other_word_for_the_same_encoder_is_allowed_by_the_profile() -> None:
    library = ProfileLibrary(
        (make_profile(name="proxy_h265", codec="h265", codec_aliases=("hevc",), containers=("mp4",)),)
    )
    assert [check(library, proxy_profile="proxy_h265", codec=codec) for codec in ("h265", "hevc")] == [[], []]


@pytest.mark.parametrize(
    ("resolutions", "resolution", "agrees"),
    [
        (("same", "WxH"), "1280x720", True),
        (("same", "WxH"), "same", True),
        (("same", "WxH"), "half", False),
        (("same",), "1280x720", False),
        (("1280x720", "1920x1080"), "1280x720", True),
    ],
)
def test_a_profile_allows_its_rasters_and_wxh_allows_every_explicit_one(
    resolutions: tuple[str, ...], resolution: str, agrees: bool
) -> None:
    found = [code for code, _, _ in check(one_profile(resolutions=resolutions), resolution=resolution)]
    assert found == ([] if agrees else [ViolationCode.PROFILE_MISMATCH])


def test_an_explicit_rate_must_be_one_of_the_profile_when_it_names_any() -> None:
    library = one_profile(frame_rates=(Fraction(24000, 1001), Fraction(25)))
    assert [check(library, fps_mode="explicit", fps_explicit=rate) for rate in (23.98, 25, 30)] == [
        [],
        [],
        [
            (
                ViolationCode.PROFILE_MISMATCH,
                "fps_explicit",
                'fps_explicit 30 does not agree with profile "proxy_h264_low", which allows 24000/1001, 25/1',
            )
        ],
    ]


def test_a_rate_outside_the_table_is_said_once_even_with_a_profile_that_names_rates() -> None:
    library = one_profile(frame_rates=(Fraction(25),))
    assert [code for code, _, _ in check(library, fps_mode="explicit", fps_explicit=24.5)] == [ViolationCode.FPS_MODE]


def test_colliding_outputs_are_refused_with_the_spec() -> None:
    assert check(sources=["/a/x.mov", "/b/x.mov"]) == [
        (
            ViolationCode.NAMING_COLLISION,
            "sources[1]",
            'sources[0] "/a/x.mov" and sources[1] "/b/x.mov" would both be named "x_proxy.mp4"',
        )
    ]
