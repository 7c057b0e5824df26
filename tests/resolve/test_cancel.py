"""A job that is cancelled in mid-render stops the render and leaves nothing."""

import asyncio
import os
from pathlib import Path

import pytest

from proxx.core.jobs import JobState
from tests.resolve.studio import LOOK_SECONDS, studio
from tests.resolve_simulator.quirks import Quirks

pytestmark = [pytest.mark.process, pytest.mark.media]


LONG = os.environ.get("PROXX_LONG") == "1"
STOPS = pytest.param(Quirks(render_seconds=30.0), id="a render that stops")
DOES_NOT = pytest.param(Quirks(render_seconds=30.0, stop_ignored=True), id="a render that does not stop")


@pytest.mark.parametrize("quirks", [STOPS, DOES_NOT] if LONG else [STOPS])
async def test_cancelling_now_ends_the_render_and_leaves_nothing(tmp_path: Path, quirks: Quirks) -> None:
    async with studio(tmp_path) as place:
        place.installation.set_quirks(quirks)
        source = place.source()
        async with place.executor():
            key = await place.submit(source)
            async with asyncio.timeout(20):
                while not any(".render/" in name for name in place.left()):  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_SECONDS)
            await place.client.cancel_job(job_key=key, request_id="stop", now=True)
            result = await place.result(key)
            place.installation.set_quirks(Quirks())
            async with asyncio.timeout(20):
                while place.installation.projects() != ["proxx_parking"]:  # noqa: ASYNC110
                    await asyncio.sleep(LOOK_SECONDS)

    assert (result.final_status, place.left()) == (JobState.CANCELLED, [])
