"""A media watcher that is killed before every single call it makes, with its ledger kept, lost or garbled."""

from pathlib import Path

import pytest

from tests.unit.watcher.spec_world import Breaker, KilledError
from tests.watching.clips import tiny_mov
from tests.watching.media_world import MediaWorld

CLIPS = 2
TABLE = {"auto_execute": True, "free_bytes": 1}
STEPS_SECONDS = 2.5


async def lives(card: MediaWorld, breaker: Breaker | None) -> None:
    """Live until killed, or for long enough to do everything."""
    folder = card.life(breaker)
    for _ in range(11):
        await folder.open_pass(submit=True)
        card.clock.seconds += STEPS_SECONDS


@pytest.mark.parametrize("ledger", ["kept", "lost", "garbled"])
async def test_every_clip_is_one_job_that_is_started_once(memory_path: Path, ledger: str) -> None:
    at, killed = 0, True
    while killed:
        at += 1
        card = MediaWorld(root=memory_path / f"{at}" / "card", state=memory_path / f"{at}" / "state", table=TABLE)
        for number in range(CLIPS):
            card.put(f"{number}.mov", tiny_mov(number))
        killed = False
        try:
            await lives(card, Breaker(at=at))
        except KilledError:
            killed = True
        path = card.state / "ledger.jsonl"
        if ledger == "lost":
            path.unlink(missing_ok=True)
        elif ledger == "garbled" and path.exists():
            path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
        await lives(card, None)
        await lives(card, None)
        made, started = card.scheduler.made, card.scheduler.started
        card.close()
        assert (at, len(made), started) == (at, CLIPS, made)
    assert at > 30
