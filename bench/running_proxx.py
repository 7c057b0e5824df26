"""A whole Proxx on loopback for as long as a benchmark needs it: `proxx up`, as a user starts it."""

import json
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from bench import process_tree
from bench.own_process import OwnProcess

ROOT = Path(__file__).resolve().parent.parent
PROXX = str(ROOT / ".venv" / "bin" / "proxx")
START_SECONDS = 60
JOB_SECONDS = 600


class RunningProxx(OwnProcess):
    """`with RunningProxx(directory=…, slots=2) as proxx:` starts scheduler and FFmpeg executor and ends them."""

    _stop_signal = signal.SIGINT

    def __init__(self, *, directory: Path, slots: int) -> None:
        """`directory` takes database and log; it must exist. `slots` is how many clips are encoded at once."""
        self._directory = directory
        self._slots = slots
        self.address = f"127.0.0.1:{_free_port()}"

    def __enter__(self) -> Self:
        """Start and wait until it answers.

        Raises:
            RuntimeError: it ended or did not answer in time; carries the end of its log.
        """
        argv = [PROXX, "up", "--data", str(self._directory / "data"), "--listen", self.address]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([*argv, "--slots", str(self._slots)], stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
                self.__exit__(None, None, None)
                raise RuntimeError(f"{' '.join(argv)} did not start (exit code {self._process.returncode}):\n{tail}")
            time.sleep(0.05)
        return self

    def scheduler_pid(self) -> int:
        """The scheduler's own process.

        Raises:
            RuntimeError: there is none.
        """
        for facts in process_tree.tree(self.pid):
            argv = process_tree.command_line(facts.pid)
            if "proxx_scheduler" in argv:
                return facts.pid
        raise RuntimeError("no process below proxx up runs proxx_scheduler")

    def run_job(self, job: Path) -> dict[str, Any]:
        """Run one JobSpec through the server and return its result.

        Raises:
            RuntimeError: it did not complete; carries what was said.
        """
        argv = [PROXX, "run", str(job), "--server", self.address]
        done = subprocess.run(argv, capture_output=True, timeout=JOB_SECONDS, check=False)
        if done.returncode != 0:
            said = (done.stderr + done.stdout).decode("utf-8", "replace")[-3000:]
            raise RuntimeError(f"{' '.join(argv)} ended with exit code {done.returncode}:\n{said}")
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    @property
    def _log(self) -> Path:
        return self._directory / "proxx-up.log"

    def _answers(self) -> bool:
        host, _, port = self.address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
