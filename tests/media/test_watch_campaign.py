"""Real clips of every container: cut anywhere they are never taken for whole, and no scripted drop is too early."""

import shutil

import pytest

from proxx_watcher.domain.ends.ending import End
from tests.watching.campaign import run_drops
from tests.watching.templates import Template, ending_of, make_templates

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not on PATH")

_PLACES = 60
_LAST_BYTES = 40


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Template, ...]:
    return make_templates(tmp_path_factory.mktemp("templates"))


def test_a_finished_clip_is_whole_or_says_that_it_cannot_tell(templates: tuple[Template, ...]) -> None:
    ends = {template.name: ending_of(template.content).end for template in templates}
    assert {name for name, end in ends.items() if end is not End.WHOLE} == {"plain.ts"}
    assert ends["plain.ts"] is End.OPEN


def test_a_clip_that_is_cut_anywhere_is_never_whole(templates: tuple[Template, ...]) -> None:
    taken = []
    for template in templates:
        size = len(template.content)
        places = {size * number // _PLACES for number in range(_PLACES)} | set(range(size - _LAST_BYTES, size))
        taken += [
            (template.name, place) for place in sorted(places) if ending_of(template.content[:place]).end is End.WHOLE
        ]
    assert taken == []


@pytest.mark.parametrize("seed", [pytest.param(0, id="local"), pytest.param(1, id="network")])
def test_no_scripted_drop_is_early_lost_or_doubled(seed: int, templates: tuple[Template, ...]) -> None:
    outcome = run_drops(count=36, first_seed=seed, templates=templates)
    assert (outcome.early, outcome.lost, outcome.doubled) == ([], [], [])
    assert sum(len(waits) for waits in outcome.waits.values()) == outcome.drops == 36


def test_the_campaign_sees_a_watcher_that_is_too_quick(templates: tuple[Template, ...]) -> None:
    hasty = {"scans": 2, "spacing_seconds": 0.5, "min_age_seconds": 0.5, "open_end_seconds": 1.0, "doubt_seconds": 1.0}
    outcome = run_drops(count=24, first_seed=1, templates=templates, stability=hasty)
    assert outcome.early
