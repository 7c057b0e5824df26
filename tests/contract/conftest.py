"""Worlds for the contract: `world` with leases longer than any test, `brief` with leases that expire in a second."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from tests.contract.world import World


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """A provoked defect logs its trace with every local value, which takes longer than the test."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=60) as found:
        yield found


@pytest_asyncio.fixture
async def brief(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=1) as found:
        yield found
