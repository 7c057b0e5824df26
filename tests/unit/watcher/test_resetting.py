"""`proxx watch reset` over a folder of each layout: the plan first, and nothing deleted."""

import asyncio
import json
from pathlib import Path

import pytest

from proxx_watcher.domain.folder_settings import Layout
from proxx_watcher.reset import run_reset
from tests.unit.watcher.spec_world import SpecWorld, told


@pytest.fixture(params=[Layout.STAGED, Layout.FLAT], ids=["staged", "flat"])
async def world(request: pytest.FixtureRequest, memory_path: Path) -> SpecWorld:
    """A folder in which one spec was done, one failed and one was refused."""
    world = SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=request.param)
    world.ledger_place = memory_path / "state" / "watch" / "drops"
    world.drop("good.json", {"n": 1})
    world.drop("bad.json", {"n": 2, "ends": "FAILED"})
    world.drop("refused.json", {"refuse": True})
    await world.passes(world.life(), 12)
    world.end()
    return world


async def reset(world: SpecWorld, *words: str) -> int:
    place = ["--state", str(world.state), "--folder-name", "drops", str(world.root)]
    return await asyncio.to_thread(run_reset, [*place, *words])


async def test_without_names_everything_that_is_over_goes_back_and_is_made_anew(
    world: SpecWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await reset(world, "--yes") == 0
    said = capsys.readouterr().out
    assert said.count("goes back to") == 3
    assert all((world.inbox / name).exists() for name in ("good.json", "bad.json", "refused.json"))
    await world.passes(world.life(), 12)
    assert [json.loads(text)["n"] for text in world.scheduler.submitted] == [2, 1, 2, 1]
    assert json.loads(world.result("good.json").read_text())["job_key"] == "job-4"
    kept = json.loads(world.result("good_001.json").read_text())
    assert kept["job_key"] in world.scheduler.made


async def test_only_the_named_files_go_back(world: SpecWorld) -> None:
    assert await reset(world, "--yes", "good.json", "absent.json") == 0
    await world.passes(world.life(), 8)
    assert [json.loads(text)["n"] for text in world.scheduler.submitted] == [2, 1, 1]


async def test_a_lost_ledger_does_not_hinder_a_reset_by_name_once_the_watcher_was_back(
    world: SpecWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.ledger.unlink()
    before = world.tree()
    assert await reset(world, "--yes", "good.json") == 1
    assert f"the folder's watcher keeps no ledger at {world.ledger}" in capsys.readouterr().err
    assert world.tree() == before
    await world.passes(world.life(), 1)
    world.end()
    assert await reset(world, "--yes", "good.json") == 0
    await world.passes(world.life(), 8)
    assert [json.loads(text)["n"] for text in world.scheduler.submitted] == [2, 1, 1]


async def test_nothing_changes_without_a_yes(world: SpecWorld, capsys: pytest.CaptureFixture[str]) -> None:
    before = world.tree()
    assert await reset(world) == 1
    assert world.tree() == before
    said = capsys.readouterr()
    assert "good.json: goes back to" in said.out
    assert "--yes is needed where nobody can answer" in said.err


async def test_a_reset_beside_a_running_watcher_is_refused(
    world: SpecWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.passes(world.life(), 1)
    assert await reset(world, "--yes") == 1
    assert "another watcher has this folder: process" in capsys.readouterr().err


async def test_a_spec_whose_job_may_go_on_goes_back_only_by_name(memory_path: Path) -> None:
    world = SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=Layout.STAGED)
    world.ledger_place = memory_path / "state" / "watch" / "drops"
    world.drop("a.json", {"ends": None})
    await world.passes(world.life(), 4)
    world.scheduler.forget()
    world.end()
    assert await reset(world, "--yes") == 0
    assert (world.root / "running" / "a.json").exists()
    assert await reset(world, "--yes", "a.json") == 0
    await world.passes(world.life(), 4)
    assert len(world.scheduler.made) == 2


async def test_an_operator_confirms_a_folder_that_came_back_empty(memory_path: Path) -> None:
    world = SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=Layout.FLAT)
    world.ledger_place = memory_path / "state" / "watch" / "drops"
    await world.passes(world.life(), 1)
    world.end()
    world.root.rename(memory_path / "away")
    world.root.mkdir()
    outcome = await world.passes(world.life(), 1)
    world.end()
    assert outcome.folder.state.value == "PAUSED"
    assert await reset(world, "--accept-folder") == 0
    world.drop("a.json", {"n": 1})
    outcome = await world.passes(world.life(), 8)
    assert told(outcome)["processed/a.json"][0] == "DONE"
