"""The application process: one of an installation at a time."""

import fcntl
import os
import socket
import sys
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path

from tests.resolve_simulator.app.project import untitled
from tests.resolve_simulator.app.resolve import Resolve
from tests.resolve_simulator.app.server import Server
from tests.resolve_simulator.app.starts import read_starts
from tests.resolve_simulator.app.world import World
from tests.resolve_simulator.quirks import read_quirks

SOCKET = "resolve.sock"


def main(root_text: str, arguments: list[str]) -> int:
    """Run the application until it is ended; 0 at once where another instance runs already."""
    root = Path(root_text)
    quirks = read_quirks(root)
    if quirks.start_exits is not None:
        return quirks.start_exits
    lock = os.open(root / "resolve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    threading.excepthook = lambda seen: _note_defect(root, seen)
    (root / SOCKET).unlink(missing_ok=True)
    (root / "resolve.pid").write_text(str(os.getpid()))
    before = read_starts(root)
    now = replace(before, starts=before.starts + 1, running=True)
    now.write(root)
    world = World(root, headless="-nogui" in arguments)
    if quirks.start_hangs or "-fastmode" in arguments:
        world.hang()
    time.sleep(quirks.start_seconds + (quirks.start_after_kill_seconds if before.running else 0.0))
    after_kill = quirks.wedge_after_kill and before.running and not before.wedged
    world.wedged = quirks.wedged or now.starts <= quirks.wedged_starts or after_kill
    replace(now, wedged=world.wedged).write(root)
    world.started = time.monotonic()
    world.current = untitled(world)
    Server(world, Resolve(world)).serve(_listen(root))
    return 0


def _note_defect(root: Path, seen: threading.ExceptHookArgs) -> None:
    """Write down a defect of the simulator itself: to a client it would look like a Resolve that is gone."""
    with (root / "defects.txt").open("a", encoding="utf-8") as file:
        traceback.print_exception(seen.exc_type, seen.exc_value, seen.exc_traceback, file=file)


def _listen(root: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The socket gets its name only when it listens: a client that sees it can connect.
    directory = os.open(root, os.O_RDONLY)
    fresh = root / (SOCKET + ".new")
    fresh.unlink(missing_ok=True)
    listener.bind(f"/proc/self/fd/{directory}/{fresh.name}" if sys.platform == "linux" else str(fresh))
    listener.listen(16)
    fresh.rename(root / SOCKET)
    os.close(directory)
    return listener
