"""A client that speaks to the simulated application's socket, and waits for no answer longer than it is told to."""

import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 10.0


class WireClient:
    """Asks in plain JSON: what comes back is what went over the wire."""

    def __init__(self, root: Path) -> None:
        self._stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._stream.settimeout(PATIENCE_SECONDS)
        directory = os.open(root, os.O_RDONLY)
        self._stream.connect(f"/proc/self/fd/{directory}/resolve.sock")
        os.close(directory)
        self._file = self._stream.makefile("rwb")
        self.resolve = self._send({"scriptapp": True})
        self.manager = self.ask(self.resolve, "GetProjectManager")

    def ask(self, thing: dict[str, Any], name: str, *args: Any, within: float = PATIENCE_SECONDS) -> Any:
        """Return what a call gives; None where the application is gone. Raises TimeoutError."""
        self._stream.settimeout(within)
        return self._send({"ref": thing["$ref"], "call": name, "args": list(args)})

    def close(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._file.close()
        self._stream.close()

    def _send(self, request: dict[str, Any]) -> Any:
        try:
            self._file.write(json.dumps(request).encode() + b"\n")
            self._file.flush()
            line = self._file.readline()
        except ConnectionError:
            line = b""
        return json.loads(line)["value"] if line else None
