"""The judge on what the witness says: a faithful proxy passes, and every limit stops what lies beyond it."""

from dataclasses import replace

import pytest

from proxx.core.facts import FieldOrder
from proxx.core.judge import judge
from proxx.core.plan import Plan
from proxx.core.planner import plan_clip
from proxx.core.steps import Measured
from proxx.core.verdict import CheckLevel
from proxx.core.witness import PictureWitness, SoundWitness, TrackHash, WitnessReport
from proxx.core.witness.limits import INTRA, LONG_GOP
from proxx.runtime.profile_files import builtin_library
from tests.fakes.measured import measured_as_planned
from tests.fakes.media_facts import STEREO, VIDEO, facts_with, inputs_with

MONO = replace(STEREO, channels=1, layout="mono", stream_index=2)
FACTS = facts_with(audio=(STEREO, MONO))


def planned(name: str, container: str) -> Plan:
    profile = builtin_library().get(name)
    assert profile is not None
    return plan_clip(inputs=inputs_with(profile=profile, facts=FACTS, container=container))


LOSSY, LOSSLESS = planned("proxy_h264_low", "mp4"), planned("proxy_prores_proxy", "mov")
GOOD, EXACT = measured_as_planned(LOSSY), measured_as_planned(LOSSLESS)


def report_of(measured: Measured) -> WitnessReport:
    assert measured.witness is not None
    return measured.witness


def with_pictures(measured: Measured, **changes: object) -> Measured:
    report = report_of(measured)
    return replace(measured, witness=replace(report, pictures=replace(report.pictures, **changes)))


def with_report(measured: Measured, **changes: object) -> Measured:
    return replace(measured, witness=replace(report_of(measured), **changes))


def sound(**changes: int | None) -> SoundWitness:
    whole = SoundWitness(planned=16000, found=16000, windows=160, differing=0, first_milliseconds=None, difference=9)
    return replace(whole, **changes)


def failures(plan: Plan, measured: Measured) -> list[tuple[str, str]]:
    return [(check.name, check.actual) for check in judge(plan=plan, measured=measured).failures()]


def test_a_faithful_proxy_passes_with_one_check_for_everything_compared() -> None:
    assert [
        (check.name, check.level)
        for check in judge(plan=LOSSY, measured=GOOD).checks
        if "witness" in check.name or check.name == "packets"
    ] == [
        *(
            (f"picture_witness.{name}", CheckLevel.PASS)
            for name in ("source_frames", "frames", "difference", "cell", "contrast", "order")
        ),
        ("packets", CheckLevel.PASS),
        ("audio[0].sound_witness", CheckLevel.PASS),
        ("audio[1].sound_witness", CheckLevel.PASS),
    ]


def test_limits_are_told_by_the_codec() -> None:
    slipped = {"slip": 760, "slip_frame": 3, "moving": 5}
    assert (INTRA.least_motion, LONG_GOP.least_motion) == (1.0, 2.0)
    for plan, measured in ((LOSSY, GOOD), (LOSSLESS, EXACT)):
        assert failures(plan, with_pictures(measured, **slipped)) == [
            ("picture_witness.order", "worst frame 3: 76 % of the way, of 5 that move")
        ]


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        pytest.param(
            {"planned": 99}, [("picture_witness.source_frames", "99"), ("picture_witness.frames", "100")], id="source"
        ),
        pytest.param({"found": 99}, [("picture_witness.frames", "99")], id="a picture lost"),
        pytest.param(
            {"difference": 8001, "difference_frame": 118},
            [("picture_witness.difference", "worst frame 118: 8.00 levels")],
            id="another picture",
        ),
        pytest.param(
            {"difference_frame": None}, [("picture_witness.difference", "no frame was compared")], id="no picture"
        ),
        pytest.param(
            {"cell": 57, "cell_frame": 7}, [("picture_witness.cell", "worst frame 7: 57 levels")], id="a part of one"
        ),
        pytest.param({"contrast": 1164}, [("picture_witness.contrast", "1.164")], id="full range for limited"),
        pytest.param({"contrast": 859}, [("picture_witness.contrast", "0.859")], id="limited range twice"),
        pytest.param(
            {"weave": 800, "weave_frame": 9, "apart": 100},
            [("picture_witness.fields", "worst frame 9: 80 % of the way")],
            id="woven fields",
        ),
        pytest.param(
            {"weave": 0, "apart": 0, "moving": 40},
            [("picture_witness.fields", "no frame differs from its two fields woven")],
            id="fields that nothing made whole",
        ),
    ],
)
def test_pictures_beyond_a_limit_stop_a_proxy(changes: dict[str, int | None], failed: list[tuple[str, str]]) -> None:
    assert failures(LOSSY, with_pictures(GOOD, **changes)) == failed


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"difference": 8000, "cell": 56, "contrast": 940, "slip": 750}, id="at the limits"),
        pytest.param({"contrast": None}, id="a flat clip"),
        pytest.param({"weave": 750, "apart": 3}, id="whole pictures of fields"),
        pytest.param({"weave": 0, "apart": 0, "moving": 0}, id="fields of a still picture"),
    ],
)
def test_pictures_within_the_limits_pass(changes: dict[str, int | None]) -> None:
    assert failures(LOSSY, with_pictures(GOOD, **changes)) == []


