"""The files of looks on an executor's disk."""

import asyncio
import hashlib
from pathlib import Path

import pytest

from proxx.core.failure import FailureKind
from proxx.core.look import Asset
from proxx.engine.asset_cache import AssetCache
from proxx.engine.errors import StepFailedError
from proxx.engine.scheduler_port import CallRefusedError, SchedulerDefectError, SchedulerUnavailableError
from tests.fakes.clock import FakeClock, settle
from tests.fakes.scheduler_port import FakeScheduler

TABLE, LOGO, FONT = b"table", b"a logo", b"a font of letters"


def asset(data: bytes, name: str = "house.cube") -> Asset:
    return Asset(name=name, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


class Bench:
    def __init__(self, directory: Path, *, limit_bytes: int = 1000) -> None:
        self.scheduler = FakeScheduler()
        self.scheduler.assets = {hashlib.sha256(data).hexdigest(): data for data in (TABLE, LOGO, FONT)}
        self.clock = FakeClock()
        self.directory = directory
        self.cache = AssetCache(port=self.scheduler, directory=directory, clock=self.clock, limit_bytes=limit_bytes)

    async def use(self, *assets: Asset) -> list[bytes]:
        async with self.cache.hold(assets) as held:
            return [held[found.sha256].read_bytes() for found in assets]

    async def failure(self, *assets: Asset) -> StepFailedError:
        with pytest.raises(StepFailedError) as caught:
            await self.use(*assets)
        return caught.value

    def left(self) -> set[bytes]:
        return {path.read_bytes() for path in self.directory.iterdir()}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def test_files_are_fetched_once_and_named_by_their_digest(bench: Bench) -> None:
    table, logo = asset(TABLE), asset(LOGO, "logo.png")
    assert await bench.use(table, logo) == [TABLE, LOGO]
    assert await bench.use(logo) == [LOGO]
    assert bench.scheduler.asked_assets == [table.sha256, logo.sha256]
    assert {path.name for path in bench.directory.iterdir()} == {f"{table.sha256}.cube", f"{logo.sha256}.png"}


async def test_only_its_owner_reads_a_file_and_its_directory(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "cache")
    assert not bench.directory.exists()
    async with bench.cache.hold((asset(TABLE),)) as held:
        (path,) = held.values()
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_a_file_that_was_changed_on_the_disk_is_fetched_again(bench: Bench) -> None:
    await bench.use(asset(TABLE))
    (path,) = bench.directory.iterdir()
    path.write_bytes(b"other")
    assert await bench.use(asset(TABLE)) == [TABLE]


async def test_a_file_that_nobody_has_any_more_fails_the_clip_with_its_name_and_digest(bench: Bench) -> None:
    gone = asset(b"gone", "gone.cube")
    failure = (await bench.failure(asset(TABLE), gone)).failure
    assert (failure.kind, failure.message) == (
        FailureKind.ASSET_UNAVAILABLE,
        f'The look needs "gone.cube" (sha256 {gone.sha256}), which is not to be had: no {gone.sha256}',
    )


async def test_other_bytes_than_the_digest_says_are_not_kept(bench: Bench) -> None:
    wanted = asset(TABLE)
    bench.scheduler.assets[wanted.sha256] = b"evil!"
    failure = (await bench.failure(wanted)).failure
    assert failure.kind is FailureKind.ASSET_UNAVAILABLE
    assert failure.message.endswith("which is not to be had: the scheduler sent 5 other bytes")
    assert bench.left() == set()


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(Asset(name="a.cube", sha256="../../etc/passwd", size_bytes=1), id="a path for a digest"),
        pytest.param(Asset(name="a.sh", sha256="0" * 64, size_bytes=1), id="another suffix"),
        pytest.param(Asset(name="a.cube/../x", sha256="0" * 64, size_bytes=1), id="a path for a name"),
    ],
)
async def test_a_name_on_this_disk_comes_from_a_digest_and_a_known_suffix_only(bench: Bench, wrong: Asset) -> None:
    assert (await bench.failure(wrong)).failure.kind is FailureKind.ASSET_UNAVAILABLE
    assert bench.scheduler.asked_assets == []


async def test_a_silent_scheduler_is_asked_until_it_answers(bench: Bench) -> None:
    bench.scheduler.fail("get_asset", SchedulerUnavailableError("down"), SchedulerDefectError("defect"))
    using = asyncio.create_task(bench.use(asset(TABLE)))
    await settle()
    assert not using.done()
    await bench.clock.advance(10)
    assert await using == [TABLE]


async def test_a_scheduler_that_can_only_fail_fails_the_clip(bench: Bench) -> None:
    bench.scheduler.fail("get_asset", *(SchedulerDefectError("defect") for _ in range(10)))
    using = asyncio.create_task(bench.failure(asset(TABLE)))
    await bench.clock.advance(100)
    assert (await using).failure.message.endswith("not to be had: defect")


async def test_a_refusal_fails_the_clip(bench: Bench) -> None:
    bench.scheduler.fail("get_asset", CallRefusedError("no", reason="REQUEST_INVALID"))
    assert (await bench.failure(asset(TABLE))).failure.kind is FailureKind.ASSET_UNAVAILABLE


async def test_the_oldest_files_go_when_there_are_too_many_and_none_that_is_in_use(tmp_path: Path) -> None:
    bench = Bench(tmp_path, limit_bytes=len(LOGO) + len(FONT))
    async with bench.cache.hold((asset(TABLE),)):
        await bench.use(asset(LOGO))
        await bench.use(asset(FONT))
        assert bench.left() == {TABLE, FONT}
    assert bench.left() == {TABLE, FONT}
    await bench.use(asset(TABLE), asset(LOGO))
    assert bench.left() == {TABLE, LOGO}


async def test_a_disk_that_does_not_take_the_file_is_named(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "absent" / "cache")
    failure = (await bench.failure(asset(TABLE))).failure
    assert failure.kind is FailureKind.IO_ERROR
    assert failure.message.startswith('cannot keep "house.cube", which the look needs')


async def test_two_at_once_share_one_fetch(bench: Bench) -> None:
    assert await asyncio.gather(bench.use(asset(TABLE)), bench.use(asset(TABLE))) == [[TABLE], [TABLE]]
    assert bench.scheduler.asked_assets == [asset(TABLE).sha256]
