"""Kill real watcher processes over dropped JobSpecs, lose and garble their ledgers, and count the jobs.

python -m tools.watch_kills --drops 500
python -m tools.watch_kills --drops 20 --seed 7
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the campaign. Returns 1 when a drop is no job, two jobs, or not in its place."""
    parser = argparse.ArgumentParser(description="Drops beside watchers that are killed: exactly one job a drop.")
    parser.add_argument("--drops", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.watching.kill_campaign import run_kills

    with tempfile.TemporaryDirectory(prefix="proxx-kills-") as directory:
        outcome = asyncio.run(run_kills(drops=arguments.drops, seed=arguments.seed, directory=Path(directory)))
        log = (Path(directory) / "watcher.log").read_text(encoding="utf-8", errors="replace")
    print(
        f"{outcome.drops} drops and {outcome.refused} that are no JobSpecs: {outcome.jobs} jobs, "
        f"{outcome.lives} watchers in {outcome.seconds:.0f} s"
    )
    for title, counts in (("killed", outcome.kills), ("ledger", outcome.harms), ("jobs", outcome.outcomes)):
        print(title + ": " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    print(f"wrong: {len(outcome.wrong)}")
    for sentence in outcome.wrong[:20]:
        print(f"  {sentence}")
    if outcome.wrong:
        sys.stderr.write(log[-4000:])
    return 1 if outcome.wrong or outcome.jobs != outcome.drops else 0


if __name__ == "__main__":
    sys.exit(main())
