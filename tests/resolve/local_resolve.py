"""The simulated application inside the test's own process: no socket, no start."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.resolve_simulator.app.project import Project, untitled
from tests.resolve_simulator.app.project_manager import ProjectManager
from tests.resolve_simulator.app.resolve import Resolve
from tests.resolve_simulator.app.server import Server
from tests.resolve_simulator.app.world import World
from tests.resolve_simulator.install import install
from tests.resolve_simulator.quirks import Quirks
from tests.resolve_simulator.source_facts import SourceFacts

PATIENCE_SECONDS = 20.0
DNXHR = ("mov", "DNxHRLB")
SMALL = {"FormatWidth": 256, "FormatHeight": 144}


class LocalResolve:
    """`ask` does a call as a client's would be done: with the switches."""

    def __init__(
        self, root: Path, quirks: Quirks | None = None, *, headless: bool = True, fixture: Path | None = None
    ) -> None:
        self.installation = install(root=root / "resolve", quirks=quirks, fixture=fixture)
        self.root = root
        self.world = World(self.installation.root, headless=headless)
        self.world.current = untitled(self.world)
        self.resolve = Resolve(self.world)
        self._server = Server(self.world, self.resolve)

    @property
    def manager(self) -> ProjectManager:
        return self.resolve.get_project_manager()

    @property
    def project(self) -> Project:
        assert self.world.current is not None
        return self.world.current

    def ask(self, thing: Any, name: str, *args: Any) -> Any:
        return self._server.call(thing, name, list(args))

    def source(self, name: str = "A001_C001.R3D", **facts: Any) -> Path:
        """Write a camera file with facts beside it."""
        path = self.root / name
        path.write_bytes(b"synthetic")
        SourceFacts(**facts).write(path)
        return path

    def cut(self, *, timeline_rate: str = "24", name: str = "A001_C001.R3D", **facts: Any) -> Any:
        """Make a project with a timeline of one clip, and return the timeline."""
        self.ask(self.manager, "CreateProject", "job")
        self.ask(self.project, "SetSetting", "timelineFrameRate", timeline_rate)
        clips = self.ask(self.project.pool, "ImportMedia", [str(self.source(name, **facts))])
        return self.ask(self.project.pool, "CreateTimelineFromClips", "cut", clips)

    def queue(self, *, mode: int = 0, pair: tuple[str, str] = DNXHR, **settings: Any) -> Any:
        """Queue the timeline that is open, and return what AddRenderJob gives."""
        (self.root / "out").mkdir(exist_ok=True)
        self.ask(self.project, "SetCurrentRenderFormatAndCodec", *pair)
        self.ask(self.project, "SetRenderSettings", {"TargetDir": str(self.root / "out"), **SMALL, **settings})
        self.ask(self.project, "SetCurrentRenderMode", mode)
        return self.ask(self.project, "AddRenderJob")

    def render(self, job: str) -> dict[str, Any]:
        """Render a job to its end, and return its status."""
        assert self.ask(self.project, "StartRendering", [job], False) is True
        thread = self.project.queue.thread
        assert thread is not None
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
        return self.status(job)

    def status(self, job: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(self.project, "GetRenderJobStatus", job)
        return found

    def outputs(self) -> list[str]:
        """Return the names of what lies in the folder of the outputs."""
        return sorted(str(each.relative_to(self.root / "out")) for each in (self.root / "out").rglob("*.*"))


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so. Raises TimeoutError."""
    end, never = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {PATIENCE_SECONDS} s")
        never.wait(0.002)
