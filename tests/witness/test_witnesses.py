"""Independent readers see in a finished proxy what Proxx measured of it.

PROXX_LONG=1 asks them about every source with every profile and container, else about one or two for each.
"""

import os
from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.planner import PlanRefusedError
from proxx.core.roots import RootPath
from proxx.engine.probe import probe_source
from tests.witness import ffprobe_six
from tests.witness.case import CASES, REFUSED, SHORT_CASES, Case
from tests.witness.comparison import WITNESSES, Witness, compare
from tests.witness.our_facts import our_facts
from tests.witness.sources import SOURCES
from tests.witness.studio import Studio
from tests.witness.testimony import FACTS
from tests.witness.way import WAYS

pytestmark = pytest.mark.media

CHOSEN = CASES if os.environ.get("PROXX_LONG") == "1" else SHORT_CASES
MILLISECOND = Fraction(1, 1000)
WRONG = {
    "container": "mkv",
    "codec": "h264",
    "codec profile": "LT",
    "raster": "640x362",
    "pixel aspect": Fraction(12, 11),
    "display aspect": Fraction(4, 3),
    "frame rate": Fraction(30),
    "frame count": 19,
    "duration": Fraction(21 * 1001, 30000),
    "timecode": "01:00:59;16",
    "drop-frame": False,
    "reel name": None,
    "rotation": 180,
    "field order": "top_first",
    "colour range": "pc",
    "colour primaries": "bt2020",
    "colour transfer": None,
    "colour matrix": "bt470bg",
    "bit depth": 8,
    "chroma": "4:2:0",
    "alpha": True,
    "audio codecs": ("pcm_s24le",) * 3,
    "audio channels": (1, 1, 1, 2),
    "audio layouts": (None, None, None, "stereo"),
    "audio sample rates": (48000, 48000, 48000, 44100),
    "audio bit depths": (24, 24, 24, 16),
    "audio languages": (None, None, None, "fra"),
    "audio lengths": (Fraction(1001, 1500), Fraction(1001, 1500), Fraction(1001, 1500), Fraction(1)),
    "audio decoded": (Fraction(1001, 1500), Fraction(1001, 1500), Fraction(1001, 1500), Fraction(1)),
}
"""For each fact a value that the proxy below has not."""


@pytest.fixture
def asked() -> list[Witness]:
    """The witnesses that are here; MediaInfo and libav always are."""
    return [witness for witness in WITNESSES if not witness.missing()]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CHOSEN])
async def test_every_witness_sees_what_proxx_measured(case: Case, studio: Studio, asked: list[Witness]) -> None:
    proxy = await studio.attempt(case.recipe, case.way)
    if isinstance(proxy, PlanRefusedError):
        assert [reason for reason in REFUSED.get(case.source, ()) if reason in str(proxy)], str(proxy)
        return
    ours = our_facts(proxy.output)
    findings = [finding for witness in asked for finding in compare(ours=ours, witness=witness, path=proxy.path)]

    assert [finding.text for finding in findings if finding.unexplained] == []
    assert {finding.fact for finding in findings} == set(FACTS)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.name) for case in SHORT_CASES[::4] if case.source not in REFUSED]
)
async def test_proxx_draws_the_same_facts_from_an_ffprobe_of_another_major_version(case: Case, studio: Studio) -> None:
    if ffprobe_six.missing():
        pytest.skip(ffprobe_six.missing())
    proxy = await studio.make(case.recipe, case.way)

    probed = await probe_source(
        runner=studio.runner,
        path=proxy.path,
        source=RootPath(root="media", path=proxy.path.name),
        ffprobe=str(ffprobe_six.FFPROBE),
    )

    assert probed.facts is not None, probed.violations
    assert probed.facts.video is not None
    assert proxy.facts.video is not None
    unstated = None if proxy.facts.video.codec == "prores" else proxy.facts.video.color_range
    video = replace(proxy.facts.video, color_range=unstated)  # what known_differences.py says of it
    length = probed.facts.duration  # of the whole file: ffprobe estimates it, to the end of the last coded frame
    assert abs((length or 0) - (proxy.facts.duration or 0)) <= MILLISECOND
    assert probed.facts == replace(proxy.facts, video=video, duration=length)


@pytest.mark.parametrize("fact", FACTS)
async def test_a_fact_that_is_a_little_wrong_does_not_pass(fact: str, studio: Studio, asked: list[Witness]) -> None:
    way = next(way for way in WAYS if way.name == "proxy_prores_proxy in mov")
    proxy = await studio.once(SOURCES["drop-frame, reel, four mono tracks"], way)
    ours = {**our_facts(proxy.output), fact: WRONG[fact]}

    findings = [finding for witness in asked for finding in compare(ours=ours, witness=witness, path=proxy.path)]

    assert fact in {finding.fact for finding in findings if finding.unexplained}
