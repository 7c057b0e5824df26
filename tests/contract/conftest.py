"""Worlds for the contract: `world` with leases longer than any test, `brief` with leases that expire in a second."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.contract.world import World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=60) as found:
        yield found


@pytest_asyncio.fixture
async def brief(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=1) as found:
        yield found
