"""Replace certificates, authorities and tokens of a running site for a while (docs/SECURITY_MODEL.md).

python -m tools.rotation --seconds 600 --every 5
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the campaign. Returns 1 when a call failed or a lease was lost."""
    parser = argparse.ArgumentParser(description="Replace certificates, authorities and tokens of a running site.")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long (default 600)")
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one rotation to the next (default 5)")
    parser.add_argument("--executors", type=int, default=3, help="how many hold leases (default 3)")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from proxx.runtime.logs import configure_logs
    from tests.rotation.campaign import Rotation

    configure_logs(level="warning", console=True)

    with tempfile.TemporaryDirectory(prefix="proxx-rotation-") as directory:
        run = Rotation(Path(directory), executors=arguments.executors)
        outcome = asyncio.run(run.run(seconds=arguments.seconds, every=arguments.every))
    print(f"rotations          {outcome.rotations}, of which {outcome.authorities} with a new authority")
    print(f"longest rotation   {outcome.longest_seconds:.1f} s")
    print(f"leases held        {outcome.leases}, renewed {outcome.renewals} times")
    print(f"other calls        {outcome.calls}; updates on the stream: {outcome.updates}")
    print(f"leases lost        {len(outcome.lost)}")
    print(f"calls failed       {len(outcome.failed)}")
    print(f"job                {outcome.end}")
    for line in (*outcome.lost[:20], *outcome.failed[:20]):
        print(line)
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
