"""`make flood`: attack a scheduler with running leases in every bad manner, and count the leases lost."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from bench.flood.attacks import ATTACKS
from bench.flood.campaign import HEAD, Outcome, Scale, load_average, run

MEMORY_BYTES = 1536 * 1024 * 1024
NORMAL_AFTER_SECONDS = 10.0


def main() -> int:
    """Attack and print. 1 when a lease was lost, memory grew without bound, or service did not become normal."""
    parser = argparse.ArgumentParser(prog="bench.flood", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each attack")
    parser.add_argument("--executors", type=int, default=25)
    parser.add_argument("--slots", type=int, default=2, help="running leases of each executor")
    parser.add_argument("--lease-seconds", type=float, default=30.0)
    parser.add_argument("--encodes", type=int, default=3, help="real clips to encode during each attack")
    parser.add_argument("--only", default="", help="attacks whose name has this in it")
    arguments = parser.parse_args()
    h2load = shutil.which("h2load") or ""
    chosen = [attack for attack in ATTACKS if arguments.only in attack.name and (h2load or not attack.load)]
    if not h2load:
        print("h2load is not here (Debian: apt-get install nghttp2-client): its attacks are left out", file=sys.stderr)
    scale = Scale(
        executors=arguments.executors, slots=arguments.slots, seconds=arguments.seconds,
        lease_seconds=arguments.lease_seconds, encodes=arguments.encodes,
    )  # fmt: skip
    print(f"{scale.executors * scale.slots} running leases of {scale.lease_seconds:g} s, load {load_average():.1f}")
    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="proxx-flood-") as name:
        outcomes = asyncio.run(run(attacks=chosen, scale=scale, directory=Path(name), h2load=h2load))
    wrong = [fault for outcome in outcomes for fault in faults(outcome)]
    print("\n".join(wrong) or f"{len(chosen)} attacks: no lease lost")
    return 1 if wrong else 0


def faults(outcome: Outcome) -> list[str]:
    """Return what must not be, one sentence each."""
    found = []
    if outcome.lost:
        found.append(f"{outcome.name}: {outcome.lost} leases lost")
    if outcome.peak_bytes > MEMORY_BYTES:
        found.append(f"{outcome.name}: {outcome.peak_bytes >> 20} MiB, at most {MEMORY_BYTES >> 20} are allowed")
    if outcome.recovered > NORMAL_AFTER_SECONDS:
        found.append(f"{outcome.name}: calls are answered as ever only {outcome.recovered:.1f} s after it")
    if outcome.encoded not in ("", "COMPLETED"):
        found.append(f"{outcome.name}: the job of real clips is {outcome.encoded}")
    return found


if __name__ == "__main__":
    sys.exit(main())
