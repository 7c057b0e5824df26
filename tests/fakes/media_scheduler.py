"""A scheduler in memory for media folders: jobs are held until they are started, and end when the test says so."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from proxx.core.jobs import JobState, JobView, SubmissionOptions
from proxx.core.presets.preset_library import PresetLibrary
from proxx.core.profile_library import ProfileLibrary
from proxx_watcher.app.ports import SubmissionFailedError, SubmissionRefusedError
from tests.fakes.watch_scheduler import FakeWatchScheduler


@dataclass
class FakeMediaScheduler(FakeWatchScheduler):
    """Implements proxx_watcher.app.media_ports.MediaScheduler. `seen` is told every source at the moment it comes."""

    seen: Callable[[str], None] | None = None
    fails_on: str = ""
    """The name of a source whose submission always fails."""
    started: list[str] = field(default_factory=list)

    async def submit(self, *, request_id: str, spec_json: str, options: SubmissionOptions) -> JobView:
        if self.fails_on and json.loads(spec_json)["sources"][0].endswith(f"/{self.fails_on}"):
            raise SubmissionFailedError("INTERNAL: correlation id 3fa94c1b")
        known = request_id in self._keys
        view = await super().submit(request_id=request_id, spec_json=spec_json, options=options)
        if self.seen is not None and not known:
            self.seen(json.loads(spec_json)["sources"][0])
        return view

    async def start(self, *, job_key: str, request_id: str) -> JobView:
        self._answer()
        view = self._views[job_key]
        if view.state is not JobState.PENDING or not view.options.hold:
            raise SubmissionRefusedError(message=f"job {job_key} is not held", violations=())
        self.started.append(job_key)
        self._views[job_key] = replace(view, options=replace(view.options, hold=False))
        return self._views[job_key]

    @property
    def sources(self) -> list[str]:
        """The source of every job, in the order in which they were made."""
        return [json.loads(text)["sources"][0] for text in self.submitted]


@dataclass
class FakeRecipes:
    """Implements proxx_watcher.app.media_ports.Recipes."""

    library: PresetLibrary
    profile_library: ProfileLibrary

    async def presets(self) -> PresetLibrary:
        return self.library

    async def profiles(self) -> ProfileLibrary:
        return self.profile_library
