"""The fake installation as a test handles it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.resolve_simulator.quirks import FILE_NAME, Quirks

PATIENCE_SECONDS = 10.0


class Installation:
    """Where it lies, what its switches are, and what was asked of it. It starts nothing by itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.binary = root / "bin" / "resolve"
        self.script_api = root / "Developer" / "Scripting"
        self.library = root / "libs" / "Fusion" / "fusionscript.so"

    def environment(self) -> dict[str, str]:
        """Return the variables by which Proxx finds it: PROXX_RESOLVE_PATH and PROXX_RESOLVE_SCRIPT_API_PATH."""
        return {"PROXX_RESOLVE_PATH": str(self.root), "PROXX_RESOLVE_SCRIPT_API_PATH": str(self.script_api)}

    def script_environment(self) -> dict[str, str]:
        """Return the variables that the vendor documents for a script."""
        return {
            "RESOLVE_SCRIPT_API": str(self.script_api),
            "RESOLVE_SCRIPT_LIB": str(self.library),
            "PYTHONPATH": str(self.script_api / "Modules"),
        }

    def set_quirks(self, quirks: Quirks) -> None:
        """Set the switches; an application that runs obeys them from its next call on."""
        fresh = self.root / (FILE_NAME + ".new")
        fresh.write_text(quirks.text(), encoding="utf-8")
        fresh.replace(self.root / FILE_NAME)

    def start(self, *, headless: bool = True) -> subprocess.Popen[bytes]:
        """Start the application, as its user or a service would, and return its process at once."""
        return subprocess.Popen([str(self.binary), *(["-nogui"] if headless else [])], start_new_session=True)

    def wait_listening(self) -> None:
        """Wait until a client can connect. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.listening():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.binary} did not open its listener within {PATIENCE_SECONDS} s")
            time.sleep(0.005)

    def listening(self) -> bool:
        """Whether a client can connect now: the name of a socket outlives the process that was killed."""
        directory = os.open(self.root, os.O_RDONLY)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.connect(f"/proc/self/fd/{directory}/resolve.sock")
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        finally:
            os.close(directory)
        return True

    def pid(self) -> int | None:
        """Return the process id of the instance that runs, or None."""
        try:
            pid = int((self.root / "resolve.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _running(pid) else None

    def kill(self) -> None:
        """End the instance that runs, if any, without a word, and wait until it is gone."""
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + PATIENCE_SECONDS
        while _running(pid) and time.monotonic() < end:
            time.sleep(0.005)

    def calls(self) -> list[dict[str, Any]]:
        """Return every call that was received since the installation was made: object, call, args and value."""
        path = self.root / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def starts(self) -> int:
        """Return how often the application started and was the only instance."""
        path = self.root / "starts.json"
        return int(json.loads(path.read_text())["starts"]) if path.exists() else 0

    def projects(self) -> list[str]:
        """Return the names of the projects in the database, saved on disk."""
        path = self.root / "database.json"
        return sorted(json.loads(path.read_text())["projects"]) if path.exists() else []


def _running(pid: int) -> bool:
    """Whether it runs: one that its parent has not yet reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
