"""`make bench`: run the benchmarks and print a small table, or JSON with --json."""

import argparse
import json
import os
import sys
from typing import Any

from bench import claims, sandbox, scheduler, startup, store_writes, system_tax, verdict_cost, watch_folders

MIB = 1024 * 1024
SYSTEM_SECONDS = 20
VERDICT_SECONDS = 10


def main() -> int:
    """Measure, print. Always 0: a benchmark reports; what must hold is for tests to say."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure Proxx beside its peers, in one run.")
    parser.add_argument(
        "what",
        nargs="?",
        choices=("system", "verdict", "store", "claims", "scheduler", "watch", "sandbox"),
        default="system",
        help="default: system tax and start-up",
    )
    parser.add_argument("--profiles", default="", help="of `verdict`: names with commas between; default: all")
    parser.add_argument("--million", action="store_true", help="of `claims` and `scheduler`: a queue of 1,000,000 too")
    parser.add_argument("--parts", default="", help=f"of `scheduler`, commas between: {', '.join(scheduler.PARTS)}")
    parser.add_argument("--json", action="store_true", help="print the whole measurement as JSON")
    parser.add_argument("--short", action="store_true", help="one round of one-second clips: is it still running?")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=None, help="length of a clip; default: 20, of `verdict` 10")
    parser.add_argument("--concurrency", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("The benchmarks read /proc; they run on Linux only.", file=sys.stderr)
        return 1
    rounds = 1 if arguments.short else arguments.rounds
    if arguments.what == "claims":
        deep = (1000, 10_000) if arguments.short else (1000, 100_000, *((1_000_000,) if arguments.million else ()))
        taken = claims.measure(depths=deep, queues=1000, claims=50 if arguments.short else 500, kinds=claims.kinds())
        print(json.dumps(taken, indent=2) if arguments.json else claims.table(taken))
        return 0
    if arguments.what == "scheduler":
        parts = tuple(part for part in arguments.parts.split(",") if part) or scheduler.PARTS
        if unknown := sorted(set(parts) - set(scheduler.PARTS)):
            parser.error(f"unknown parts: {', '.join(unknown)}")
        seen = scheduler.measure(parts=parts, rounds=rounds, short=arguments.short, million=arguments.million)
        print(json.dumps(seen, indent=2) if arguments.json else scheduler.table(seen))
        return 0
    if arguments.what == "watch":
        watched = (
            watch_folders.measure(files_each=1000, drops=3, rounds=1, idle_seconds=0.5, short=True)
            if arguments.short
            else watch_folders.measure(files_each=100_000, drops=50, rounds=rounds, idle_seconds=30.0, short=False)
        )
        print(json.dumps(watched, indent=2) if arguments.json else watch_folders.table(watched))
        return 0
    if arguments.what == "verdict":
        try:
            ways = verdict_cost.choose([name for name in arguments.profiles.split(",") if name])
        except ValueError as error:
            parser.error(str(error))
        seconds = 1 if arguments.short else arguments.seconds or VERDICT_SECONDS
        cost = verdict_cost.measure(ways=ways, seconds=seconds, rounds=rounds)
        print(json.dumps(cost, indent=2) if arguments.json else verdict_table(cost))
        return 0
    if arguments.what == "sandbox":
        starts = sandbox.measure(starts=5 if arguments.short else 20 * rounds)
        print(json.dumps(starts, indent=2) if arguments.json else sandbox.table(starts))
        return 0
    if arguments.what == "store":
        writes = store_writes.measure(rounds=rounds)
        print(json.dumps(writes, indent=2) if arguments.json else store_writes.table(writes))
        return 0
    tax = system_tax.measure(
        rounds=rounds,
        seconds=1 if arguments.short else arguments.seconds or SYSTEM_SECONDS,
        concurrency=arguments.concurrency,
    )
    start = startup.measure(repeats=3 if arguments.short else 10)
    print(json.dumps([tax, start], indent=2) if arguments.json else f"{tax_table(tax)}\n\n{startup_table(start)}")
    return 0


def tax_table(tax: dict[str, Any]) -> str:
    """Medians, and Proxx as a multiple of each peer."""
    lines = [
        f"System tax: {tax['clips']} clips of {tax['clip_seconds']} s, {tax['profile']}, {tax['concurrency']} at once, "
        f"{len(tax['rounds'])} rounds, load {tax['load_average']:.2f}",
        f"  {'':<36}{'wall s':>9}{'CPU s':>9}{'wall x':>9}{'CPU x':>9}",
    ]
    names = {
        "proxx": "Proxx, submit to COMPLETED",
        "bare": "xargs, encode alone",
        "checked": "xargs, encode, decode, sha256",
    }
    for key, name in names.items():
        median, ratio = tax["median"][key], tax["ratio"].get(key)
        factors = f"{ratio['wall']['median']:>9.3f}{ratio['cpu']['median']:>9.3f}" if ratio else ""
        lines.append(f"  {name:<36}{median['wall']:>9.2f}{median['cpu']:>9.2f}{factors}")
    lines.append(f"  x is Proxx as a multiple of that line; the aim is {tax['aim']['wall']} of the last one.")
    return "\n".join(lines)


def startup_table(start: dict[str, Any]) -> str:
    """Each number beside its aim."""
    aim = start["aim"]
    return "\n".join(
        [
            "Start-up",
            f"  proxx --help, median of {start['help_repeats']:<12}{start['help_seconds']['median'] * 1000:>9.0f} ms"
            f"   aim {aim['help_seconds'] * 1000:.0f}",
            f"  idle scheduler, resident{'':<12}{start['idle_scheduler_resident_bytes'] / MIB:>9.1f} MiB"
            f"  aim {aim['idle_scheduler_resident_bytes'] / MIB:.0f}",
        ]
    )


def verdict_table(cost: dict[str, Any]) -> str:
    """Encode and verify side by side, and verify as a share of encode."""
    clip = cost["clip"]
    lines = [
        f"Cost of the verdict: one clip of {clip['seconds']} s, {clip['width']}x{clip['height']} at {clip['rate']}, "
        f"{cost['rounds']} rounds, load {cost['load_average']:.2f}",
        f"  {'':<36}{'encode':>9}{'':>9}{'verify':>9}{'':>9}{'share':>9}",
        f"  {'':<36}{'wall s':>9}{'CPU s':>9}{'wall s':>9}{'CPU s':>9}{'wall':>9}{'CPU':>9}{'aim':>9}",
    ]
    for line in cost["profiles"]:
        encode, verify, ratio = line["encode"], line["verify"], line["ratio"]
        name = f"{line['profile']} in {line['container']}, {line['resolution']}"
        lines.append(
            f"  {name:<36}{encode['wall']:>9.2f}{encode['cpu']:>9.2f}{verify['wall']:>9.2f}{verify['cpu']:>9.2f}"
            f"{ratio['wall']:>9.1%}{ratio['cpu']:>9.1%}{line['aim']:>9.0%}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
