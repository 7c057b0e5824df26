"""Histories: none breaks a promise, a seed replays exactly, memory and SQL agree, and every fault really happens."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.campaign import run_campaign, run_seeds, shortest
from tests.simulation.history import run_history, simulating
from tests.simulation.memory_backend import MemoryBackend
from tests.simulation.mutants import MUTANTS, Mutant, catch
from tests.simulation.plan import Fault, draw_plan
from tests.simulation.sql_backend import SqlBackend

ROOT = Path(__file__).resolve().parent.parent.parent
WORDS = {
    Fault.EXECUTOR_CRASH: " killed",
    Fault.EXECUTOR_STOP: "a twin starts",
    Fault.DRAIN: " drains",
    Fault.SCHEDULER_CRASH: "scheduler killed",
    Fault.SCHEDULER_STOP: "scheduler stopped",
    Fault.PARTITION: "cut off",
    Fault.WALL_CLOCK: "wall clock jumps",
    Fault.DISK_KILL: ": dies ",
    Fault.STALL: ": stalls before",
    Fault.RENAME_ERROR: "answered with an error",
    Fault.FLUSH_ERROR: " failed",
    Fault.DISK_FULL: "disk full",
    Fault.POWER: "power lost",
    Fault.STRANGER: "a stranger makes",
    Fault.SOURCE_CHANGE: " changes",
    Fault.VERBS: "operator: ",
    Fault.CANCEL: "operator: cancel",
    Fault.FINISHED_CRASH: " dies finished",
    Fault.WATCHER_CRASH: "watcher killed",
    Fault.ENGINE_LOST: ": no engine for clip",
}
EVENTS = (
    "clip.stage",
    "clip.interrupt",
    "clip.adopt",
    "clip.deliver",
    "clip.requeue",
    "clip.requeue_by_policy",
    "clip.stale_report",
    "executor.fence",
    "executor.unfence",
    "clip.held",
    "clip.failure_final",
    "job.recover",
    "job.retry",
    "job.pause",
    "job.reject",
    "job.inspect",
    "clip.inspect_lost",
    "clip.inspect_returned",
)


def traces(seeds: range) -> str:
    with simulating():
        return "\n".join(
            line for seed in seeds for line in run_history(draw_plan(seed), backend=MemoryBackend, trace=True).trace
        )


def test_no_history_breaks_a_promise() -> None:
    assert run_seeds(0, 300).failing == []


def test_a_campaign_counts_what_its_processes_ran() -> None:
    tally = run_campaign(first=1000, histories=120, seconds=None, processes=2)
    assert (tally.histories, tally.on_sql, tally.failing) == (120, 1, [])


@pytest.mark.parametrize("seed", range(12))
def test_memory_and_sql_give_the_same_history(seed: int) -> None:
    plan = draw_plan(seed)
    with simulating():
        memory = run_history(plan, backend=MemoryBackend, trace=True)
        sql = run_history(plan, backend=SqlBackend, trace=True)
    assert memory.trace == sql.trace
    assert (memory.hashes, memory.steps) == (sql.hashes, sql.steps)


def test_a_seed_replays_exactly_in_another_process() -> None:
    def replay(hash_seed: str) -> str:
        argv = [sys.executable, "-m", "tools.simulate", "--seed", "33", "--trace"]
        done = subprocess.run(
            argv, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True
        )
        return done.stdout

    first = replay("1")
    assert "clip.grant" in first
    assert first == replay("2")


def test_every_kind_of_fault_happens_and_the_rare_ways_are_walked() -> None:
    seen = traces(range(400))
    assert [fault for fault, word in WORDS.items() if word not in seen] == []
    assert [event for event in EVENTS if f"event {event} " not in seen] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_defect_put_in_on_purpose_is_caught(mutant: Mutant) -> None:
    assert catch(mutant) is not None


def test_a_failing_seed_is_told_with_as_few_faults_as_it_needs() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "publishing overwrites")
    with mutant.patch():
        failing = run_seeds(0, 120).failing
        plan, outcome = shortest(failing)
    assert {name for _, name, _ in failing} == {"overwritten"}
    assert plan.faults <= {Fault.STRANGER, Fault.SOURCE_CHANGE}
    assert "VIOLATION overwritten" in outcome.trace[-1]
