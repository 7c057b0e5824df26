"""A place to run the real `proxx` in: its own state directory, inputs, outputs, and nothing of the host's settings."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.begun import Begun

PROXX = Path(sys.executable).with_name("proxx")
STAGING = ".proxx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a command ended and what it wrote to its two streams."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """Standard output as one JSON document; fails when anything else stands there."""
        return json.loads(self.stdout)

    def json_lines(self) -> list[Any]:
        """Standard output as one JSON document a line."""
        return [json.loads(line) for line in self.stdout.splitlines()]


@dataclass(frozen=True, slots=True)
class Workplace:
    """Directories below one test's own temporary directory."""

    root: Path

    @property
    def state(self) -> Path:
        """Where Proxx keeps its runs."""
        return self.root / "state" / "proxx"

    def environment(self) -> dict[str, str]:
        """Our environment without any Proxx setting, with a state directory of this test's own."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PROXX_")}
        return {**kept, "XDG_STATE_HOME": str(self.root / "state"), "NO_COLOR": "1"}

    def directory(self, name: str) -> Path:
        """Make a new directory."""
        path = self.root / name
        path.mkdir()
        return path

    def spec(self, document: dict[str, object] | str, *, name: str = "job.json") -> Path:
        """Write a JobSpec, given as a document or as text."""
        path = self.root / name
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return path

    def proxx(
        self, *words: str | Path, timeout: float = 60.0, before: Sequence[str] = (), stdin: str | None = None
    ) -> Outcome:
        """Run one command to its end. `before` is put in front of it, for example `taskset`."""
        done = subprocess.run(
            [*before, str(PROXX), *map(str, words)],
            cwd=self.root,
            env=self.environment(),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Outcome(code=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def begin(self, *words: str | Path) -> Begun:
        """Start one command and return while it runs."""
        return Begun.start([str(PROXX), *map(str, words)], directory=self.root, environment=self.environment())

    def kept_runs(self) -> list[str]:
        """The ids of the runs that were kept, oldest first."""
        runs = self.state / "runs"
        return sorted(path.name for path in runs.iterdir()) if runs.is_dir() else []


def media_in(directory: Path) -> list[str]:
    """The names in an output directory but for result files, hidden ones included."""
    return sorted(path.name for path in directory.iterdir() if not path.name.startswith("proxx_job_"))


def staged_in(directory: Path) -> list[Path]:
    """What is staged beside the outputs in `directory`, journals left out."""
    try:
        return [path for path in (directory / STAGING).iterdir() if ".json" not in path.name]
    except FileNotFoundError:
        return []
