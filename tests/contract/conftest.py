"""Worlds for the contract: `world` with leases longer than any test, `brief` with leases that expire in a second."""

import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from proxx_scheduler.database_address import DatabaseAddress
from tests.conftest import KINDS, new_database
from tests.contract.world import World

ON_BOTH_DATABASES = frozenset(
    {"test_audit", "test_commit", "test_delivery", "test_leases", "test_ordering", "test_recovery", "test_restarts"}
)
"""What says most about a store. `make test-postgresql` runs the whole contract on PostgreSQL."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" not in metafunc.fixturenames:
        return
    only = os.environ.get("PROXX_CONTRACT_DATABASE")
    if only:
        metafunc.parametrize("database_kind", [only])
        return
    both = os.environ.get("PROXX_LONG") or Path(str(metafunc.module.__file__)).stem in ON_BOTH_DATABASES
    metafunc.parametrize("database_kind", KINDS if both else KINDS[:1])


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, database_kind: str) -> DatabaseAddress:
    """The database of a world."""
    return new_database(request, kind=database_kind, directory=tmp_path)


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    """A provoked defect logs its trace with every local value, which takes longer than the test."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture
async def world(tmp_path: Path, database: DatabaseAddress) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=60, database=database) as found:
        yield found


@pytest_asyncio.fixture
async def brief(tmp_path: Path, database: DatabaseAddress) -> AsyncIterator[World]:
    async with World(tmp_path, lease_seconds=1, database=database) as found:
        yield found
