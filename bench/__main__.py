"""`make bench`: run the benchmarks and print a small table, or JSON with --json."""

import argparse
import json
import os
import sys
from typing import Any

from bench import startup, system_tax

MIB = 1024 * 1024


def main() -> int:
    """Measure, print. Always 0: a benchmark reports; what must hold is for tests to say."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure Proxx beside its peers, in one run.")
    parser.add_argument("--json", action="store_true", help="print the whole measurement as JSON")
    parser.add_argument("--short", action="store_true", help="one round of one-second clips: is it still running?")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--seconds", type=int, default=20, help="length of each clip; what a clip costs besides is fixed"
    )
    parser.add_argument("--concurrency", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("The benchmarks read /proc; they run on Linux only.", file=sys.stderr)
        return 1
    tax = system_tax.measure(
        rounds=1 if arguments.short else arguments.rounds,
        seconds=1 if arguments.short else arguments.seconds,
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


if __name__ == "__main__":
    sys.exit(main())
