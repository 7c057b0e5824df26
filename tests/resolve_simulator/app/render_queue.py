"""The render queue of a project, and the thread that works it off."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.recorded import percentage, status_word
from tests.resolve_simulator.app.render_job import RenderJob, make_job
from tests.resolve_simulator.app.renderer import Renderer

if TYPE_CHECKING:
    from tests.resolve_simulator.app.project import Project
    from tests.resolve_simulator.app.world import World


class RenderQueue:
    """Jobs by id, in order. While it renders, changes are ignored without a word."""

    def __init__(self, world: World, project: Project) -> None:
        self._world = world
        self._project = project
        self._stop = threading.Event()
        self.jobs: dict[str, RenderJob] = {}
        self.thread: threading.Thread | None = None

    def add(self) -> str:
        """Queue the present state; an empty id where that cannot be rendered, or something is."""
        job = None if self._world.rendering.is_set() else make_job(self._project)
        if job is None:
            return ""
        self.jobs[job.job_id] = job
        self._project.dirty = True
        return job.job_id

    def listed(self) -> list[dict[str, Any]]:
        return [{"JobId": job.job_id, **job.shown} for job in self.jobs.values()]

    def delete(self, job_id: str) -> bool:
        if self._world.rendering.is_set():
            return job_id in self.jobs
        return self.jobs.pop(job_id, None) is not None

    def delete_all(self) -> bool:
        if not self._world.rendering.is_set():
            self.jobs.clear()
        return True

    def start(self, args: tuple[Any, ...]) -> bool:
        """Take every documented form: ids, ([ids], interactive), (interactive)."""
        flat = [each for arg in args for each in (arg if isinstance(arg, list) else [arg])]
        ids = [each for each in flat if isinstance(each, str)]
        if True in flat and self._world.headless:
            self._world.hang()
        named = ids or (list(self.jobs) if not any(isinstance(arg, list) for arg in args) else [])
        if self._world.rendering.is_set() or not named or not set(named) <= set(self.jobs):
            return False
        if self._world.quirks.start_ignored:
            return True
        self._stop.clear()
        self._world.rendering.set()
        chosen = [self.jobs[each] for each in named]
        self.thread = threading.Thread(target=Renderer(self._world, self._stop).run, args=(chosen,), daemon=True)
        self.thread.start()
        return True

    def stop(self) -> None:
        if not self._world.quirks.stop_ignored:
            self._stop.set()

    def status(self, job_id: str) -> dict[str, Any]:
        """Return what is known of a job; empty for an unknown one."""
        job = self.jobs.get(job_id)
        if job is None:
            return {}
        quirks = self._world.quirks
        word = "Rendering" if job.status == "Complete" and quirks.final_status_missing else job.status
        shown: dict[str, Any] = {
            "JobStatus": status_word(self._world, word),
            "CompletionPercentage": percentage(self._world, job.percent),
        }
        if job.status == "Rendering":
            shown["EstimatedTimeRemainingInMs"] = int(max(100 - job.percent, 0) * 10 * quirks.render_seconds)
        if job.seconds is not None:
            shown["TimeTakenToRenderInMs"] = int(job.seconds * 1000)
        if job.error:
            shown["Error"] = job.error
        return shown
