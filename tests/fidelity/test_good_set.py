"""No false alarm: the proxies that the real planner has made of good footage pass every check.

PROXX_LONG=1 makes all of them, else one for each kind of footage, each made another way.
"""

import os

import pytest

from tests.fidelity.good_set import GOOD_SET, SHORT_GOOD_SET
from tests.fidelity.outcome import Outcome
from tests.fidelity.scene import Scene
from tests.fidelity.workshop import Workshop

pytestmark = pytest.mark.media

CHOSEN = GOOD_SET if os.environ.get("PROXX_LONG") == "1" else SHORT_GOOD_SET


@pytest.mark.parametrize("scene", [pytest.param(scene, id=scene.name) for scene in CHOSEN])
async def test_a_good_proxy_raises_no_alarm(scene: Scene, workshop: Workshop) -> None:
    prepared = await workshop.prepare(scene)

    outcome = await workshop.judge(prepared, prepared.proxy, source_errors=prepared.source_errors)

    assert outcome == Outcome(caught_by=())
