"""The short form of the campaign: random switches, nothing left after any render. `make resolve-campaign` is long."""

from pathlib import Path

import pytest

from tests.resolve.campaign.run import run_renders
from tests.resolve.campaign.trial import draw

pytestmark = [pytest.mark.process, pytest.mark.media]

RENDERS = 60


async def test_every_render_ends_as_it_may_and_leaves_nothing(tmp_path: Path) -> None:
    outcome = await run_renders(
        renders=RENDERS,
        jobs=1,
        seed=32,
        first=0,
        hosts=2,
        every=20,
        seconds=100.0,
        directory=tmp_path,
        tell=lambda _line: None,
    )
    assert (outcome.renders, outcome.jobs, outcome.wrong) == (RENDERS, 1, [])
    assert max(each.processes for each in outcome.samples) <= 2 * (2 + 1) + 4  # and those that verify a job


def test_a_render_follows_from_seed_and_number() -> None:
    assert [draw(seed=1, number=number) for number in range(50)] == [
        draw(seed=1, number=number) for number in range(50)
    ]
    assert draw(seed=1, number=7) != draw(seed=2, number=7)
