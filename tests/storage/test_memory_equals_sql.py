"""The simulation's memory keeps the promises of the product's SQL: one suite, both, piece by piece.

Whole histories on both are compared in tests/simulation/test_histories.py.
"""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from proxx.core.failure import FailureKind
from proxx_scheduler.app.ports import Tx
from proxx_scheduler.app.records import SessionRecord
from proxx_scheduler.domain.fencing import ExecutorRecord, Mark
from tests.fakes.leases import DESCRIPTION
from tests.fakes.new_jobs import NOW, a_new_job
from tests.simulation.memory_backend import MemoryBackend, MemoryTx
from tests.simulation.sql_backend import SqlBackend

KIND = FailureKind.IO_ERROR
LEFT_OUT = {
    **dict.fromkeys(
        ("log_end", "log_page", "newest_prune", "prunable", "prunable_counts", "retire"), "a view of audits"
    ),
    "installation": "no simulated scheduler writes page tokens",
    "mark_installation": "no simulated scheduler is upgraded",
    "outdated_plans": "no simulated scheduler is upgraded",
    "outdated_count": "no simulated scheduler is upgraded",
    "renew_plans": "no simulated scheduler is upgraded",
    "set_resources": "no simulated site changes its settings",
    "add_revision": "no simulated operator rebinds a job",
    "spec_revisions": "no simulated operator rebinds a job",
    "job_page": "a view of clients",
    "job_result": "a view of clients",
}


@pytest.fixture(params=[MemoryBackend, SqlBackend], ids=["memory", "sql"])
def backend(request: pytest.FixtureRequest) -> Any:
    return request.param()


def run(backend: Any, *works: Callable[[Tx], Any]) -> list[Any]:
    """The values of pieces that ran in one transaction; an error stands for itself."""
    return [outcome.error or outcome.value for outcome in backend.run(works)]


def add(key: str) -> Callable[[Tx], None]:
    return lambda tx: tx.add_job(a_new_job(key=key), step_ids=(f"step-of-{key}",))


def cancel(key: str) -> Callable[[Tx], None]:
    def work(tx: Tx) -> None:
        board = tx.board(key)
        assert board is not None
        board.cancel(now=True)
        tx.save(board, actor="operator", now=NOW, new_step_id=lambda: "unused")

    return work


def test_the_memory_has_every_method_of_the_port_but_those_that_no_history_calls() -> None:
    methods = {name for name, _ in inspect.getmembers(Tx, inspect.isfunction) if not name.startswith("_")}
    assert methods - set(LEFT_OUT) - {name for name in dir(MemoryTx) if not name.startswith("_")} == set()


def test_a_piece_that_fails_leaves_nothing_and_the_others_whole(backend: Any) -> None:
    def broken(tx: Tx) -> None:
        add("broken")(tx)
        raise ValueError("this one fails")

    first, failed, second = run(backend, add("first"), broken, add("second"))
    assert (first, str(failed), second) == (None, "this one fails", None)
    assert backend.read(lambda tx: tx.unfinished_jobs()).keys == ("first", "second")
    assert backend.read(lambda tx: tx.newest_sequence()) == 2


def test_what_a_read_writes_is_undone(backend: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        backend.read(lambda tx: (add("never")(tx), 1 // 0))
    assert backend.read(lambda tx: tx.job_view("never")) is None


def test_a_request_and_an_output_are_held_by_one(backend: Any) -> None:
    run(backend, lambda tx: tx.add_request(request_id="r", body_digest="b", job_key="one"))
    (error,) = run(backend, lambda tx: tx.add_request(request_id="r", body_digest="c", job_key="two"))
    assert isinstance(error, Exception)
    assert backend.read(lambda tx: tx.request("r")) == ("b", "one")
    taken = run(
        backend,
        lambda tx: tx.reserve("one", keys={"local:a": 0}),
        lambda tx: tx.reserve("two", keys={"local:a": 0, "local:b": 1}),
    )
    assert taken == [{}, {"local:a": "one"}]
    assert backend.read(lambda tx: tx.reserved(keys=["local:a", "local:b"])) == {"local:a": "one"}


def test_what_is_held_against_executors_is_found_by_job_and_by_source(backend: Any) -> None:
    marks = {name: Mark(kind=KIND, sources=(name * 32,), job_key=f"job-of-{name}", clip_index=0) for name in "abc"}
    records = {name: ExecutorRecord(name=name, marks=(mark,)) for name, mark in marks.items()}
    run(backend, *(lambda tx, it=record: tx.put_executor_record(it) for record in records.values()))
    assert backend.read(lambda tx: tx.recorded_executors()) == 3
    found = backend.read(lambda tx: tx.related_records(job_key="job-of-a", source="c" * 32))
    assert found == (records["a"], records["c"])
    assert backend.read(lambda tx: tx.related_records(job_key="job-of-d", source="d" * 32)) == ()


def test_a_session_is_forgotten_alone_or_with_all_that_hold_nothing(backend: Any) -> None:
    sessions = [
        SessionRecord(
            session_id=key, description=replace(DESCRIPTION, incarnation=key), acquire_sequence=0, draining=False,
            open=True, last_seen_time=NOW,
        )
        for key in ("one", "two", "three")
    ]  # fmt: skip
    run(backend, *(lambda tx, it=session: tx.put_session(it) for session in sessions))
    run(backend, lambda tx: tx.drop_session("two"), lambda tx: tx.drop_session("nobody"))
    assert [backend.read(lambda tx, key=key: tx.session(key)) for key in ("one", "two")] == [sessions[0], None]
    run(backend, lambda tx: tx.drop_idle_sessions())
    assert backend.read(lambda tx: (tx.session("one"), tx.executors())) == (None, ())


def test_both_tell_the_same_events_and_show_the_same_jobs() -> None:
    backends = [MemoryBackend(), SqlBackend()]
    for backend in backends:
        run(backend, add("one"), add("two"), cancel("one"))
    told = [backend.read(lambda tx: tx.events_after(sequence=0, job_keys=(), limit=100)) for backend in backends]
    assert told[0] == told[1]
    assert len(told[0]) == 4
    for key in ("one", "two"):
        memory, sql = (backend.read(lambda tx, key=key: tx.job_view(key)) for backend in backends)
        assert memory == sql
        pages = [backend.read(lambda tx, key=key: tx.clip_page(key, after=-1, size=10)) for backend in backends]
        assert pages[0] == pages[1]
