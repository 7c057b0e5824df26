"""Run simulated histories of scheduler, executors, disk and network under faults (docs/SIMULATION.md).

python -m tools.simulate --histories 1000000      a campaign
python -m tools.simulate --seconds 120            as many as two minutes give
python -m tools.simulate --seed 796 --trace       one history again, step by step
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run a campaign or one seed. Returns 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description="Run simulated histories under faults.")
    parser.add_argument("--histories", type=int, help="how many; default: as many as --seconds give")
    parser.add_argument("--seconds", type=float, default=None, help="stop after so many seconds (default 120)")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, help="run this history alone")
    parser.add_argument("--only", help="with --seed: only these kinds of faults, separated by commas")
    parser.add_argument("--sql", action="store_true", help="with --seed: on SQLite in place of memory")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every event")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if arguments.seed is not None:
        return _one(arguments)
    seconds = arguments.seconds
    if seconds is None and arguments.histories is None:
        seconds = 120.0
    return _campaign(arguments.first, arguments.histories, seconds, arguments.processes)


def _one(arguments: argparse.Namespace) -> int:
    from tests.simulation.campaign import only
    from tests.simulation.history import run_history, simulating
    from tests.simulation.memory_backend import MemoryBackend
    from tests.simulation.plan import draw_plan
    from tests.simulation.sql_backend import SqlBackend

    plan = draw_plan(arguments.seed)
    if arguments.only is not None:
        plan = only(plan, arguments.only)
    with simulating():
        outcome = run_history(plan, backend=SqlBackend if arguments.sql else MemoryBackend, trace=arguments.trace)
    for line in outcome.trace:
        print(line)
    faults = ",".join(sorted(plan.faults))
    print(f"{len(plan.jobs)} jobs, {plan.hosts} hosts; faults: {faults or 'none'}")
    print(f"seed {plan.seed}: {outcome.events} events, {outcome.steps} steps, {outcome.seconds:.1f} virtual seconds")
    for item in outcome.violations:
        print(f"BROKEN {item.name} at {item.at:.3f} s: {item.text}")
    return 1 if outcome.violations else 0


def _campaign(first: int, histories: int | None, seconds: float | None, processes: int) -> int:
    from tests.simulation.campaign import run_campaign, shortest

    began = time.monotonic()
    tally = run_campaign(first=first, histories=histories, seconds=seconds, processes=processes)
    took = time.monotonic() - began
    ends = ", ".join(f"{state} {count}" for state, count in sorted(tally.states.items()))
    print(
        f"{tally.histories} histories (seeds {first} to {first + tally.histories - 1}, {tally.on_sql} on SQLite) in"
        f" {took:.1f} s on {processes} processes: {tally.histories / took:.0f} a second, {tally.events} events,"
        f" {tally.virtual_seconds / 3600:.1f} virtual hours"
    )
    print(f"jobs ended: {ends}")
    if not tally.failing:
        print("no promise broken")
        return 0
    for seed, name, text in tally.failing:
        print(f"BROKEN {name}: seed {seed}: {text}")
    plan, outcome = shortest(tally.failing)
    faults = ",".join(sorted(plan.faults))
    print(f"the shortest trace: python -m tools.simulate --seed {plan.seed} --only {faults!r} --trace")
    for line in outcome.trace:
        print(line)
    return 1


if __name__ == "__main__":
    sys.exit(main())
