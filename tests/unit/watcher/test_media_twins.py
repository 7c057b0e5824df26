"""Clips that look alike: new times at one path, equal contents at two, and what only looks equal."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxx.core.jobs import JobState
from proxx.core.watch_folders import FolderState
from proxx_watcher.app.news import NewsKind
from proxx_watcher.app.ports import PassOutcome
from tests.watching.clips import tiny_mov
from tests.watching.media_world import MediaWorld

WINDOW = 20.0
FULL_SCAN = 35.0
MIB = 1 << 20
World = Callable[..., MediaWorld]


@pytest.fixture
def world(memory_path: Path) -> Iterator[World]:
    made: list[MediaWorld] = []

    def make(**table: object) -> MediaWorld:
        made.append(MediaWorld(root=memory_path / "card", state=memory_path / "state", table=table))
        return made[-1]

    yield make
    for item in made:
        item.close()


def alike(middle: int) -> bytes:
    """Clips of equal size with equal first and last MiB."""
    padding = b"\x68" * MIB + bytes([middle]) * MIB + b"\x74" * MIB
    return tiny_mov() + (len(padding) + 8).to_bytes(4, "big") + b"free" + padding


def states(outcome: PassOutcome) -> dict[str, str]:
    return {entry.path: entry.state.value for entry in outcome.folder.entries}


def reason(outcome: PassOutcome, path: str) -> str:
    return next(entry.reason for entry in outcome.folder.entries if entry.path == path)


def names(card: MediaWorld) -> list[str]:
    return [str(Path(source).relative_to(card.root)) for source in card.scheduler.sources]


async def test_clips_that_differ_between_equal_ends_are_two(world: World) -> None:
    card = world()
    card.put("a.mov", alike(1))
    card.put("b.mov", alike(2))
    outcome = await card.passes(card.life(), seconds=40.0)
    assert (names(card), states(outcome)) == (["a.mov", "b.mov"], {"a.mov": "HELD", "b.mov": "HELD"})


async def test_a_corrected_copy_that_differs_between_equal_ends_is_a_new_job_once(world: World) -> None:
    card = world()
    folder = card.life()
    card.put("a.mov", alike(1))
    await card.passes(folder, seconds=40.0)
    path = card.put("a.mov", alike(2))
    await card.passes(folder, seconds=60.0)
    assert names(card) == ["a.mov", "a.mov"]
    evidence = card.scheduler.options[1].labels["watch.evidence"]
    assert evidence.endswith("; another content than that of job job-1 between equal ends")
    card.stamp(path)
    await card.passes(folder, seconds=60.0)
    await card.passes(card.life(), seconds=60.0)
    assert len(card.scheduler.made) == 2


async def test_what_has_no_digest_of_what_its_job_was_made_of_is_not_taken_for_the_same(world: World) -> None:
    card = world(digest_bytes=0)
    folder = card.life()
    path = card.put("a.mov", alike(1))
    await card.passes(folder, seconds=40.0)
    card.stamp(path)
    await card.passes(folder, seconds=60.0)
    assert names(card) == ["a.mov", "a.mov"]


async def test_another_number_of_the_file_or_its_disk_alone_is_no_new_content(world: World) -> None:
    card = world(digest_bytes=0)
    folder = card.life()
    path = card.put("a.mov", tiny_mov())
    await card.passes(folder, seconds=WINDOW)
    shutil.copy2(path, path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)
    await card.passes(folder, seconds=60.0)
    assert names(card) == ["a.mov"]


async def test_a_digest_that_was_not_taken_before_the_end_is_taken_in_the_next_life(world: World) -> None:
    card = world(digest_bytes=0)
    path = card.put("a.mov", alike(1))
    await card.passes(card.life(), seconds=WINDOW)
    card.table = {}
    folder = card.life()
    assert (await card.passes(folder, seconds=0.0)).busy
    assert not (await card.passes(folder, seconds=10.0)).busy
    card.stamp(path)
    await card.passes(folder, seconds=60.0)
    assert names(card) == ["a.mov"]


async def test_a_clip_that_is_moved_before_its_job_starts_gets_a_job_where_it_is(world: World) -> None:
    card = world()
    folder = card.life()
    path = card.put("incoming/a.mov", tiny_mov())
    await card.passes(folder, seconds=WINDOW)
    (card.root / "day1").mkdir()
    path.rename(card.root / "day1/a.mov")
    outcome = await card.passes(folder, seconds=60.0)
    assert (names(card), states(outcome)["day1/a.mov"]) == (["incoming/a.mov", "day1/a.mov"], "HELD")


@pytest.mark.parametrize("moved", [True, False], ids=["renamed", "copied, then removed"])
async def test_a_clip_that_is_moved_after_its_proxy_was_made_repeats_it(world: World, moved: bool) -> None:
    card = world()
    folder = card.life()
    path = card.put("incoming/a.mov", alike(1))
    await card.passes(folder, seconds=WINDOW)
    card.scheduler.put("job-1", JobState.COMPLETED)
    await card.passes(folder, seconds=5.0)
    if moved:
        path.rename(card.root / "a.mov")
    else:
        path.unlink()
        card.put("a.mov", alike(1))
    outcome = await card.passes(folder, seconds=60.0)
    assert (names(card), states(outcome)["a.mov"]) == (["incoming/a.mov"], "REFUSED")


async def test_a_copy_is_thought_of_again_when_the_first_one_is_removed_before_its_proxy_is_made(world: World) -> None:
    card = world()
    folder = card.life()
    path = card.put("incoming/a.mov", tiny_mov())
    await card.passes(folder, seconds=WINDOW)
    card.put("day1/a.mov", tiny_mov())
    outcome = await card.passes(folder, seconds=FULL_SCAN)
    assert states(outcome) == {"incoming/a.mov": "HELD", "day1/a.mov": "REFUSED"}
    path.unlink()
    await card.passes(folder, seconds=FULL_SCAN)
    assert names(card) == ["incoming/a.mov", "day1/a.mov"]


async def test_while_the_first_one_only_has_new_times_its_copy_stays_refused(world: World) -> None:
    card = world()
    folder = card.life()
    path = card.put("a.mov", tiny_mov())
    card.put("b.mov", tiny_mov())
    await card.passes(folder, seconds=FULL_SCAN)
    card.stamp(path)
    outcome = await card.passes(folder, seconds=2 * FULL_SCAN)
    assert (names(card), states(outcome)["b.mov"]) == (["a.mov"], "REFUSED")


async def test_a_first_one_that_cannot_be_read_holds_its_copy_back_with_the_reason(world: World) -> None:
    card = world(digest_bytes=0)
    card.unreadable = "a.mov"
    folder = card.life()
    card.put("a.mov", alike(1))
    await card.passes(folder, seconds=WINDOW)
    card.put("b.mov", alike(1))
    outcome = await card.passes(folder, seconds=40.0)
    said = '"a.mov" has its size and ends; whether the rest is the same: "a.mov" cannot be read: Input/output error'
    assert (states(outcome)["b.mov"], reason(outcome, "b.mov")) == ("READY", said)
    assert (outcome.folder.state, outcome.busy) == (FolderState.WATCHING, False)


async def test_many_clips_that_wait_to_be_compared_hold_no_other_one_up(world: World) -> None:
    card = world(digest_bytes=0)
    card.unreadable = "a.mov"
    folder = card.life()
    card.put("a.mov", tiny_mov())
    await card.passes(folder, seconds=WINDOW)
    for number in range(60):
        card.put(f"b{number:02d}.mov", tiny_mov())
    await card.passes(folder, seconds=WINDOW)
    card.put("z.mov", tiny_mov(1))
    await card.passes(folder, seconds=WINDOW)
    assert names(card) == ["a.mov", "z.mov"]


async def test_a_first_one_that_the_rules_leave_out_by_now_still_counts_and_nothing_is_told_twice(world: World) -> None:
    card = world()
    card.put("a.mov", tiny_mov())
    await card.passes(card.life(), seconds=WINDOW)
    card.table = {"exclude": ["a.mov"]}
    card.put("b.mov", tiny_mov())
    card.news.clear()
    await card.passes(card.life(), seconds=3 * FULL_SCAN)
    assert [(item.kind, item.path) for item in card.news] == [(NewsKind.REFUSED, "b.mov")]
