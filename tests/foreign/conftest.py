"""A scheduler for clients that were not written here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.contract.conftest import quiet_logs
from tests.contract.world import World

__all__ = ["quiet_logs"]


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=60) as found:
        yield found
