"""Paths with their links resolved, where the disk answers."""

import contextlib
import os
import threading
from functools import cache
from pathlib import Path

_SECONDS = 2.0


@cache
def real_path(path: Path) -> Path:
    """Return a path with every link resolved as far as it is there; as it is written when its disk does not answer.

    Asked once for each path. A dead mount costs two seconds, not the start: the thread that waits for it is a daemon.
    """
    found: list[Path] = []

    def resolve() -> None:
        with contextlib.suppress(OSError, RuntimeError):  # links in a ring: the folder says so when it is looked at
            found.append(path.resolve())

    thread = threading.Thread(target=resolve, name="resolve", daemon=True)
    thread.start()
    thread.join(_SECONDS)
    return found[0] if found else Path(os.path.abspath(path))  # noqa: PTH100  without touching the disk
