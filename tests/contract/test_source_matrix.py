"""The scheduler's setting travels with every PROBE, of jobs and of dry runs: executors have none of their own."""

import asyncio
from pathlib import Path

import pytest

from proxx.core.leases import Lease
from proxx.core.steps import StepKind
from proxx.runtime.settings import SettingsInvalidError
from proxx_scheduler.settings import read_settings
from tests.contract.world import World


def matrix_of(lease: Lease) -> int:
    assert lease.probe is not None
    return lease.probe.source_matrix


@pytest.mark.parametrize("version", [1, 2])
async def test_every_probe_carries_the_version_that_the_site_has_set(tmp_path: Path, version: int) -> None:
    async with World(tmp_path, lease_seconds=60, source_matrix=version) as world:
        executor = await world.executor()
        asked = asyncio.create_task(world.client.probe_source(paths=["/footage/A001.mov"]))
        assert matrix_of(await executor.answer_probes()) == version
        await asked
        await world.submit()
        assert matrix_of(await executor.answer_probes()) == version


async def test_after_a_restart_with_another_version_that_one_counts(tmp_path: Path) -> None:
    async with World(tmp_path, lease_seconds=60) as world:
        await world.submit()
        world.source_matrix = 2
        await world.restart()
        executor = await world.executor()
        assert matrix_of(await executor.take_one(StepKind.PROBE)) == 2


def test_the_setting_comes_from_the_flag_or_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings([]).source_matrix == 1
    assert read_settings(["--source-matrix", "2"]).source_matrix == 2
    monkeypatch.setenv("PROXX_SOURCE_MATRIX", "2")
    assert read_settings([]).source_matrix == 2


def test_an_unknown_version_stops_the_start_by_name() -> None:
    with pytest.raises(SettingsInvalidError, match=r"setting source_matrix is '3'.*known versions of the source"):
        read_settings(["--source-matrix", "3"])
