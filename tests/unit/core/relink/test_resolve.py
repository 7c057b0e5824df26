"""DaVinci Resolve: every rule that can refuse or bend a relink, with expected and actual."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.relink import RelinkCertificate, RelinkTarget, WillAttach
from tests.fakes.media_facts import FACTS, VIDEO, facts_with
from tests.unit.core.relink.pairs import DNXHR_MXF, NTSC_60, PRORES, PROXY, certificates, findings, with_timecode


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
