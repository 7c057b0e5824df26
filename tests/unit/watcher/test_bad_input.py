"""Bad input to JobSpec folders that no other test here has: names of results, loops of links, changes in place."""

import json
from pathlib import Path

import pytest

from proxx_watcher.domain.folder_settings import Layout
from tests.unit.watcher.spec_world import Breaker, SpecWorld, told

LAYOUTS = pytest.mark.parametrize("layout", [Layout.STAGED, Layout.FLAT], ids=["staged", "flat"])


def world_of(memory_path: Path, layout: Layout) -> SpecWorld:
    return SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=layout)


async def test_a_spec_named_like_a_result_is_told_where_results_do_not_belong(memory_path: Path) -> None:
    world = world_of(memory_path, Layout.STAGED)
    world.drop("a.result.json", {"n": 1})
    outcome = await world.passes(world.life())
    assert told(outcome)["pending/a.result.json"] == (
        "REFUSED",
        "names that end with .result.json are results, not JobSpecs",
    )
    assert world.scheduler.made == []


async def test_a_foreign_file_under_the_name_of_a_result_is_no_spec_and_is_never_written_over(
    memory_path: Path,
) -> None:
    world = world_of(memory_path, Layout.FLAT)
    foreign = world.drop("a.result.json", {"n": 1})
    folder = world.life()
    world.drop("a.json", {"n": 2})
    outcome = await world.passes(folder)
    assert told(outcome) == {
        "a.json": (
            "SKIPPED",
            "a result of its name stands there already, and does not say which JobSpec it is of; "
            "`proxx watch reset` makes it anew",
        )
    }
    assert (world.scheduler.made, json.loads(foreign.read_text())) == ([], {"n": 1})
    foreign.unlink()
    await world.passes(folder)
    assert json.loads(world.result("a.json").read_text())["outcome"] == "COMPLETED"


@LAYOUTS
async def test_loops_of_links_are_told_and_never_followed(memory_path: Path, layout: Layout) -> None:
    world = world_of(memory_path, layout)
    (world.inbox / "self.json").symlink_to("self.json")
    (world.inbox / "up").symlink_to(world.root)
    world.drop("a.json", {"n": 1})
    outcome = await world.passes(world.life())
    assert "self.json" in str(told(outcome))
    assert "it is a symbolic link; only a regular file is taken" in str(told(outcome))
    assert len(world.scheduler.made) == 1
    assert (world.good / "a.json").exists()


@LAYOUTS
async def test_a_spec_that_is_written_anew_in_place_at_any_step_is_never_submitted_by_halves(
    memory_path: Path, layout: Layout
) -> None:
    at, steps = 0, 1
    texts = [json.dumps({"n": 1}), json.dumps({"n": 2, "longer": "x" * 40})]
    while at < steps:
        at += 1
        place = memory_path / str(at)
        place.mkdir()
        world = world_of(place, layout)
        spec = world.drop("a.json", text=texts[0])

        def write_anew(spec: Path = spec) -> None:
            if spec.exists():
                with spec.open("r+") as file:
                    file.write(texts[1])

        breaker = Breaker(at=at, act=write_anew)
        folder = world.life(breaker=breaker)
        await world.passes(folder, 8)
        steps = breaker.count
        await world.passes(folder, 10)
        assert world.scheduler.submitted in (texts[:1], texts[1:], texts), at
        assert not (world.inbox / "a.json").exists(), at
        filed = (world.good / "a.json").read_text()
        assert filed == world.scheduler.submitted[-1], at
    assert at > 60
