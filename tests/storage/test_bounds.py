"""What must not grow with the number of clips: looks into indexes, single rows changed. And migration 0011."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.event import listens_for

from proxx.core.roots import RootPath
from proxx.core.steps import StepKind
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import LeaseRecord, ProbeRange
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.storage import tables as t
from tests.fakes.new_jobs import NOW, a_new_job
from tests.fakes.stores import migrate, open_store, plain_engine, run_sql
from tests.storage.test_lane_migration import job

OUT = RootPath(root="local", path="out")


def connection_of(tx: Tx) -> Connection:
    connection: Connection = tx.connection  # type: ignore[attr-defined]  # the real transaction
    return connection


async def test_taken_outputs_are_looked_up_and_never_searched_for(tmp_path: Path) -> None:
    def plans(tx: Tx) -> list[list[str]]:
        connection = connection_of(tx)
        asked: list[tuple[str, Any]] = []

        @listens_for(connection, "before_cursor_execute")
        def seen(_c: object, _cursor: object, statement: str, values: Any, _context: object, _many: bool) -> None:
            asked.append((statement, values))

        tx.taken_outputs(job_key="job-2", directories=[OUT], since=NOW)
        return [
            [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            for statement, values in list(asked)
        ]

    async with open_store(database_address(str(tmp_path / "proxx.db"))) as harness:
        await harness.add("job-1")
        await harness.store.write(
            lambda tx: connection_of(tx).exec_driver_sql(
                "UPDATE jobs SET end_time = '2099-01-01T00:00:00.000000+00:00'"
            )
        )
        found = await harness.store.read(plans)
    assert found == [
        ["SEARCH reservations USING INDEX ix_reservations_directory (directory=?)"],
        ["SEARCH jobs USING INDEX ix_jobs_end_time (end_time>?)"],
        ["SEARCH clips USING INDEX sqlite_autoindex_clips_1 (job_key=?)"],
    ]


async def test_a_step_that_is_handed_back_changes_no_other(database: DatabaseAddress) -> None:
    probes = tuple(ProbeRange(first=index, last=index) for index in range(64))
    many = replace(a_new_job(clips=64), probes=probes)
    lease = LeaseRecord(
        lease_id="none", step_id="step-7", epoch=1, job_key="job-1", clip_index=7, last_clip=7, kind=StepKind.PROBE,
        session_id="", acquire_sequence=0, live=True, started=False, outcome="", answer=None, cancelled=False,
    )  # fmt: skip

    def hand_back(tx: Tx) -> int:
        changed: list[int] = []

        @listens_for(connection_of(tx), "after_cursor_execute")
        def seen(_c: object, cursor: Any, statement: str, _v: object, _context: object, _many: bool) -> None:
            if statement.startswith("UPDATE steps"):
                changed.append(cursor.rowcount)

        tx.requeue_step(lease)
        return sum(changed)

    async with open_store(database) as harness:
        step_ids = tuple(f"step-{index}" for index in range(64))
        await harness.store.write(lambda tx: tx.add_job(many, step_ids=step_ids))
        assert await harness.store.write(hand_back) == 1


async def test_what_was_reserved_and_named_before_is_known_after_the_migration(database: DatabaseAddress) -> None:
    migrate(database, "0009")
    engine = plain_engine(database)
    held = [("local:out/a.mp4", "job-1"), ("local:out/sub/b.mp4", "job-1"), ("local:c.mp4", "job-1")]
    with engine.begin() as connection:
        for number, admitted, run in ((1, True, 1), (2, False, 2), (3, False, 1)):
            row = job(number, state="RUNNING", queue="a", priority=0) | {"admitted": admitted, "run_number": run}
            connection.execute(insert(t.jobs).values(row))  # it names the columns of then
        for number, (key, holder) in enumerate(held):
            row = {"path_digest": str(number), "path_key": key, "job_key": holder, "clip_index": number}
            connection.execute(insert(t.reservations).values(row))
    engine.dispose()

    def taken(tx: Tx, path: str) -> frozenset[str]:
        return tx.taken_outputs(job_key="other", directories=[RootPath(root="local", path=path)], since=NOW)

    async with open_store(database) as harness:
        found = [await harness.store.read(lambda tx, path=path: taken(tx, path)) for path in ("out", "out/sub", "")]  # type: ignore[misc]  # the default binds the loop's value
        installation = await harness.store.read(lambda tx: tx.installation())
    assert found == [{"local:out/a.mp4"}, {"local:out/sub/b.mp4"}, {"local:c.mp4"}]
    named = run_sql(database, "SELECT job_key, named FROM jobs ORDER BY sequence")
    assert [(key, bool(value)) for key, value in named] == [("job-1", True), ("job-2", True), ("job-3", False)]
    assert (len(installation.page_key), installation.planner_version, installation.resources_digest) == (64, 0, "")
    async with open_store(database) as again:
        assert await again.store.read(lambda tx: tx.installation()) == installation
