"""Fuzz the source readers: files changed under the guidance of coverage, each looked at as the product looks at it.

python -m tools.fuzz_detector --seconds 900                     our own loop, in as many processes as there are cores
python -m tools.fuzz_detector --seconds 900 --atheris PYTHON    the same under Atheris, of that Python's environment
python -m tools.fuzz_detector --file fuzz-3f2a.bin              one file again, with the traceback

Held for every file: no exception, an answer that is equal when asked twice, 8 MiB and 6,000 reads at most, 20 ms of CPU
and 16 MiB of memory (the last two measured on the files that are kept and a sample of the rest, without tracing).
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 65536
_DONE = re.compile(r"Done (\d+) runs")
_COVERED = re.compile(r"cov: (\d+) ft: (\d+)")


def main() -> int:
    """Run a campaign or one file. Returns 1 when a property did not hold."""
    parser = argparse.ArgumentParser(description="Fuzz the source readers under the guidance of coverage.")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--first", type=int, default=0, help="the first seed; each process has the next")
    parser.add_argument("--watched", type=int, default=8, help="own loop: trace one file in so many")
    parser.add_argument("--atheris", metavar="PYTHON", help="a Python 3.11 whose environment has atheris")
    parser.add_argument("--file", type=Path, help="look at this one input again")
    parser.add_argument("--failures", type=Path, default=Path(), help="where failing inputs are written")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if arguments.file is not None:
        return _again(arguments.file)
    if arguments.atheris is not None:
        return _atheris(arguments.atheris, arguments.seconds, arguments.processes, arguments.first, arguments.failures)
    return _own(arguments.seconds, arguments.processes, arguments.first, arguments.watched, arguments.failures)


def _again(path: Path) -> int:
    from tests.fuzzing.properties import check_cost, examine, examine_twice

    data = path.read_bytes()
    detection, _ = examine(data)
    examine_twice(data)
    seconds, held = check_cost(data)
    print(f"{detection.reason}: {detection.detail}")
    print(f"{seconds * 1000:.2f} ms of CPU, {held} bytes of memory")
    return 0


def _own(seconds: float, processes: int, first: int, watched: int, folder: Path) -> int:
    from tests.fuzzing.campaign import run_parts

    begun = time.monotonic()
    parts = list(run_parts(first_seed=first, processes=processes, seconds=seconds, watched_every=watched))
    took = time.monotonic() - begun
    inputs = sum(part.inputs for part in parts)
    print(f"{inputs} files in {took:.0f} s on {processes} processes: {inputs / took:.0f} a second")
    for part in parts:
        print(
            f"seed {part.seed}: {part.inputs} files, {len(part.corpus)} kept for {part.jumps} jumps; "
            f"of {part.costed} measured: {part.most_seconds * 1000:.2f} ms of CPU and {part.most_memory} bytes at most"
        )
    failures = [failure for part in parts for failure in part.failures]
    return _report(failures, folder)


def _atheris(python: str, seconds: float, processes: int, first: int, folder: Path) -> int:
    """Run Atheris in processes that share a corpus, then measure what they kept without instrumentation."""
    from tests.fuzzing.properties import BrokenPropertyError, check_cost
    from tests.unit.core.sources.headers import HEADERS

    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with tempfile.TemporaryDirectory(prefix="proxx-fuzz-") as directory:
        corpus, found = Path(directory, "corpus"), Path(directory, "found")
        corpus.mkdir()
        found.mkdir()
        for index, header in enumerate(HEADERS):
            corpus.joinpath(f"seed-{index:03d}").write_bytes(bytes([index]) + header.data)
        begun = time.monotonic()
        running = [
            subprocess.Popen(
                [
                    python,
                    "-m",
                    "tests.fuzzing.atheris_target",
                    f"-max_total_time={seconds:.0f}",
                    f"-max_len={LONGEST}",
                    f"-seed={first + index + 1}",
                    "-timeout=10",
                    "-reload=60",
                    f"-artifact_prefix={found}{os.sep}",
                    str(corpus),
                ],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for index in range(processes)
        ]
        logs = [process.communicate()[1] for process in running]
        took = time.monotonic() - begun
        kept = [path.read_bytes() for path in sorted(corpus.iterdir())]
        failures = [(path.read_bytes(), path.name) for path in sorted(found.iterdir())]
    inputs = sum(int(match[1]) for log in logs for match in _DONE.finditer(log))
    print(f"{inputs} files in {took:.0f} s on {processes} processes under Atheris: {inputs / took:.0f} a second")
    for process, log in zip(running, logs, strict=True):
        covered = _COVERED.findall(log)
        last = f"{covered[-1][0]} places, {covered[-1][1]} features" if covered else log[-2000:]
        print(f"exit code {process.returncode}: {last}")
        if process.returncode and not failures:
            failures.append((b"", log[-2000:]))
    most_seconds, most_memory = 0.0, 0
    for data in kept:
        try:
            cost = check_cost(data)
            most_seconds, most_memory = max(most_seconds, cost[0]), max(most_memory, cost[1])
        except BrokenPropertyError as error:
            failures.append((data, str(error)))
    print(f"of {len(kept)} files kept: {most_seconds * 1000:.2f} ms of CPU and {most_memory} bytes at most")
    return _report(failures, folder)


def _report(failures: list[tuple[bytes, str]], folder: Path) -> int:
    for data, text in failures:
        path = folder / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}.bin"
        path.write_bytes(data)
        print(f"BROKEN {text}: {path} ({len(data)} bytes)")
    if not failures:
        print("nothing broken")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
