"""A migration that is killed leaves the old schema or the new one, and the next start finishes it.

PROXX_LONG=1 kills it before every statement, else before every fourth.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from proxx_scheduler.database_address import DatabaseAddress
from proxx_scheduler.storage.database import SCHEMA_REVISION
from tests.fakes.stores import migrate, run_sql, schema_of

STRIDE = 1 if os.environ.get("PROXX_LONG") == "1" else 4
CLIP = (
    "INSERT INTO reservations (path_key, job_key, clip_index) VALUES ('local:a', 'job-1', 0)",
    "INSERT INTO requests (request_id, body_digest, job_key) VALUES ('r', 'b', 'job-1')",
)


@pytest.fixture(scope="module")
def opening() -> Iterator[Callable[[DatabaseAddress, int], bool]]:
    """Open a database in a process that is killed before its n-th statement. Tells whether it lived to the end."""
    argv = [sys.executable, "-m", "tests.storage.killed_migration"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def tell(address: DatabaseAddress, fatal: int) -> bool:
            stdin.write(f"{address.path or address.url} {fatal}\n")
            stdin.flush()
            answer = stdout.readline().strip()
            assert answer in ("lived", "killed")
            return answer == "lived"

        yield tell
        process.stdin.close()


def state_of(address: DatabaseAddress) -> tuple[object, object, object]:
    schema = schema_of(address)
    tables = sorted(name for name in schema if name not in ("alembic_version", "leadership", "installation"))
    counts = [run_sql(address, f"SELECT count(*) FROM {name}") for name in tables]  # noqa: S608  names of our own
    revision = run_sql(address, "SELECT version_num FROM alembic_version") if "alembic_version" in schema else []
    return schema, revision, counts


@pytest.mark.process
@pytest.mark.parametrize("first", ["", "0001"], ids=["a_new_database", "an_old_database"])
def test_a_start_killed_at_any_statement_leaves_the_old_schema_or_the_new_one(
    database: DatabaseAddress, opening: Callable[[DatabaseAddress, int], bool], first: str
) -> None:
    if first:
        migrate(database, first)
        run_sql(database, *CLIP)
    old = state_of(database)
    fatal, killed = 1 - STRIDE, 0
    while True:
        fatal += STRIDE
        if opening(database, fatal):
            break
        killed += 1
        assert state_of(database) == old, f"killed before statement {fatal}"
    schema, revision, counts = state_of(database)
    assert revision == [(SCHEMA_REVISION,)]
    assert schema != old[0]
    assert killed >= 10
    if first:
        assert run_sql(database, "SELECT path_key FROM reservations") == [("local:a",)]
        assert run_sql(database, "SELECT request_id FROM requests") == [("r",)]
    assert sum(count[0][0] for count in counts) == (2 if first else 0)  # type: ignore[attr-defined]  # rows of counts
