"""Everything that one running application holds: switches, database, objects, what is open."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.database import Database
from tests.resolve_simulator.app.registry import Registry
from tests.resolve_simulator.quirks import FILE_NAME, Quirks, read_quirks

if TYPE_CHECKING:
    from proxx_resolve_executor.host_fixture import HostFixture
    from tests.resolve_simulator.app.project import Project


LOOK_SECONDS = 2.0
FORGOTTEN_SECONDS = 900.0


class World:
    """The state of the process. `lock` is the application's one thread of work: a call that hangs keeps it."""

    def __init__(self, root: Path, *, headless: bool) -> None:
        self.root = root
        self.headless = headless
        self.lock = threading.Lock()
        self.registry = Registry()
        self.counts: Counter[str] = Counter()
        self.wedged = False
        self.modal = False
        self.licensed = True
        self.page = "media"
        self.started = time.monotonic()
        self.asked = time.monotonic()
        self.rendering = threading.Event()
        self.current: Project | None = None
        self._stamp: tuple[int, int] | None = None
        self._quirks = Quirks()
        self.fixture = _fixture(root)
        self.database = Database(root)

    @property
    def quirks(self) -> Quirks:
        """The switches as they are now; the file is read again when it is another."""
        path = self.root / FILE_NAME
        stat = path.stat() if path.exists() else None
        stamp = (stat.st_ino, stat.st_mtime_ns) if stat else None
        if stamp != self._stamp:
            self._quirks = read_quirks(self.root)
            self._stamp = stamp
        return self._quirks

    @property
    def version(self) -> tuple[int, ...]:
        """The version as numbers; the recorded host's, where there is one."""
        text = self.fixture.version if self.fixture else self.quirks.version
        return tuple(int(each) for each in text.split(".") if each.isdigit())

    @property
    def platform(self) -> str:
        """linux, darwin or windows; the recorded host's, where there is one."""
        return self.fixture.platform if self.fixture else self.quirks.platform

    @property
    def free(self) -> bool:
        """Whether it is the free edition, from the start or since its licence was lost."""
        return self.quirks.edition == "free" or not self.licensed

    @property
    def ready(self) -> bool:
        """Whether there is a database."""
        return not self.wedged and time.monotonic() - self.started >= self.quirks.ready_seconds

    def crash(self) -> None:
        """End the process as a crash does, with a line in the archive of crashes where the logs have a place."""
        logs = os.environ.get("BMD_RESOLVE_LOGS_DIR")
        if logs:
            with (Path(logs) / "crash_archive.txt").open("a", encoding="utf-8") as file:
                file.write("======= crash =======\n")
        os.kill(os.getpid(), signal.SIGKILL)

    def hang(self) -> None:
        """Never return: a dialog that nobody can see waits for an answer."""
        while True:
            time.sleep(LOOK_SECONDS)
            self.leave_if_forgotten()

    def leave_if_forgotten(self) -> None:
        """End the process whose root is gone, or that nobody has asked for long: its test ended without it."""
        if not self.root.exists() or time.monotonic() - self.asked > FORGOTTEN_SECONDS:
            os._exit(0)

    def none_calls(self) -> tuple[str, ...]:
        """Return the calls that work and give None: by the switch, and as the recorded host does."""
        returns = self.fixture.returns if self.fixture else {}
        return (*self.quirks.none_calls, *(name for name, value in returns.items() if value is None))

    def log(self, entry: dict[str, Any]) -> None:
        """Keep one call for the test to read."""
        if self.quirks.log_calls:
            with (self.root / "calls.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def _fixture(root: Path) -> HostFixture | None:
    path = root / "site.json"
    recorded = json.loads(path.read_text())["fixture"] if path.exists() else None
    if recorded is None:
        return None
    from proxx_resolve_executor.host_fixture import read_fixture  # slow to load, and seldom needed

    return read_fixture(path=Path(recorded))
