"""A stand-in for the native library fusionscript: `scriptapp`, and remote proxies over a Unix socket in the root.

Copied into the fake installation, so it stands alone. It refuses what has no place on the wire (a Path, a keyword),
where the real one would pass on something else.
"""

import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_FOREVER = 3600.0 * 24


def _quirks() -> dict[str, Any]:
    path = _ROOT / "quirks.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


class _Link:
    """One connection to the application; a lock makes a call of it whole."""

    def __init__(self, stream: socket.socket) -> None:
        self._lock = threading.Lock()
        self._stream = stream
        self._file = stream.makefile("rwb")
        self._dead = False

    def ask(self, request: dict[str, Any]) -> Any:
        """Return the answer, or None where the application is gone."""
        with self._lock:
            if not self._dead:
                try:
                    self._file.write(json.dumps(request).encode() + b"\n")
                    self._file.flush()
                    line = self._file.readline()
                except OSError:
                    line = b""
                if line:
                    return self._decode(json.loads(line)["value"])
                self._dead = True
        if _quirks().get("dead_call") == "hang":
            time.sleep(_FOREVER)
        return None

    def _decode(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._decode(each) for each in value]
        if isinstance(value, dict):
            if "$ref" in value:
                return PyRemoteObject(self, value["$ref"], value["$type"], tuple(value["$calls"]))
            return {_key(key): self._decode(each) for key, each in value.items()}
        return value


def _key(key: str) -> int | str:
    return int(key[5:]) if key.startswith("$int:") else key


def _encode(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, PyRemoteObject):
        return {"$ref": value._ref}
    if isinstance(value, (list, tuple)):
        return [_encode(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _encode(each) for key, each in value.items()}
    raise TypeError(f"{type(value).__name__} cannot be passed to Resolve")


class PyRemoteObject:
    """A thing in Resolve. Any attribute exists; one that is no method is None, which cannot be called."""

    __slots__ = ("_calls", "_link", "_ref", "_type")

    def __init__(self, link: _Link, ref: int, type_name: str, calls: tuple[str, ...]) -> None:
        self._link = link
        self._ref = ref
        self._type = type_name
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._calls:
            return None
        link, ref = self._link, self._ref

        def remote(*args: Any) -> Any:
            return link.ask({"ref": ref, "call": name, "args": [_encode(each) for each in args]})

        return remote

    def __dir__(self) -> list[str]:
        return sorted(self._calls)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PyRemoteObject) and (other._link, other._ref) == (self._link, self._ref)

    def __hash__(self) -> int:
        return hash(self._ref)

    def __repr__(self) -> str:
        return f"{self._type} (0x{self._ref:016X}) [App: 'Resolve' on 127.0.0.1]"


def _connect() -> _Link | None:
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # A socket's address is short and a test's directory may be long: reach it through a descriptor of the directory.
    directory = os.open(_ROOT, os.O_RDONLY)
    try:
        path = _ROOT / "resolve.sock"
        stream.connect(f"/proc/self/fd/{directory}/resolve.sock" if len(str(path)) > 100 else str(path))
    except OSError:
        stream.close()
        return None
    finally:
        os.close(directory)
    return _Link(stream)


def scriptapp(name: str, host: str | None = None, timeout: float | None = None) -> PyRemoteObject | None:
    """Return the application, or None: it does not run, or does not let itself be scripted."""
    quirks = _quirks()
    if quirks.get("scriptapp_hangs"):
        time.sleep(_FOREVER)
    scripting = quirks.get("scripting", "local")
    refused = scripting == "none" or (scripting == "network" and quirks.get("platform") == "darwin" and not host)
    if name != "Resolve" or quirks.get("scriptapp_none") or refused:
        return None
    link = _connect()
    return link.ask({"scriptapp": True}) if link is not None else None


def _import() -> None:
    quirks = _quirks()
    if quirks.get("import_blocks"):
        time.sleep(_FOREVER)
    if quirks.get("import_raises"):
        raise ModuleNotFoundError("No module named 'imp'", name="imp")
    if quirks.get("import_crashes"):
        os.kill(os.getpid(), signal.SIGSEGV)


_import()
