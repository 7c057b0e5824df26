"""`make racer`: a hundred thousand rounds, by the kernel's own call and by our own walk, and the control."""

import argparse
import sys

from proxx.engine.tool_runners import tool_runner
from proxx.runtime.beneath import kernel_opens_beneath, open_beneath, walk_beneath
from tests.racer.race import Outcome, arena, by_path, guarded, race
from tests.racer.tools import put_footage, race_tools


def main() -> int:
    """Run the races; exit code 1 when anything escaped, or the control did not."""
    parser = argparse.ArgumentParser(prog="racer")
    parser.add_argument("--rounds", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tool-rounds", type=int, default=400)
    given = parser.parse_args()
    say(f"openat2: {'yes' if kernel_opens_beneath() else 'no'}")
    failed = False
    for name, opener in (("openat2", open_beneath), ("walk", walk_beneath)):
        with arena() as place:
            outcome = race(arena=place, at=guarded(place, opener=opener), rounds=given.rounds // 2, seed=given.seed)
        report(name, outcome)
        failed |= bool(outcome.escapes)
    with arena() as place:
        put_footage(place)
        runner = tool_runner()
        tools = race_tools(arena=place, at=guarded(place), runner=runner, rounds=given.tool_rounds, seed=given.seed)
    say(f"tools, sandbox level {runner.sandbox_level}: {dict(tools.ends)}, escapes: {len(tools.escapes)}")
    failed |= bool(tools.escapes)
    with arena() as place:
        control = race(arena=place, at=by_path(place), rounds=max(700, given.rounds // 20), seed=given.seed)
    report("control, plain paths", control)
    return 1 if failed or not control.escapes else 0


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(line + "\n")


def report(name: str, outcome: Outcome) -> None:
    """Print one race."""
    tally = outcome.tally
    say(f"{name}: {tally.rounds.total()} rounds, {outcome.swaps} swaps, {outcome.seconds:.0f} s")
    for kind, count in tally.rounds.items():
        say(f"  {kind}: {count} rounds, {tally.stopped[kind]} stopped by a swap")
    say(f"  escapes: {len(outcome.escapes)}")
    for escape in outcome.escapes[-3:]:
        say(f"    {escape}")


if __name__ == "__main__":
    sys.exit(main())
