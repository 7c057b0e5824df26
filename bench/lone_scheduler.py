"""A scheduler process alone, on a database of the caller's, for as long as a benchmark needs it."""

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Self

from bench.own_process import OwnProcess

START_SECONDS = 120
TAIL_CHARACTERS = 2000


class LoneScheduler(OwnProcess):
    """`with LoneScheduler(directory=…, database=…) as scheduler:` starts it as a user does, and ends it."""

    def __init__(self, *, directory: Path, database: str, options: tuple[str, ...] = ()) -> None:
        """`directory` takes the log and must exist; `database` is a file or postgresql://…, `options` are flags."""
        self._log = directory / "scheduler.log"
        self._argv = [sys.executable, "-m", "proxx_scheduler", "--database", database, "--listen", "127.0.0.1:0"]
        self._argv += ["--root", "local=/", "--log-level", "warning", *options]
        self.address = ""

    def __enter__(self) -> Self:
        """Start it and wait until it is ready.

        Raises:
            RuntimeError: it ended or did not answer in time; carries the end of its log.
        """
        reader, writer = os.pipe()
        with self._log.open("ab") as log, os.fdopen(reader, encoding="utf-8") as pipe:
            argv = [*self._argv, "--ready-fd", str(writer)]
            self._process = subprocess.Popen(argv, stdout=log, stderr=log, pass_fds=(writer,))
            os.close(writer)
            ready, _, _ = select.select([pipe], [], [], START_SECONDS)
            line = pipe.readline() if ready else ""
        if not line:
            self.__exit__(None, None, None)
            tail = self._log.read_text(encoding="utf-8", errors="replace")[-TAIL_CHARACTERS:]
            raise RuntimeError(f"{' '.join(self._argv)} did not start (exit code {self._process.returncode}):\n{tail}")
        self.address = json.loads(line)["address"]
        return self
