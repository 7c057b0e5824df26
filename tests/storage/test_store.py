"""The store: durable writes, one failing piece of a batch, effects after the commit, events in a chain."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import Connection
from sqlalchemy.event import listens_for

from proxx.core.canonical import digest
from proxx.core.jobs import ClipState, JobState
from proxx.core.roots import RootPath
from proxx.core.steps import StepKind
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import Effect, EventAppended, QueuedStep, WorkQueued
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.storage.database import open_database
from proxx_scheduler.storage.store import SqlStore
from tests.fakes.new_jobs import NOW, a_new_job


class Harness:
    def __init__(self, address: DatabaseAddress) -> None:
        self.effects: list[Effect] = []
        self.store = SqlStore(database=open_database(address=address, holder="test"), on_commit=self.effects.extend)


@pytest_asyncio.fixture
async def harness(database: DatabaseAddress) -> AsyncIterator[Harness]:
    found = Harness(database)
    found.store.start()
    yield found
    await found.store.close()


def waiting_steps(tx: Tx) -> list[QueuedStep]:
    lanes = tx.first_lanes(needs=tx.waiting_needs(), without=())
    return [step for lane in lanes for step in tx.lane_steps(lane, limit=10)]


async def add(harness: Harness, key: str = "job-1", clips: int = 2) -> None:
    await harness.store.write(lambda tx: tx.add_job(a_new_job(key=key, clips=clips), step_ids=(f"step-of-{key}",)))


async def test_a_written_job_is_read_back(harness: Harness) -> None:
    await add(harness)
    view = await harness.store.read(lambda tx: tx.job_view("job-1"))
    assert view is not None
    assert (view.state, view.counts.total, view.job_id, view.submit_time) == (JobState.PENDING, 2, "0000beef", NOW)
    clips, more = await harness.store.read(lambda tx: tx.clip_page("job-1", after=-1, size=10))
    assert [(clip.clip_index, clip.state, clip.output_path) for clip in clips] == [
        (0, ClipState.QUEUED, "/out/job-1/0.mp4"),
        (1, ClipState.QUEUED, "/out/job-1/1.mp4"),
    ]
    assert more is None


async def test_its_probe_step_waits_in_the_queue(harness: Harness) -> None:
    await add(harness)
    steps = await harness.store.read(waiting_steps)
    assert [(step.step_id, step.kind, step.clip_index, step.last_clip, step.roots) for step in steps] == [
        ("step-of-job-1", StepKind.PROBE, 0, 1, ("local",))
    ]


async def test_one_failing_write_leaves_the_others_of_its_batch_alone(harness: Harness) -> None:
    def broken(tx: Tx) -> None:
        tx.add_job(a_new_job(key="broken"), step_ids=("step-of-broken",))
        raise ValueError("this one fails")

    outcomes = await asyncio.gather(
        add(harness, "first"), harness.store.write(broken), add(harness, "second"), return_exceptions=True
    )
    assert [str(outcome) for outcome in outcomes] == ["None", "this one fails", "None"]
    keys = (await harness.store.read(lambda tx: tx.unfinished_jobs())).keys
    assert keys == ("first", "second")
    told = [effect.event.job_key for effect in harness.effects if isinstance(effect, EventAppended)]
    assert told == ["first", "second"]
    assert WorkQueued() in harness.effects


async def test_a_caller_that_goes_away_costs_nobody_else_their_write(harness: Harness) -> None:
    held, running = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        running.set()
        held.wait(10)

    holding = asyncio.create_task(harness.store.write(hold))
    await asyncio.to_thread(running.wait, 10)
    left = asyncio.create_task(add(harness, "left"))
    await asyncio.sleep(0)  # lets the write reach the queue
    left.cancel()
    holding.cancel()
    await asyncio.gather(left, holding, return_exceptions=True)  # the loop has told the store before the writer goes on
    held.set()
    await add(harness, "kept")
    assert (await harness.store.read(lambda tx: tx.unfinished_jobs())).keys == ("kept",)


async def test_a_job_survives_closing_and_opening(database: DatabaseAddress) -> None:
    first = Harness(database)
    first.store.start()
    await add(first)
    await first.store.close()
    again = Harness(database)
    again.store.start()
    assert await again.store.read(lambda tx: tx.job_view("job-1")) is not None
    await again.store.close()


async def test_events_form_a_chain_that_covers_every_field(harness: Harness) -> None:
    await add(harness)

    def reject(tx: Tx) -> None:
        board = tx.board("job-1")
        assert board is not None
        board.reject(violations=1)
        tx.save(board, actor="scheduler", now=NOW, new_step_id=lambda: "unused")

    await harness.store.write(reject)
    events = await harness.store.read(lambda tx: tx.events_after(sequence=0, job_keys=(), limit=10))
    assert [(event.kind, event.before, event.after) for event in events] == [
        ("job.submit", "", "PENDING"),
        ("job.reject", "PENDING", "REJECTED"),
        ("clips.skip", "QUEUED", "SKIPPED"),
    ]
    previous = "0" * 64
    for event in events:
        assert event.previous_hash == previous
        fields = {
            "previous_hash": previous,
            "sequence": event.sequence,
            "job_key": event.job_key,
            "job_sequence": event.job_sequence,
            "clip_index": event.clip_index,
            "event_time": event.event_time.isoformat(timespec="microseconds"),
            "actor": event.actor,
            "kind": event.kind,
            "before": event.before,
            "after": event.after,
            "data_json": event.data_json,
        }
        assert digest(fields) == event.hash
        assert isinstance(json.loads(event.data_json), dict)
        previous = event.hash
    found = await harness.store.read(lambda tx: tx.job_result("job-1", after=-1, size=10))
    assert found is not None
    result, more = found
    assert more is None
    assert result.event_chain_head == previous
    assert [clip.skip_reason for clip in result.clips] == ["rejected", "rejected"]


async def test_jobs_are_listed_newest_first_in_pages(harness: Harness) -> None:
    for number in range(5):
        await add(harness, f"job-{number}", clips=1)
    first, more = await harness.store.read(lambda tx: tx.job_page(after=None, size=2, states=(), job_id=""))
    second, rest = await harness.store.read(lambda tx: tx.job_page(after=more, size=2, states=(), job_id=""))
    third, end = await harness.store.read(lambda tx: tx.job_page(after=rest, size=2, states=(), job_id=""))
    assert [[view.job_key for view in page] for page in (first, second, third)] == [
        ["job-4", "job-3"],
        ["job-2", "job-1"],
        ["job-0"],
    ]
    assert end is None


async def test_a_taken_output_path_is_told_with_its_holder(harness: Harness) -> None:
    taken_first = await harness.store.write(lambda tx: tx.reserve("job-1", keys={"local:a": 0, "local:b": 1}))
    taken_then = await harness.store.write(lambda tx: tx.reserve("job-2", keys={"local:b": 0, "local:c": 1}))
    assert (taken_first, taken_then) == ({}, {"local:b": "job-1"})
    assert await harness.store.read(lambda tx: tx.reserved(keys=["local:c"])) == {}


async def test_outputs_of_other_jobs_in_a_directory_are_taken_and_those_below_or_beside_it_are_not(
    harness: Harness,
) -> None:
    held = {"local:out/a_%.mp4": 0, "local:out/b.mp4": 1, "local:out2/c.mp4": 2, "local:outx": 3}
    await harness.store.write(lambda tx: tx.reserve("job-1", keys=held))
    await harness.store.write(lambda tx: tx.reserve("job-2", keys={"local:out/own.mp4": 0}))

    found = await harness.store.read(
        lambda tx: tx.taken_outputs(job_key="job-2", directories=[RootPath(root="local", path="out")], since=NOW)
    )

    assert found == {"local:out/a_%.mp4", "local:out/b.mp4"}


async def test_a_job_that_only_moves_in_the_queue_wakes_those_that_may_take_its_work_now(harness: Harness) -> None:
    await add(harness)
    harness.effects.clear()

    def move(tx: Tx) -> None:
        board = tx.board("job-1")
        assert board is not None
        board.reschedule(priority=None, queue="night")
        tx.save(board, actor="operator", now=NOW, new_step_id=lambda: "none")

    await harness.store.write(move)
    assert [effect for effect in harness.effects if isinstance(effect, WorkQueued)] == [WorkQueued()]


async def test_a_replayed_acquire_looks_at_held_steps_only(tmp_path: Path) -> None:
    harness = Harness(database_address(str(tmp_path / "proxx.db")))
    harness.store.start()

    def plan(tx: Tx) -> list[str]:
        connection: Connection = tx.connection  # type: ignore[attr-defined]  # the real transaction
        asked: list[tuple[str, Any]] = []

        @listens_for(connection, "before_cursor_execute")
        def seen(_c: object, _cursor: object, statement: str, values: Any, _context: object, _many: bool) -> None:
            asked.append((statement, values))

        assert tx.granted_by(session_id="nobody", acquire_sequence=1) == ()
        statement, values = asked[0]
        return [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]

    details = await harness.store.read(plan)
    await harness.store.close()
    # the first loop goes over an index that leaves out what nobody holds; the rest is looked up
    assert details[0].split(" (")[0] in (
        "SEARCH steps USING INDEX ix_steps_lease_id",
        "SCAN steps USING INDEX ix_steps_held",
    )
