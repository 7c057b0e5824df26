"""What stands in the way of one JobSpec, or changes under the watcher's hands, harms no other drop."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proxx.core.jobs import JobResult
from proxx.core.suffixes import MAX_SUFFIX
from proxx.runtime import no_replace
from proxx_watcher.domain.folder_settings import Layout
from tests.unit.watcher.spec_world import KilledError, SpecWorld, kill, told


@pytest.fixture(params=[Layout.STAGED, Layout.FLAT], ids=["staged", "flat"])
def world(request: pytest.FixtureRequest, memory_path: Path) -> SpecWorld:
    """A folder of each layout in turn."""
    return world_of(memory_path, request.param)


def world_of(memory_path: Path, layout: Layout) -> SpecWorld:
    return SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=layout)


@pytest.fixture
def plain_renames(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A platform without an exclusive rename, as NFS is under Linux."""
    monkeypatch.setattr(sys, "platform", "elsewhere")
    no_replace._exclusive_rename.cache_clear()
    yield
    no_replace._exclusive_rename.cache_clear()


@pytest.mark.usefixtures("plain_renames")
async def test_a_drop_renamed_over_another_one_while_that_is_moved_is_not_lost(
    memory_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(memory_path, Layout.STAGED)
    folder = world.life()
    world.drop("a.json", {"n": 1})
    link, rename, swaps = os.link, os.rename, []

    def swap(target: object, directory: int | None = None) -> None:
        above = "" if directory is None else f"{Path(f'/proc/self/fd/{directory}').readlink()}/"
        if f"{above}{target}".endswith("running/a.json") and not swaps:
            swaps.append(target)
            rename(world.drop(".new", {"n": 2}), world.inbox / "a.json")

    def slow_link(source: Any, target: Any, **rest: Any) -> None:
        link(source, target, **rest)
        swap(target, rest.get("dst_dir_fd"))

    def slow_rename(source: Any, target: Any, **rest: Any) -> None:
        swap(target, rest.get("dst_dir_fd"))
        rename(source, target, **rest)

    monkeypatch.setattr(os, "link", slow_link)
    monkeypatch.setattr(os, "rename", slow_rename)
    await world.passes(folder, 20)
    assert [json.loads(text)["n"] for text in world.scheduler.submitted] == [1, 2]
    assert (world.good / "a.json").read_text() == '{"n": 2}'


async def test_a_spec_over_which_the_scheduler_fails_waits_and_the_next_ones_are_submitted(world: SpecWorld) -> None:
    world.drop("a.json", {"fail": True})
    world.drop("b.json", {"n": 1})
    folder = world.life()
    outcome = await world.passes(folder)
    place = str((world.inbox / "a.json").relative_to(world.root))
    reason = "its submission failed: INTERNAL: correlation id 3fa94c1b"
    assert told(outcome)[place] == ("WAITING", reason)
    assert (world.scheduler.submitted, outcome.folder.reason, outcome.busy) == (['{"n": 1}'], "", False)
    asked = world.scheduler.calls
    await world.passes(folder, 2, seconds=0.0)
    assert world.scheduler.calls == asked


async def test_options_that_the_scheduler_refuses_pause_the_folder_and_refuse_no_drop(world: SpecWorld) -> None:
    world.scheduler.refuses_options = True
    path = world.drop("a.json", {"n": 1})
    folder = world.life()
    outcome = await world.passes(folder)
    said = "the scheduler refuses the settings of this folder: Option labels is 65: at most 64 labels are kept"
    assert (outcome.folder.state.value, outcome.folder.reason) == ("PAUSED", said)
    assert path.exists()
    world.scheduler.refuses_options = False
    await world.passes(folder)
    assert world.scheduler.submitted == ['{"n": 1}']


async def test_a_directory_that_is_swapped_while_the_result_is_fetched_gets_no_result(world: SpecWorld) -> None:
    folder = world.life()
    world.drop("a.json", {"n": 1})
    fetch, away = world.scheduler.result, world.root.with_name("away")

    async def swapped(*, job_key: str) -> JobResult:
        if not away.exists():
            world.root.rename(away)
            world.root.mkdir()
        return await fetch(job_key=job_key)

    world.scheduler.result = swapped  # type: ignore[method-assign]
    await world.passes(folder)
    assert world.tree() == []
    world.root.rmdir()
    away.rename(world.root)
    world.scheduler.result = fetch  # type: ignore[method-assign]
    await world.passes(folder)
    assert world.scheduler.made == ["job-1"]
    assert (world.good / "a.json").exists()


async def test_who_waits_for_the_folder_reads_the_ledger_when_it_has_the_lock(world: SpecWorld) -> None:
    first = world.life()
    world.drop("a.json", {"n": 1})
    await world.passes(first, 3)
    second = world.rival()
    await world.passes(first)
    world.drop("a.json", {"n": 2})
    await world.passes(first)
    before = world.tree()
    world.end()
    await world.passes(second)
    assert (world.tree(), world.scheduler.made) == (before, ["job-1", "job-2"])
    assert json.loads(world.result("a.json").read_text())["job_key"] == "job-2"


async def test_a_result_that_cannot_be_read_holds_up_its_own_spec_alone(memory_path: Path) -> None:
    world = world_of(memory_path, Layout.FLAT)
    world.unreadable = "a.result.json"
    (world.root / "a.result.json").write_text("{}")
    for name in ("a.json", "b.json"):
        world.drop(name, {"of": name})
    outcome = await world.passes(world.life())
    assert told(outcome)["a.json"] == ("WAITING", "'a.result.json' cannot be read: Permission denied")
    assert world.scheduler.submitted == ['{"of": "b.json"}']
    assert (outcome.folder.state.value, outcome.busy) == ("WATCHING", False)


async def test_a_result_for_which_no_number_is_free_waits_for_the_operator_and_holds_up_no_other(
    memory_path: Path,
) -> None:
    world = world_of(memory_path, Layout.FLAT)
    folder = world.life()
    world.drop("a.json", {"n": 0})
    await world.passes(folder)
    for number in range(1, MAX_SUFFIX + 1):
        (world.root / f"a_{number:03d}.result.json").write_text("{}")
    world.drop("a.json", {"n": 1})
    world.drop("b.json", {"n": 2})
    outcome = await world.passes(folder, 12)
    assert told(outcome)["a.json"][0] == "RECOVERY_REQUIRED"
    assert told(outcome)["a.json"][1].endswith(
        "999 earlier files of the name 'a.result.json' are kept already: move some away"
    )
    assert told(outcome)["processed/b.json"][0] == "DONE"
    (world.root / "a_007.result.json").unlink()
    outcome = await world.passes(folder)
    assert told(outcome)["processed/a.json"][0] == "DONE"


async def test_whole_json_is_not_taken_while_its_writer_has_it_open(world: SpecWorld) -> None:
    folder = world.life()
    with (world.inbox / "a.json").open("w") as file:
        file.write('{"n": 1}')
        file.flush()
        outcome = await world.passes(folder, 4)
        assert [reason for _, reason in told(outcome).values()] == ["a program of this machine has it open for writing"]
        file.write("\n")
    await world.passes(folder)
    assert world.scheduler.submitted == ['{"n": 1}\n']


async def test_a_refused_try_leaves_no_gap_that_hides_a_job_from_a_life_without_ledger(memory_path: Path) -> None:
    world = world_of(memory_path, Layout.STAGED)
    world.drop("a.json", {"refuse": True})
    await world.passes(world.life())
    world.scheduler.refuses = False
    world.result("a.json", good=False).unlink()
    (world.root / "failed" / "a.json").rename(world.inbox / "a.json")
    folder = world.life()
    with pytest.raises(KilledError):
        await world.passes(_killed_after(world, folder, world.scheduler.submit))
    world.ledger.unlink()
    await world.passes(world.life())
    assert world.scheduler.made == ["job-1"]
    assert (world.good / "a.json").exists()


def _killed_after(world: SpecWorld, folder: Any, submit: Callable[..., Any]) -> Any:
    """Return the folder, whose watcher dies when the next submission was answered."""

    async def last(**arguments: Any) -> None:
        await submit(**arguments)
        world.scheduler.submit = submit  # type: ignore[method-assign]
        kill()

    world.scheduler.submit = last  # type: ignore[assignment,method-assign]
    return folder


async def test_of_a_long_backlog_the_first_one_does_not_wait_for_questions_about_the_last(world: SpecWorld) -> None:
    for number in range(120):
        world.drop(f"{number:03d}.json", {"n": number, "ends": None})
    folder = world.life()
    outcome = await world.passes(folder, 2)
    assert (len(world.scheduler.made), world.scheduler.calls) == (1, 52)
    assert outcome.look_again_seconds == 0.1


async def test_names_that_differ_only_at_their_end_look_different(memory_path: Path) -> None:
    world = world_of(memory_path, Layout.STAGED)
    names = [f"{'n' * 220}{end}.json" for end in "ab"]
    for name in names:
        world.drop(name)
    outcome = await world.passes(world.life(), 2)
    assert sorted(told(outcome)) == [f"pending/{names[1]}", f"running/{names[0]}"]
    assert world.scheduler.options[0].labels["watch.path"] == f'"pending/{names[0]}"'


async def test_a_folder_in_trouble_is_looked_at_no_more_often_than_one_at_rest(world: SpecWorld) -> None:
    folder = world.life()
    world.drop("a.json", {"n": 1})
    assert (await world.passes(folder, 1)).look_again_seconds == 0.5
    world.root.rename(world.root.with_name("away"))
    outcome = await world.passes(folder, 2)
    assert (outcome.folder.state.value, outcome.look_again_seconds) == ("PAUSED", None)
