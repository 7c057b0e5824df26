"""A few drops of the kill campaign (`make watch-kills`): real watchers, killed and robbed of their ledgers."""

import sys
from pathlib import Path

import pytest

from tests.watching.kill_campaign import run_kills

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs inotify (Linux)")


async def test_drops_beside_watchers_that_are_killed_are_one_job_each(tmp_path: Path) -> None:
    outcome = await run_kills(drops=4, seed=3, directory=tmp_path)
    assert (outcome.wrong, outcome.jobs, outcome.drops) == ([], 4, 4)
    assert outcome.lives > 2
