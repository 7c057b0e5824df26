"""`make test`: the test tiers, from the cheapest to the dearest; the first tier that fails ends the run."""

import argparse
import sys

from tools.stages import PYTHON, Stage, run_stages

PYTEST = (PYTHON, "-m", "pytest", "-q", "--durations=3")
PARALLEL = ("-n", "2", "--dist", "loadfile")
WAITING = ("-n", "3", "--dist", "loadfile")  # three on two cores, where many tests wait for leases
ANY_ORDER = ("-n", "2", "--dist", "load")


def stages(*, long: bool) -> list[Stage]:
    """Unit tests need no process; the contract tier opens real ports; media runs ffmpeg; e2e starts real processes."""
    env = {"PROXX_LONG": "1"} if long else {}
    limit = ("-o", "timeout=1800") if long else ()
    return [
        Stage(name="unit", argv=(*PYTEST, *limit, *PARALLEL, "tests/unit"), env=env),
        Stage(
            name="contract, foreign clients, storage, golden",
            argv=(*PYTEST, *limit, *WAITING, "tests/contract", "tests/foreign", "tests/storage", "tests/golden"),
            env=env,
        ),
        Stage(
            name="media",
            argv=(*PYTEST, *limit, *PARALLEL, "tests/footage", "tests/media", "tests/hostile_tool"),
            env=env,
        ),
        Stage(name="fidelity", argv=(*PYTEST, *limit, *PARALLEL, "tests/fidelity"), env=env),
        # Budget: 60 s on two cores (some 100 proxies of 12 to 25 frames, each before three readers).
        Stage(name="witness", argv=(*PYTEST, *limit, *ANY_ORDER, "tests/witness"), env=env),
        Stage(name="simulation", argv=(*PYTEST, *limit, *ANY_ORDER, "tests/simulation"), env=env),
        Stage(name="resolve, e2e", argv=(*PYTEST, *limit, *WAITING, "tests/resolve", "tests/e2e"), env=env),
    ]


def main() -> int:
    """Run them all. `--long` tells the tests, by PROXX_LONG=1, to run their long campaigns."""
    parser = argparse.ArgumentParser(description="Run the test tiers.")
    parser.add_argument("--long", action="store_true", help="run long campaigns too")
    return run_stages(stages(long=parser.parse_args().long), stop_at_failure=True)


if __name__ == "__main__":
    sys.exit(main())