@pytest.mark.parametrize(
    ("track", "actual"),
    [
        pytest.param(
            sound(differing=3, first_milliseconds=1450, difference=1000),
            "3 of 160 differ, the first after 1450 ms; 100 % in the worst; 0 ms longer",
            id="other sound",
        ),
        pytest.param(
            sound(found=15800), "0 of 160 differ; 1 % in the worst; 50 ms shorter", id="50 ms short, in silence"
        ),
        pytest.param(sound(found=16400), "0 of 160 differ; 1 % in the worst; 100 ms longer", id="100 ms long"),
    ],
)
def test_lossy_sound_beyond_a_limit_stops_a_proxy(track: SoundWitness, actual: str) -> None:
    measured = with_report(GOOD, sound=(sound(), track))
    assert failures(LOSSY, measured) == [("audio[1].sound_witness", actual)]


def test_lossy_sound_may_be_padded() -> None:
    assert failures(LOSSY, with_report(GOOD, sound=(sound(found=16240), sound(found=15996)))) == []


def test_a_track_without_its_witness_stops_a_proxy() -> None:
    assert failures(LOSSY, with_report(GOOD, sound=(sound(),))) == [("audio[1].sound_witness", "no track")]
    assert failures(LOSSLESS, with_report(EXACT, samples=report_of(EXACT).samples[:1])) == [
        ("audio[1].sound_witness", "nothing went in, nothing came out")
    ]


def test_one_sample_of_uncompressed_sound_stops_a_proxy() -> None:
    same = report_of(EXACT).samples[0]
    other = TrackHash(planned="a murmur3=00112233445566778899", found="a murmur3=ff112233445566778899")
    assert failures(LOSSLESS, with_report(EXACT, samples=(same, other))) == [
        ("audio[1].sound_witness", "0011223344556677 went in, ff11223344556677 came out")
    ]


@pytest.mark.parametrize(
    ("packets", "actual"),
    [
        pytest.param(
            (TrackHash(planned="v murmur3=00", found="v murmur3=01"), *report_of(GOOD).packets[1:]),
            "track 0: 00 went in, 01 came out",
            id="rot",
        ),
        pytest.param(report_of(GOOD).packets[:2], "2 tracks do", id="a track lost on both sides"),
        pytest.param(
            (*report_of(GOOD).packets[:2], TrackHash(planned="a murmur3=00", found="")),
            "track 2: 00 went in, nothing came out",
            id="a track lost",
        ),
    ],
)
def test_packets_that_are_not_the_encoders_stop_a_proxy(packets: tuple[TrackHash, ...], actual: str) -> None:
    assert failures(LOSSY, with_report(GOOD, packets=packets)) == [("packets", actual)]


def test_a_proxy_without_its_witness_is_not_published() -> None:
    assert failures(LOSSY, replace(GOOD, witness=None)) == [("witness", "nothing compared")]


def test_a_profile_without_a_witness_has_no_such_checks() -> None:
    profile = builtin_library().get("proxy_h264_low")
    assert profile is not None
    plan = plan_clip(inputs=inputs_with(profile=replace(profile, witness=False), facts=FACTS, container="mp4"))
    checks = judge(plan=plan, measured=measured_as_planned(plan)).checks

    assert plan.expected.witness is None
    assert [check.name for check in checks if "witness" in check.name or check.name == "packets"] == []


def test_fields_that_become_whole_are_compared_with_their_weave() -> None:
    facts = facts_with(video=replace(VIDEO, field_order=FieldOrder.TOP_FIRST), audio=())
    profile = builtin_library().get("proxy_h264_low")
    assert profile is not None
    plan = plan_clip(inputs=inputs_with(profile=profile, facts=facts, container="mp4"))

    assert plan.expected.witness is not None
    assert plan.expected.witness.pairs


def test_a_report_without_a_frame_says_so() -> None:
    nothing = PictureWitness(
        planned=0,
        found=0,
        difference=0,
        difference_frame=None,
        cell=0,
        cell_frame=None,
        contrast=None,
        moving=0,
        slip=0,
        slip_frame=None,
        apart=None,
        weave=None,
        weave_frame=None,
    )
    assert failures(LOSSY, with_report(GOOD, pictures=nothing)) == [
        ("picture_witness.source_frames", "0"),
        ("picture_witness.difference", "no frame was compared"),
    ]
