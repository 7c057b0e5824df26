"""Something happens before each call of each port: the watcher is killed, a spec is replaced. Each drop is one job."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from proxx_watcher.domain.folder_settings import Layout
from tests.unit.watcher.spec_world import Breaker, KilledError, SpecWorld

DROPS: dict[str, object] = {
    "a good.json": {"n": 1},
    "b bad.json": {"n": 2, "ends": "FAILED"},
    "c refused.json": {"n": 3, "refuse": True},
}
LAYOUTS = (Layout.STAGED, Layout.FLAT)


def keep(ledger: Path) -> None:
    """Nothing happens to it."""


def lose(ledger: Path) -> None:
    ledger.unlink(missing_ok=True)


def garble(ledger: Path) -> None:
    if ledger.exists():
        data = bytearray(ledger.read_bytes())
        data[len(data) // 2] ^= 0xFF
        ledger.write_bytes(data)


def tear(ledger: Path) -> None:
    if ledger.exists():
        ledger.write_bytes(ledger.read_bytes()[:-7])


@pytest.mark.parametrize(
    ("harm", "stride"), [(keep, 1), (lose, 1), (garble, 5), (tear, 5)], ids=["kept", "lost", "garbled", "torn"]
)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.value))
async def test_a_kill_at_any_step_makes_each_drop_one_job_and_files_it(
    memory_path: Path, layout: Layout, harm: Callable[[Path], None], stride: int
) -> None:
    at = 1 - stride
    killed = True
    while killed:
        at += stride
        place = memory_path / str(at)
        place.mkdir()
        world = SpecWorld(root=place / "drops", state=place / "state", layout=layout, max_workers=2)
        for name, document in DROPS.items():
            world.drop(name, document)
        killed = await _killed_at(world, Breaker(at=at))
        harm(world.ledger)
        outcome = await world.passes(world.life(), 10)
        assert not outcome.busy, at
        _expect_all_filed(world, at)
    assert at > 60


async def _killed_at(world: SpecWorld, breaker: Breaker) -> bool:
    try:
        await world.passes(world.life(breaker=breaker), 8)
    except KilledError:
        return True
    return False


def _expect_all_filed(world: SpecWorld, at: int) -> None:
    assert [json.loads(text)["n"] for text in sorted(world.scheduler.submitted)] == [1, 2], at
    good, bad = world.good.name, "failed"
    results = [(name, name == "a good.json") for name in DROPS]
    expected = [f"{good}/a good.json", f"{bad}/b bad.json", f"{bad}/c refused.json"]
    expected += [str(world.result(name, good=well).relative_to(world.root)) for name, well in results]
    expected += ["processed_manifest.json"] if world.layout is Layout.FLAT else []
    assert world.tree() == sorted(expected), at
    for name, well in results:
        document = json.loads(world.result(name, good=well).read_text())
        seen = (document["outcome"], document["job_key"], document["_metadata"]["jobspec_path"])
        outcome, job = {
            "a good.json": ("COMPLETED", True),
            "b bad.json": ("FAILED", True),
            "c refused.json": ("REJECTED", False),
        }[name]
        assert seen[0] == outcome, at
        assert (seen[1] is not None) is job, at
        assert seen[2] == str(world.inbox / name), at


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.value))
async def test_a_spec_that_is_replaced_at_any_step_is_a_drop_of_its_own(memory_path: Path, layout: Layout) -> None:
    at, steps = 0, 1
    while at < steps:
        at += 1
        place = memory_path / str(at)
        place.mkdir()
        world = SpecWorld(root=place / "drops", state=place / "state", layout=layout)
        world.drop("a.json", {"n": 1})

        def replace_it(world: SpecWorld = world) -> None:
            world.drop(".new", {"n": 2}).rename(world.inbox / "a.json")

        breaker = Breaker(at=at, act=replace_it)
        folder = world.life(breaker=breaker)
        await world.passes(folder, 8)
        steps = breaker.count
        outcome = await world.passes(folder, 10)
        made = [json.loads(text)["n"] for text in world.scheduler.submitted]
        assert made in ([2], [1, 2]), at
        assert json.loads((world.good / "a.json").read_text()) == {"n": 2}, at
        assert json.loads(world.result("a.json").read_text())["job_key"] == world.scheduler.made[-1], at
        assert not (world.inbox / "a.json").exists(), at
        assert not outcome.busy, at
    assert at > 60
