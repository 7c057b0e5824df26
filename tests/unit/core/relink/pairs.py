"""Pairs of a source and a proxy, and what the certificates say of them."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from proxx.core.facts import FieldOrder, MediaFacts, TimecodeFacts
from proxx.core.relink import RelinkCertificate, RelinkTarget, certify
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
