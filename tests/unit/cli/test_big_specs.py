"""A JobSpec of a million sources on the command line: refused at once, in bounded memory, and nobody is asked."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proxx.cli.main import run_cli
from tests.unit.cli import samples
from tests.unit.cli.fake_scheduler import World

MILLION = 1_000_000
SECONDS = 10.0
"""Far above what it takes (about a second), far below what reading each source would."""
MEMORY_BYTES = 200 * 1024 * 1024
"""Some 125 MB were seen for a text that is read, 35 MB for one that is not."""
ADVICE = "a job has at most 10000 sources: submit several jobs"
PROGRAM = """
import sys
from proxx.cli.main import run_cli
code = run_cli(sys.argv[1:])
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")))
sys.exit(code)
"""
"""Runs the command and prints the most memory that it had at once; getrusage would count the parent's, too."""


def written(directory: Path, *, source: str) -> Path:
    path = directory / "job.json"
    spec = samples.spec() | {"sources": [source] * MILLION}
    path.write_text(json.dumps(spec, separators=(",", ":")))
    return path


@pytest.mark.parametrize("source", ["/a", "/footage/day 1/A001_C001.mov"], ids=["6 MB", "31 MB"])
def test_validate_refuses_a_million_sources(tmp_path: Path, source: str) -> None:
    path = written(tmp_path, source=source)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "validate", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, ADVICE in done.stderr) == (1, True), done.stderr
    assert time.monotonic() - began < SECONDS
    assert int(done.stdout) < MEMORY_BYTES


def test_submit_refuses_a_million_sources_and_asks_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, source="/footage/day 1/A001_C001.mov")
    world = World()
    assert run_cli(["submit", str(path)], environment=world.environment()) == 1
    assert capsys.readouterr().err == f"JobSpec {path}: more than 8388608 bytes, which is the most; {ADVICE}\n"
    assert world.scheduler.calls == []


def test_a_stream_without_end_is_read_no_further_than_the_limit(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["validate", "/dev/zero"], environment=World().environment()) == 1
    assert "more than 8388608 bytes" in capsys.readouterr().err
