"""Premiere: every rule that can refuse or bend a relink, with expected and actual."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import FieldOrder
from proxx.core.relink import Effect, RelinkCertificate, RelinkReason, RelinkTarget, Strength, WillAttach
from tests.fakes.media_facts import FACTS, STEREO, VIDEO, facts_with
from tests.unit.core.relink.pairs import MONO, PRORES, PROXY, certificates, findings


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
