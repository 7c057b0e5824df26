"""`make fuzz`: every parser of ours under Atheris, one after the other (docs/FUZZING.md).

python -m tools.fuzz --minutes 60                       all of them, each for its share of the time
python -m tools.fuzz --minutes 5 --only jobspec,cube    some of them
python -m tools.fuzz --file jobspec FILE                one input again, with the traceback

Atheris is installed from requirements-fuzz.lock, by digest, into .fuzz; what was learnt stays there, too. An input that
breaks something is written below tests/fuzzing/crashes, where the test suite tries it again for ever.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tools.locked_install import locked_install
from tools.stages import PYTHON, ROOT

FOLDER = ROOT / ".fuzz"
LOCK = ROOT / "requirements-fuzz.lock"
CRASHES = ROOT / "tests" / "fuzzing" / "crashes"
_DONE = re.compile(r"^Done (\d+) runs", re.MULTILINE)
_COVERED = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one target came to. `broken` are the sentences about what broke; `ended` is empty for a whole run."""

    name: str
    runs: int
    seconds: float
    covered: int
    kept: int
    broken: tuple[str, ...]
    ended: str


def main() -> int:
    """Run the campaign, or one input. Returns 1 when something broke, 2 when Atheris cannot be had."""
    sys.path[:0] = [str(ROOT)]
    from tests.fuzzing.parsers.registry import NAMES

    parser = argparse.ArgumentParser(description="Fuzz the parsers under the guidance of coverage.")
    parser.add_argument("--minutes", type=float, default=2.0, help="for all targets together")
    parser.add_argument("--only", metavar="NAME,NAME", help=f"some of: {', '.join(NAMES)}")
    parser.add_argument("--file", nargs=2, metavar=("NAME", "FILE"), help="look at one input again")
    arguments = parser.parse_args()
    if arguments.file:
        return _again(*arguments.file)
    names = tuple(arguments.only.split(",")) if arguments.only else NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    library = _library()
    if library is None:
        return 2
    runs = []
    for name in names:
        runs.append(_run(name, library, seconds=60 * arguments.minutes / len(names)))
        _tell(runs[-1])
    broken = sum(len(run.broken) + bool(run.ended) for run in runs)
    print(f"{sum(run.runs for run in runs)} inputs in {sum(run.seconds for run in runs):.0f} s, {broken} things broken")
    return 1 if broken else 0


def _again(name: str, file: str) -> int:
    from tests.fuzzing.parsers.registry import target
    from tests.fuzzing.parsers.target import check

    check(target(name), Path(file).read_bytes())
    print("holds")
    return 0


def _library() -> Path | None:
    """Return where Atheris is, installed from the lock when the lock changed; None, and why, where it cannot be."""
    library, stamp = FOLDER / "lib", FOLDER / "installed"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest() + f" {sys.version_info[:2]}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return library
    more = ("--only-binary=:all:", "--no-deps", "--upgrade", "--target", str(library))
    done = subprocess.run(locked_install(python=PYTHON, lock=LOCK, more=more), check=False)
    if done.returncode:
        print(f"make fuzz: Atheris has no wheel for this Python and system, or cannot be fetched (see {LOCK.name})")
        return None
    stamp.write_text(wanted, encoding="utf-8")
    return library


def _run(name: str, library: Path, *, seconds: float) -> Run:
    corpus, found, log = FOLDER / "corpus" / name, CRASHES / name, FOLDER / f"{name}.log"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    services = (ROOT / "services").iterdir()
    places = (library, ROOT, ROOT / "src", *sorted(service for service in services if service.is_dir()))
    argv = [PYTHON, "-m", "tests.fuzzing.parsers.guided_run", name, str(found), str(corpus)]
    begun = time.monotonic()
    with log.open("wb") as file:
        done = subprocess.run(
            ["nice", "-n", "19", *argv, f"-max_total_time={max(1, round(seconds))}"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    text = log.read_text(encoding="utf-8", errors="replace")
    covered = _COVERED.findall(text)
    counted = _DONE.search(text)
    if not any(found.iterdir()):
        found.rmdir()
    return Run(
        name=name,
        runs=int(counted[1]) if counted else 0,
        seconds=time.monotonic() - begun,
        covered=int(covered[-1][0]) if covered else 0,
        kept=int(covered[-1][2]) if covered else 0,
        broken=tuple(line for line in text.splitlines() if line.startswith("BROKEN ")),
        ended="" if done.returncode == 0 else f"ended with exit code {done.returncode}: {text[-1500:]}",
    )


def _tell(run: Run) -> None:
    rate = run.runs / run.seconds if run.seconds else 0
    print(
        f"{run.name:<16} {run.runs:>9} inputs {rate:>7.0f}/s  {run.covered:>5} places covered, {run.kept} kept",
        flush=True,
    )
    for line in (*run.broken, *filter(None, (run.ended,))):
        print(f"  {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
