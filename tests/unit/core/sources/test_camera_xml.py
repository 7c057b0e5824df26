"""Start timecode and reel name in what cameras and editors write beside the tracks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.sources.camera_xml import panasonic_label, sony_label, xmp_labels, xmp_reel
from proxx.core.sources.reading import StatedLabel

SONY = """<?xml version="1.0"?><NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.20">
<Duration value="390"/><LtcChangeTable tcFps="{fps}" halfStep="false">
<LtcChange frameCount="0" value="{value}" status="increment"/>
<LtcChange frameCount="389" value="66342901" status="end"/></LtcChangeTable></NonRealTimeMeta>"""


@pytest.mark.parametrize(
    ("value", "fps", "expected"),
    [
        pytest.param(
            "17305719", 25, StatedLabel(text="19:57:30:17", origin="Sony camera metadata", counts=25), id="25"
        ),
        pytest.param(
            "67212901", 30, StatedLabel(text="01:29:21;27", origin="Sony camera metadata", counts=30), id="drop-frame"
        ),
        pytest.param(
            "00000001", 30, StatedLabel(text="01:00:00:00", origin="Sony camera metadata", counts=30), id="whole hour"
        ),
        pytest.param(
            "80808080", 24, StatedLabel(text="00:00:00:00", origin="Sony camera metadata", counts=24), id="flags only"
        ),
    ],
)
def test_sonys_linear_timecode_is_read_backwards_and_without_its_flags(
    value: str, fps: int, expected: StatedLabel
) -> None:
    assert sony_label(text=SONY.format(value=value, fps=fps)) == expected


def test_sonys_label_without_a_table_of_rates_says_no_rate() -> None:
    found = sony_label(text='<LtcChange frameCount="0" value="00000010"/>')
    assert found == StatedLabel(text="10:00:00:00", origin="Sony camera metadata")


def test_panasonics_start_timecode_is_taken_as_written() -> None:
    text = "<ClipMain><ClipContent><StartTimecode>02:50:07;02</StartTimecode></ClipContent></ClipMain>"
    assert panasonic_label(text=text) == StatedLabel(text="02:50:07;02", origin="Panasonic camera metadata")


ELEMENTS = """<xmpDM:startTimecode rdf:parseType="Resource"><xmpDM:timeFormat>25Timecode</xmpDM:timeFormat>
<xmpDM:timeValue>01:00:00:00</xmpDM:timeValue></xmpDM:startTimecode>
<xmpDM:altTimecode rdf:parseType="Resource"><xmpDM:timeValue>10:00:00:00</xmpDM:timeValue></xmpDM:altTimecode>
<xmpDM:tapeName>A001R1AB</xmpDM:tapeName>"""
ATTRIBUTES = """<rdf:Description xmpDM:tapeName="A001R1AB"/>
<xmpDM:startTimecode xmpDM:timeFormat="25Timecode" xmpDM:timeValue="01:00:00:00"/>
<xmpDM:altTimecode xmpDM:timeValue="10:00:00:00"/>"""


@pytest.mark.parametrize("text", [ELEMENTS, ATTRIBUTES], ids=["elements", "attributes"])
def test_xmp_has_the_label_that_a_person_set_before_that_of_the_device(text: str) -> None:
    assert xmp_labels(text=text) == (
        StatedLabel(text="10:00:00:00", origin="XMP altTimecode"),
        StatedLabel(text="01:00:00:00", origin="XMP startTimecode"),
    )
    assert xmp_reel(text=text) == "A001R1AB"


@pytest.mark.parametrize("text", ["", "<LtcChange frameCount='0'/>", "<StartTimecode>soon</StartTimecode>", "\x00<<"])
def test_text_without_the_wanted_words_states_nothing(text: str) -> None:
    assert (sony_label(text=text), panasonic_label(text=text), xmp_labels(text=text)) == (None, None, ())
    assert xmp_reel(text=text) is None


@given(st.text(alphabet='<>/="xmpDM:timeValueLtcChangeframeCount0123456789 \n', max_size=300))
def test_no_text_is_an_error(text: str) -> None:
    sony_label(text=text)
    panasonic_label(text=text)
    xmp_labels(text=text)
    xmp_reel(text=text)
