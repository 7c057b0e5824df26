"""Render through the simulated Resolve under random switches, and look after each render at what it left.

python -m tools.resolve_campaign --renders 10000
python -m tools.resolve_campaign --renders 1 --first 4711 --hosts 1 --jobs 0
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.resolve.campaign.outcome import Outcome

ROOT = Path(__file__).resolve().parent.parent
JOBS_SHARE = 50
"""One whole job through scheduler and executor for so many renders through the bridge."""


def main() -> int:
    """Run the campaign. Returns 1 when a render ended otherwise than it may, or left something."""
    parser = argparse.ArgumentParser(description="Renders through the bridge under random switches of the simulator.")
    parser.add_argument("--renders", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, help="whole jobs beside them; one for 50 renders if not said")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first render: a failure names it")
    parser.add_argument("--hosts", type=int, default=6, help="simulated hosts side by side")
    parser.add_argument("--every", type=int, default=500, help="renders between two looks at this machine")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no render after so many seconds")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    import structlog

    from tests.resolve.campaign.run import run_renders

    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    jobs = arguments.renders // JOBS_SHARE if arguments.jobs is None else arguments.jobs
    with tempfile.TemporaryDirectory(prefix="proxx-renders-", ignore_cleanup_errors=True) as directory:
        outcome = asyncio.run(
            run_renders(
                renders=arguments.renders,
                jobs=jobs,
                seed=arguments.seed,
                first=arguments.first,
                hosts=arguments.hosts,
                every=arguments.every,
                seconds=arguments.seconds,
                directory=Path(directory),
                tell=lambda line: print(line, file=sys.stderr, flush=True),
            )
        )
    show(outcome)
    return 1 if outcome.wrong else 0


def show(outcome: "Outcome") -> None:
    """Print counts, growth, and what was wrong."""
    print(
        f"{outcome.renders} renders and {outcome.jobs} jobs in {outcome.seconds:.0f} s"
        f" ({outcome.renders / outcome.seconds:.1f} renders/s; {outcome.cpu_seconds:.0f} s of CPU)"
    )
    for title, ends in (("renders", outcome.ends), ("jobs", outcome.job_ends)):
        print(f"{title}:")
        for (name, ended), count in sorted(ends.items()):
            print(f"  {count:6} {ended:20} {name}")
    print("growth:\n  renders descriptors processes parent KiB child KiB Resolve KiB projects state files")
    for one in outcome.samples:
        print(
            f"  {one.renders:7} {one.descriptors:11} {one.processes:9} {one.parent_kib:10} {one.child_kib:9}"
            f" {one.resolve_kib:11} {one.projects:8} {one.state_files:11}"
        )
    print(f"wrong: {len(outcome.wrong)}")
    for sentence in outcome.wrong[:50]:
        print(f"  {sentence}")


if __name__ == "__main__":
    sys.exit(main())
