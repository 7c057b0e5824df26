"""Databases for every tier: `database` is each of the two in turn."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxx_scheduler.database_address import DatabaseAddress, database_address
from tools.postgres_server import PostgresMissingError, PostgresServer, postgres_server

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session", autouse=True)
def _quiet_grpc() -> None:
    """As proxx.runtime.logs does, also where pytest is asked for debug lines: one of gRPC's crashes the interpreter."""
    logging.getLogger("grpc").setLevel(logging.INFO)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server of this test process's own. Where there can be none: a failure in CI, a skip elsewhere."""
    try:
        with postgres_server(in_memory=True) as server:
            yield server
    except PostgresMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must test PostgreSQL: {error}")
        pytest.skip(f"no PostgreSQL: {error}")


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseAddress:
    """An address at which there is nothing yet."""
    return new_database(request, kind=request.param, directory=tmp_path)


def new_database(request: pytest.FixtureRequest, *, kind: str, directory: Path) -> DatabaseAddress:
    """Return an empty database of one kind, for the length of the test."""
    if kind == "sqlite":
        return database_address(str(directory / "proxx.db"))
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create()
    request.addfinalizer(lambda: server.give_back(url))
    return database_address(url)
