"""A short race against renames (`make racer` runs a hundred thousand rounds, docs/PATHS.md)."""

import sys

import pytest

from proxx.runtime.beneath import Opener, open_beneath, walk_beneath
from tests.racer.race import arena, by_path, guarded, race

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="renames are exchanged as Linux does it")


@pytest.mark.parametrize("opener", [open_beneath, walk_beneath], ids=["openat2", "the walk"])
def test_nothing_is_read_or_written_outside_while_paths_are_swapped(opener: Opener) -> None:
    with arena() as place:
        outcome = race(arena=place, at=guarded(place, opener=opener), rounds=140, seed=7)

    assert outcome.escapes == ()
    assert outcome.tally.rounds.total() == 140


def test_the_race_finds_code_that_follows_links() -> None:
    with arena() as place:
        for seed in range(50):  # until it does: the swapper needs its turns on a busy machine
            if race(arena=place, at=by_path(place), rounds=140, seed=seed).escapes:
                return
    pytest.fail("plain paths never led out: the race proves nothing")
