"""Scheduler and executor as separate processes, each of which a test may kill by itself."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.begun import Begun
from tests.e2e.workplace import Outcome, Workplace

LEASE_SECONDS = 2.0


@dataclass(slots=True)
class Parts:
    """Scheduler and executor as separate processes over one database and one port."""

    workplace: Workplace
    lease_seconds: float = LEASE_SECONDS
    address: str = "127.0.0.1:0"
    started: list[Begun] = field(default_factory=list)

    def scheduler(self, *more: str) -> Begun:
        """Start a scheduler; the first one picks the port, later ones take the same."""
        words = ["--listen", self.address, "--database", str(self.workplace.root / "proxx.db")]
        begun = self._start("proxx_scheduler", [*words, "--lease-seconds", f"{self.lease_seconds:g}", *more])
        self.address = str(begun.ready()["address"])
        return begun

    def executor(self, *more: str, scheduler: str = "", environment: Mapping[str, str] | None = None) -> Begun:
        """Start an executor with one slot and wait until its session is open. `environment` is added to its own."""
        words = ["--scheduler", scheduler or self.address, "--name", "e", "--slots", "1"]
        begun = self._start("proxx_ffmpeg_executor", [*words, *more], environment)
        begun.ready()
        return begun

    def ask(self, *words: str | Path) -> Outcome:
        """Run a command against the scheduler."""
        return self.workplace.proxx(*words, "--server", self.address)

    def submit(self, spec: Path, *words: str) -> str:
        """Submit a job and return its key."""
        done = self.ask("submit", spec, *words, "--json")
        assert done.code == 0, done.stderr
        return str(done.json()["job"]["job_key"])

    def job(self, key: str) -> dict[str, Any]:
        """The job and its clips."""
        found: dict[str, Any] = self.ask("jobs", "get", key, "--json").json()
        return found

    def result(self, key: str) -> dict[str, Any]:
        """Follow the job to its end and return the result."""
        watched_job = self.ask("jobs", "watch", key)
        assert watched_job.code == 0, watched_job.stderr
        found: dict[str, Any] = self.ask("jobs", "result", key).json()
        return found

    def _start(self, module: str, words: list[str], environment: Mapping[str, str] | None = None) -> Begun:
        begun = Begun.start(
            [sys.executable, "-P", "-m", module, *words],
            directory=self.workplace.root,
            environment={**self.workplace.environment(), **(environment or {})},
            ready=True,
        )
        self.started.append(begun)
        return begun
