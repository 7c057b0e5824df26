"""Put every hostile file through the real executor under strace: nothing foreign may be opened, no socket made.

python -m tools.hostile_media                  all, with a table of what became of each
python -m tools.hostile_media --only bomb      those whose class or name matches
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run the campaign. Returns 1 when a case went wrong, 2 when nothing can be traced here."""
    parser = argparse.ArgumentParser(description="Hostile media through the real executor, under strace.")
    parser.add_argument("--only", default="", help="a pattern that class and name have to match")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quiet", action="store_true", help="faults and sums only")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.hostile_media.campaign import NoTracerError, run_campaign
    from tests.hostile_media.catalogue import catalogue

    cases = catalogue()
    chosen = [index for index, case in enumerate(cases) if re.search(arguments.only, f"{case.group}/{case.name}")]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="proxx-hostile-") as directory:
        try:
            judged, connections = run_campaign(directory=Path(directory), indexes=chosen, workers=arguments.workers)
        except NoTracerError as error:
            print(f"hostile media: {error}", file=sys.stderr)
            return 2
    for item in judged:
        result = item.result
        if not arguments.quiet:
            megabytes = max(result["peak_bytes"], 0) / 1e6
            words = f"{item.case.group[:40]:40} {item.case.name[:42]:42} {result['end']:9}"
            reason = result["reason"].encode("ascii", "backslashreplace").decode().replace("\n", " ")[:150]
            print(f"{words} {result['seconds']:6.1f} s {megabytes:6.0f} MB {item.seen.opens:5} opens  {reason}")
        for fault in item.faults:
            print(f"  FAULT {item.case.group}/{item.case.name}: {fault}")
    faulty = [item for item in judged if item.faults]
    ends = Counter(item.result["end"] for item in judged)
    print(
        f"{len(judged)} cases in {len({item.case.group for item in judged})} classes: "
        + ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    )
    print(
        f"{sum(item.seen.tools for item in judged)} tools, {sum(item.seen.opens for item in judged)} opens, "
        f"{sum(len(item.seen.foreign) for item in judged)} of them foreign, "
        f"{sum(len(item.seen.sockets) for item in judged)} sockets, {connections} connections, "
        f"{sum(len(item.result['leaks']) for item in judged)} canaries seen; {len(faulty)} cases at fault; "
        f"{time.monotonic() - begun:.0f} s"
    )
    return 1 if faulty or connections else 0


if __name__ == "__main__":
    sys.exit(main())
