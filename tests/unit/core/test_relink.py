"""Relink certificates: the answer for each target, and every reason with its expected and actual value."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from proxx.core.facts import FieldOrder, MediaFacts, TimecodeFacts
from proxx.core.relink import (
    Effect,
    RelinkCertificate,
    RelinkReason,
    RelinkTarget,
    Strength,
    WillAttach,
    certificate_line,
    certify,
    totals_line,
)
from proxx.core.relink.certify import TARGET_RULES
from tests.fakes.media_facts import FACTS, STEREO, VIDEO, facts_with

PRORES = replace(VIDEO, codec="prores", width=960, height=540, intra_only=True)
PROXY = facts_with(video=PRORES)
DNXHR_MXF = replace(
    facts_with(video=replace(PRORES, codec="dnxhr")),
    container="mxf",
    timecode=replace(FACTS.timecode, origin="mxf"),
    other_streams=(),
)
NTSC_60 = Fraction(60000, 1001)
MONO = replace(STEREO, channels=1, layout="mono")


def certificates(
    source: MediaFacts = FACTS,
    proxy: MediaFacts = PROXY,
    source_name: str = "/day1/A001C001.mov",
    output_name: str = "/day1/Proxy/A001C001.mov",
) -> Mapping[RelinkTarget, RelinkCertificate]:
    made = certify(source=source, proxy=proxy, source_name=source_name, output_name=output_name)
    return {certificate.target: certificate for certificate in made}


def findings(certificate: RelinkCertificate) -> list[tuple[str, str, str, str]]:
    return [(reason.rule, reason.effect.value, reason.expected, reason.actual) for reason in certificate.reasons]


def with_timecode(facts: MediaFacts, label: str, rate: Fraction = Fraction(25), origin: str = "tmcd") -> MediaFacts:
    timecode = TimecodeFacts(label=label, drop_frame=";" in label, rate=rate, origin=origin)
    return replace(facts, timecode=timecode)


def test_there_is_one_certificate_for_each_target_in_a_fixed_order():
    made = certify(source=FACTS, proxy=PROXY, source_name="a.mov", output_name="a_proxy.mov")
    assert [certificate.target for certificate in made] == list(RelinkTarget)


def test_a_faithful_prores_proxy_attaches_in_resolve_and_every_rule_is_named():
    assert certificates()[RelinkTarget.RESOLVE] == RelinkCertificate(
        target=RelinkTarget.RESOLVE,
        will_attach=WillAttach.YES,
        satisfied=(
            "start_timecode",
            "frame_rate",
            "frame_count",
            "timecode_track",
            "timecode_carrier",
            "timecode_rate",
            "reel_name",
            "container",
            "codec",
            "proxy_folder",
        ),
        reasons=(),
    )


def test_a_faithful_prores_proxy_attaches_in_premiere_by_hand_when_it_is_not_named_by_its_rule():
    assert certificates()[RelinkTarget.PREMIERE] == RelinkCertificate(
        target=RelinkTarget.PREMIERE,
        will_attach=WillAttach.YES,
        satisfied=(
            "audio_channels",
            "audio_layout",
            "frame_size",
            "field_order",
            "frame_rate",
            "duration",
            "container",
            "codec",
        ),
        reasons=(
            RelinkReason(
                rule="proxy_suffix",
                requirement="named like the proxies of Premiere's own ingest; "
                "else attach it by hand (Proxy, Attach Proxies)",
                effect=Effect.NOTE,
                expected='"A001C001_Proxy"',
                actual='"A001C001"',
                strength=Strength.DOCUMENTED,
                source="vendor help: Adobe, ingest and proxy workflow",
            ),
        ),
    )


def test_quicktime_and_prores_are_no_media_of_a_clip_in_avid():
    assert certificates()[RelinkTarget.AVID] == RelinkCertificate(
        target=RelinkTarget.AVID,
        will_attach=WillAttach.NO,
        satisfied=("start_timecode", "reel_name", "frame_rate", "source_name"),
        reasons=(
            RelinkReason(
                rule="container",
                requirement="media of a clip is MXF; other files are linked as clips of their own",
                effect=Effect.BLOCKS,
                expected="mxf",
                actual="mov",
                strength=Strength.DOCUMENTED,
                source="DaVinci Resolve manual: MXF OP-Atom is usual for DNxHD",
            ),
            RelinkReason(
                rule="codec",
                requirement="the codec is DNxHD or DNxHR",
                effect=Effect.BLOCKS,
                expected="dnxhd, dnxhr",
                actual="prores",
                strength=Strength.DOCUMENTED,
                source="DaVinci Resolve manual: MXF OP-Atom is usual for DNxHD",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("source", "proxy", "answer", "reasons"),
    [
        pytest.param(
            FACTS,
            with_timecode(PROXY, "10:00:00:01"),
            WillAttach.NO,
            [("start_timecode", "BLOCKS", "10:00:00:00 at 25/1", "10:00:00:01 at 25/1")],
            id="starts one frame later",
        ),
        pytest.param(
            FACTS,
            replace(PROXY, timecode=None, other_streams=()),
            WillAttach.NO,
            [
                ("start_timecode", "BLOCKS", "10:00:00:00 at 25/1", "none"),
                ("timecode_track", "BLOCKS", "a tmcd track", "no timecode"),
            ],
            id="timecode lost",
        ),
        pytest.param(
            with_timecode(FACTS, "01:00:00;00", Fraction(30000, 1001)),
            with_timecode(PROXY, "01:00:00:00", Fraction(30000, 1001)),
            WillAttach.NO,
            [("start_timecode", "BLOCKS", "01:00:00;00 at 30000/1001", "01:00:00:00 at 30000/1001")],
            id="drop flag lost",
        ),
        pytest.param(
            with_timecode(FACTS, "01:00:00;15", Fraction(30000, 1001)),
            with_timecode(PROXY, "01:00:00;30", NTSC_60),
            WillAttach.UNCERTAIN,
            [("timecode_rate", "DOUBT", "30000/1001", "60000/1001")],
            id="same moment counted at another rate",
        ),
        pytest.param(
            FACTS,
            replace(with_timecode(PROXY, "10:00:00:00", origin="container tag"), other_streams=()),
            WillAttach.NO,
            [("timecode_track", "BLOCKS", "a tmcd track", "container tag")],
            id="timecode only as a tag of a QuickTime file",
        ),
        pytest.param(
            replace(FACTS, timecode=None),
            replace(PROXY, timecode=None, other_streams=()),
            WillAttach.YES,
            [],
            id="neither has timecode",
        ),
        pytest.param(
            replace(FACTS, timecode=None),
            with_timecode(DNXHR_MXF, "00:00:00:00", origin="mxf"),
            WillAttach.YES,
            [],
            id="MXF states midnight for a source without timecode",
        ),
        pytest.param(
            replace(FACTS, timecode=None),
            with_timecode(PROXY, "01:00:00:00"),
            WillAttach.NO,
            [("start_timecode", "BLOCKS", "none, or 00:00:00:00", "01:00:00:00 at 25/1")],
            id="timecode invented",
        ),
        pytest.param(
            FACTS,
            DNXHR_MXF,
            WillAttach.UNCERTAIN,
            [("timecode_carrier", "DOUBT", "mov or mp4", "mxf")],
            id="timecode in MXF",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, frame_count=98)),
            WillAttach.NO,
            [("frame_count", "BLOCKS", "100 frames", "98 frames")],
            id="two frames short",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, frame_rate=Fraction(25000, 1001))),
            WillAttach.NO,
            [("frame_rate", "BLOCKS", "25/1", "25000/1001")],
            id="rate off by 1000/1001",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, constant_frame_rate=False, frame_rate=Fraction(2997, 100))),
            facts_with(video=replace(PRORES, constant_frame_rate=False, frame_rate=Fraction(2997, 100))),
            WillAttach.UNCERTAIN,
            [("frame_rate", "DOUBT", "varying, 29.970 on average", "varying, 29.970 on average")],
            id="the rate varies",
        ),
        pytest.param(
            FACTS,
            replace(PROXY, reel_name=None),
            WillAttach.UNCERTAIN,
            [("reel_name", "DOUBT", '"A001"', "none")],
            id="reel name lost",
        ),
        pytest.param(
            replace(FACTS, reel_name=None),
            replace(PROXY, reel_name=None),
            WillAttach.YES,
            [],
            id="there is no reel name",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, frame_rate=NTSC_60), timecode=None),
            replace(
                facts_with(video=replace(PRORES, codec="vp9", frame_rate=Fraction(19001, 317)), timecode=None),
                container="webm",
            ),
            WillAttach.UNCERTAIN,
            [
                ("container", "DOUBT", "mov, mp4, mxf", "webm"),
                ("codec", "DOUBT", "prores, dnxhr, dnxhd, h264, hevc", "vp9"),
            ],
            id="VP9 in WebM, whose rate is rounded to nanoseconds",
        ),
    ],
)
def test_resolve(source, proxy, answer, reasons):
    certificate = certificates(source, proxy)[RelinkTarget.RESOLVE]
    assert (certificate.will_attach, findings(certificate)) == (answer, reasons)


@pytest.mark.parametrize(
    ("source", "proxy", "answer", "reasons"),
    [
        pytest.param(
            facts_with(audio=(MONO, MONO, STEREO)),
            facts_with(video=PRORES, audio=(MONO, MONO)),
            WillAttach.NO,
            [("audio_channels", "BLOCKS", "3 tracks with 1 + 1 + 2 channels", "2 tracks with 1 + 1 channels")],
            id="track missing",
        ),
        pytest.param(
            facts_with(audio=(MONO, STEREO)),
            facts_with(video=PRORES, audio=(STEREO, MONO)),
            WillAttach.NO,
            [
                ("audio_channels", "BLOCKS", "2 tracks with 1 + 2 channels", "2 tracks with 2 + 1 channels"),
                ("audio_layout", "DOUBT", "mono, stereo", "stereo, mono"),
            ],
            id="tracks swapped",
        ),
        pytest.param(
            facts_with(audio=()),
            facts_with(video=PRORES, audio=(MONO,)),
            WillAttach.NO,
            [("audio_channels", "BLOCKS", "no audio", "1 track with 1 channel")],
            id="track invented",
        ),
        pytest.param(
            facts_with(audio=(replace(STEREO, channels=6, layout="5.1(side)"),)),
            facts_with(video=PRORES, audio=(replace(STEREO, channels=6, layout="5.1"),)),
            WillAttach.YES,
            [],
            id="side and back surrounds are one layout",
        ),
        pytest.param(
            FACTS,
            facts_with(video=PRORES, audio=(replace(STEREO, layout=None),)),
            WillAttach.YES,
            [],
            id="a layout that is not stated contradicts nothing",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, width=1280, height=720)),
            WillAttach.UNCERTAIN,
            [("frame_size", "DOUBT", "1920x1080 divided by a whole number", "1280x720")],
            id="two thirds of the raster",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, width=3840, height=2160)),
            WillAttach.UNCERTAIN,
            [("frame_size", "DOUBT", "1920x1080 divided by a whole number", "3840x2160")],
            id="larger than the source",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, width=1440, height=1080, pixel_aspect=Fraction(4, 3))),
            WillAttach.YES,
            [],
            id="1440x1080 with wide pixels is 1920x1080, as in Adobe's own example",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, width=1919)),
            facts_with(video=replace(PRORES, width=958)),
            WillAttach.UNCERTAIN,
            [("frame_size", "DOUBT", "1919x1080 divided by a whole number", "958x540")],
            id="an odd side was rounded down",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, width=720, height=576, pixel_aspect=Fraction(16, 15))),
            facts_with(video=replace(PRORES, width=720, height=576, pixel_aspect=Fraction(107, 100))),
            WillAttach.UNCERTAIN,
            [
                (
                    "frame_size",
                    "DOUBT",
                    "720x576, pixel aspect 16:15 divided by a whole number",
                    "720x576, pixel aspect 107:100",
                )
            ],
            id="pixel aspect changed by more than a pixel of width",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, rotation=90)),
            facts_with(video=replace(PRORES, width=540, height=960)),
            WillAttach.YES,
            [],
            id="pixels turned upright instead of a display matrix",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, rotation=90)),
            PROXY,
            WillAttach.UNCERTAIN,
            [
                (
                    "frame_size",
                    "DOUBT",
                    "1920x1080, shown turned by 90 degrees divided by a whole number",
                    "960x540",
                )
            ],
            id="rotation lost",
        ),
        pytest.param(
            facts_with(video=replace(VIDEO, field_order=FieldOrder.TOP_FIRST)),
            PROXY,
            WillAttach.UNCERTAIN,
            [("field_order", "DOUBT", "TOP_FIRST", "PROGRESSIVE")],
            id="interlaced source, progressive proxy",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, field_order=FieldOrder.UNKNOWN)),
            WillAttach.YES,
            [],
            id="a file that states no field order is progressive",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, frame_rate=Fraction(50), frame_count=200)),
            WillAttach.UNCERTAIN,
            [("frame_rate", "DOUBT", "25/1", "50/1")],
            id="another rate attaches and causes trouble",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, frame_count=99, duration=Fraction(99, 25))),
            WillAttach.UNCERTAIN,
            [("duration", "DOUBT", "4.000 s", "3.960 s")],
            id="one frame short",
        ),
        pytest.param(
            FACTS,
            facts_with(video=replace(PRORES, duration=None)),
            WillAttach.UNCERTAIN,
            [("duration", "DOUBT", "4.000 s", "not stated")],
            id="length not stated",
        ),
        pytest.param(
            FACTS,
            replace(facts_with(video=replace(PRORES, codec="av1")), container="mkv"),
            WillAttach.UNCERTAIN,
            [
                ("container", "DOUBT", "mov, mp4, mxf", "mkv"),
                ("codec", "DOUBT", "prores, dnxhr, dnxhd, h264, hevc", "av1"),
            ],
            id="AV1 in Matroska",
        ),
    ],
)
def test_premiere(source, proxy, answer, reasons):
    certificate = certificates(source, proxy, output_name="/proxies/A001C001_Proxy.mov")[RelinkTarget.PREMIERE]
    assert (certificate.will_attach, findings(certificate)) == (answer, reasons)


@pytest.mark.parametrize(
    ("source", "proxy", "answer", "reasons"),
    [
        pytest.param(
            FACTS,
            DNXHR_MXF,
            WillAttach.UNCERTAIN,
            [("op_atom", "DOUBT", "OP-Atom, one track a file", "picture and 1 audio track in one file")],
            id="DNxHR in MXF OP1a",
        ),
        pytest.param(
            replace(FACTS, audio=()),
            replace(DNXHR_MXF, audio=()),
            WillAttach.UNCERTAIN,
            [
                (
                    "op_atom",
                    "DOUBT",
                    "OP-Atom, one track a file",
                    "picture alone; the operational pattern is not read",
                )
            ],
            id="picture alone in MXF",
        ),
        pytest.param(
            FACTS,
            with_timecode(replace(DNXHR_MXF, reel_name="A002"), "10:00:01:00", origin="mxf"),
            WillAttach.NO,
            [
                ("start_timecode", "BLOCKS", "10:00:00:00 at 25/1", "10:00:01:00 at 25/1"),
                ("op_atom", "DOUBT", "OP-Atom, one track a file", "picture and 1 audio track in one file"),
                ("reel_name", "DOUBT", '"A001"', '"A002"'),
            ],
            id="another moment on another tape",
        ),
        pytest.param(
            FACTS,
            replace(DNXHR_MXF, video=replace(PRORES, codec="mpeg2video")),
            WillAttach.NO,
            [
                ("codec", "BLOCKS", "dnxhd, dnxhr", "mpeg2video"),
                ("op_atom", "DOUBT", "OP-Atom, one track a file", "picture and 1 audio track in one file"),
            ],
            id="another codec in MXF",
        ),
    ],
)
def test_avid(source, proxy, answer, reasons):
    certificate = certificates(source, proxy)[RelinkTarget.AVID]
    assert (certificate.will_attach, findings(certificate)) == (answer, reasons)


@pytest.mark.parametrize(
    ("target", "output_name", "notes"),
    [
        pytest.param(RelinkTarget.RESOLVE, "/day1/Proxy/A001C001.mov", [], id="Resolve finds it in the Proxy folder"),
        pytest.param(
            RelinkTarget.RESOLVE,
            "/proxies/A001C001_proxy.mov",
            [
                (
                    "proxy_folder",
                    "NOTE",
                    '"A001C001" in a folder Proxy beside the source',
                    '"A001C001_proxy" in another folder',
                )
            ],
            id="Resolve links it by hand from elsewhere",
        ),
        pytest.param(
            RelinkTarget.RESOLVE,
            "/day1/Proxy/A001C001_proxy.mov",
            [
                (
                    "proxy_folder",
                    "NOTE",
                    '"A001C001" in a folder Proxy beside the source',
                    '"A001C001_proxy" in that folder',
                )
            ],
            id="Resolve does not find it under another name",
        ),
        pytest.param(RelinkTarget.PREMIERE, "/proxies/A001C001_Proxy.mov", [], id="named as Premiere's ingest does"),
        pytest.param(
            RelinkTarget.PREMIERE,
            "/proxies/A001C001_proxy.mov",
            [("proxy_suffix", "NOTE", '"A001C001_Proxy"', '"A001C001_proxy"')],
            id="the suffix counts letter by letter",
        ),
    ],
)
def test_a_name_decides_how_a_proxy_attaches_and_never_whether(target, output_name, notes):
    certificate = certificates(output_name=output_name)[target]
    assert (certificate.will_attach, findings(certificate)) == (WillAttach.YES, notes)


def test_a_hostile_name_is_quoted_on_one_line():
    certificate = certificates(source_name="/day1/A\n\x1b[2J.mov")[RelinkTarget.PREMIERE]
    assert certificate.reasons[-1].expected == '"A\\n\\u001b[2J_Proxy"'


@pytest.mark.parametrize(
    ("source", "proxy", "where"),
    [
        pytest.param(replace(FACTS, video=None), PROXY, "source", id="source"),
        pytest.param(FACTS, replace(PROXY, video=None), "proxy", id="proxy"),
        pytest.param(replace(FACTS, video=None), replace(PROXY, video=None), "source and the proxy", id="both"),
    ],
)
def test_a_file_without_picture_attaches_nowhere(source, proxy, where):
    made = certificates(source, proxy)
    assert [(item.will_attach, findings(item)) for item in made.values()] == [
        (WillAttach.NO, [("video_track", "BLOCKS", "a video track in both", f"none in the {where}")])
    ] * 3


ABOUT_ITSELF = {"timecode_track", "timecode_carrier", "container", "codec", "op_atom", "proxy_folder", "proxy_suffix"}
"""Rules that ask something of the proxy alone."""

RATES = st.fractions(min_value=0, max_value=300, max_denominator=1001)


@st.composite
def any_facts(draw):
    """Facts as a damaged or hostile file may state them."""
    video = replace(
        VIDEO,
        width=draw(st.integers(0, 9000)),
        height=draw(st.integers(0, 9000)),
        pixel_aspect=draw(st.none() | st.fractions(0, 10, max_denominator=100)),
        rotation=draw(st.sampled_from((0, 90, 180, 270))),
        field_order=draw(st.sampled_from(FieldOrder)),
        frame_rate=draw(RATES),
        constant_frame_rate=draw(st.booleans()),
        duration=draw(st.none() | st.fractions(0, 100_000, max_denominator=1001)),
    )
    labels = st.builds(
        TimecodeFacts,
        label=st.sampled_from(("00:00:00:00", "10:00:00;01", "99:99:99:99", "", "x")),
        drop_frame=st.booleans(),
        rate=RATES,
        origin=st.sampled_from(("tmcd", "mxf", "container tag")),
    )
    return facts_with(
        video=video,
        audio=tuple(draw(st.lists(st.sampled_from((STEREO, MONO, replace(STEREO, layout=None))), max_size=3))),
        container=draw(st.sampled_from(("mov", "mp4", "mkv", "webm", "mxf"))),
        timecode=draw(st.none() | labels),
        reel_name=draw(st.none() | st.text(max_size=4)),
    )


@given(any_facts(), any_facts(), st.text(max_size=8), st.text(max_size=8))
def test_any_two_files_get_an_answer_from_every_target(source, proxy, source_name, output_name):
    made = certificates(source, proxy, source_name, output_name)
    assert [certificate.target for certificate in made.values()] == list(RelinkTarget)


@given(any_facts())
def test_a_file_breaks_no_rule_of_comparison_with_itself(facts):
    assume(facts.video.width > 0 and facts.video.height > 0)
    broken = {
        reason.rule
        for certificate in certificates(facts, facts).values()
        for reason in certificate.reasons
        if reason.actual != "not stated" and not reason.actual.startswith("varying")
    }
    assert broken - ABOUT_ITSELF == set()


def test_every_rule_has_a_name_of_its_own_in_its_table_and_says_who_says_so():
    for rules in TARGET_RULES.values():
        assert len({rule.name for rule in rules}) == len(rules)
        assert all(rule.source and rule.requirement for rule in rules)


@pytest.mark.parametrize("target", list(RelinkTarget), ids=lambda target: target.value)
def test_the_page_for_people_has_every_rule_word_for_word(target):
    page = (Path(__file__).parents[3] / "docs" / "RELINK.md").read_text(encoding="utf-8")
    rows = [
        f"| `{rule.name}` | {rule.requirement} | {rule.effect} | {rule.strength} | {rule.source} |"
        for rule in TARGET_RULES[target]
    ]
    assert "\n".join(rows) in page


def test_the_line_names_the_rules_that_decide():
    made = certificates(FACTS, facts_with(video=replace(PRORES, width=1280, height=720)))
    assert certificate_line(made.values()) == "Resolve yes; Premiere uncertain (frame_size); Avid no (container, codec)"


def test_the_totals_count_every_answer():
    good = tuple(certificates().values())
    short = tuple(certificates(proxy=facts_with(video=replace(PRORES, frame_count=99))).values())
    assert totals_line([good, short, good]) == "Resolve 2 yes, 1 no; Premiere 3 yes; Avid 3 no"


def test_the_totals_of_nothing_are_empty():
    assert totals_line([()]) == ""
