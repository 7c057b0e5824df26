"""One project: settings, media, timelines, and the render queue."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.resolve_simulator.app.api import ApiObject, call
from tests.resolve_simulator.app.media_pool import MediaPool
from tests.resolve_simulator.app.presets import PresetShelf
from tests.resolve_simulator.app.project_settings import accepts, new_settings
from tests.resolve_simulator.app.rates import parse_rate
from tests.resolve_simulator.app.recorded import lists_dicts
from tests.resolve_simulator.app.render_queue import RenderQueue
from tests.resolve_simulator.app.render_state import RenderState
from tests.resolve_simulator.app.tables import CodecTables
from tests.resolve_simulator.app.timeline import Timeline
from tests.resolve_simulator.app.world import World

UNTITLED = "Untitled Project"


class Project(ApiObject):
    """A project that is open. `key` is its place in the database, `saved_key` where it was last saved."""

    def __init__(self, world: World, *, name: str, key: str) -> None:
        super().__init__(world)
        self.name = name
        self.key = key
        self.saved_key = key
        self.dirty = False
        self.settings = new_settings(world)
        self.tables = CodecTables(world)
        self.shelf = PresetShelf(world)
        self.render = RenderState()
        if world.quirks.sticky_preset:
            self.render.load_preset(world.quirks.sticky_preset, self.shelf.fields(world.quirks.sticky_preset), world)
        self.pool = MediaPool(world, self)
        self.timelines: list[Timeline] = []
        self.timeline: Timeline | None = None
        self.queue = RenderQueue(world, self)

    @property
    def rate(self) -> tuple[Fraction, bool]:
        """The exact rate of its timelines, and whether their timecode drops."""
        parsed = parse_rate(self.settings["timelineFrameRate"])
        if parsed is None:
            raise ValueError(f"timelineFrameRate: {self.settings['timelineFrameRate']!r} is no rate")
        return parsed

    def forget(self) -> None:
        """Let go of everything that scripts may hold of it; what they still hold answers None."""
        items = [item for timeline in self.timelines for item in timeline.all_items()]
        self.world.registry.forget([self, self.pool, *self.pool.things(), *self.timelines, *items])

    @call("GetName")
    def get_name(self) -> str:
        return self.name

    @call("SetName")
    def set_name(self, name: str) -> bool:
        key = "/".join([*self.key.split("/")[:-1], name])
        if not name or "/" in name or key in self.world.database.projects:
            return False
        self.name, self.key, self.dirty = name, key, True
        return True

    @call("GetUniqueId", since=(18,))
    def get_unique_id(self) -> str:
        return self.unique_id

    @call("GetMediaPool")
    def get_media_pool(self) -> MediaPool:
        return self.pool

    @call("GetTimelineCount")
    def get_timeline_count(self) -> int:
        return len(self.timelines)

    @call("GetTimelineByIndex")
    def get_timeline_by_index(self, index: int) -> Timeline | None:
        return self.timelines[index - 1] if 1 <= index <= len(self.timelines) else None

    @call("GetCurrentTimeline")
    def get_current_timeline(self) -> Timeline | None:
        return self.timeline

    @call("SetCurrentTimeline")
    def set_current_timeline(self, timeline: Timeline | None) -> bool:
        if timeline not in self.timelines:
            return False
        self.timeline = timeline
        return True

    @call("GetSetting")
    def get_setting(self, key: str = "") -> Any:
        return self.settings.get(key, "") if key else dict(self.settings)

    @call("SetSetting")
    def set_setting(self, key: str, value: str) -> bool:
        quirks = self.world.quirks
        if key in quirks.settings_refused or not isinstance(value, str):
            return False
        has_timeline, portrait = bool(self.timelines), quirks.portrait_refused
        if not accepts(self.settings, key, value, has_timeline=has_timeline, portrait_refused=portrait):
            return False
        if key not in quirks.settings_without_effect:
            self.settings[key] = value
            self.dirty = True
        return True

    @call("GetPresetList")
    def get_preset_list(self) -> list[dict[str, Any]]:
        return [{"Name": "Current Project", "Width": 1920, "Height": 1080}]

    @call("SetPreset")
    def set_preset(self, name: str) -> bool:
        return name == "Current Project"

    @call("GetRenderFormats")
    def get_render_formats(self) -> dict[str, str]:
        return self.tables.formats()

    @call("GetRenderCodecs")
    def get_render_codecs(self, format_id: str) -> dict[str, str]:
        return self.tables.codecs(format_id)

    @call("GetRenderResolutions")
    def get_render_resolutions(self, format_id: str = "", codec_id: str = "") -> list[dict[str, int]]:
        return self.tables.resolutions(format_id, codec_id)

    @call("GetCurrentRenderFormatAndCodec")
    def get_current_render_format_and_codec(self) -> dict[str, str]:
        return {"format": self.render.format_id, "codec": self.render.codec_id}

    @call("SetCurrentRenderFormatAndCodec")
    def set_current_render_format_and_codec(self, format_id: str, codec_id: str) -> bool:
        refused = f"{format_id}/{codec_id}" in self.world.quirks.codecs_refused
        if refused or not self.tables.lists(format_id, codec_id):
            return False
        if not self.world.rendering.is_set():
            self.render.select(format_id, codec_id)
        return True

    @call("GetCurrentRenderMode")
    def get_current_render_mode(self) -> int:
        return self.render.mode

    @call("SetCurrentRenderMode")
    def set_current_render_mode(self, mode: int) -> bool:
        if mode not in (0, 1):
            return False
        self.render.mode = mode
        return True

    @call("GetRenderPresetList")
    def get_render_preset_list(self) -> list[Any]:
        names = self.shelf.names()
        return [{"PresetName": name} for name in names] if lists_dicts(self.world) else list(names)

    @call("LoadRenderPreset")
    def load_render_preset(self, name: str) -> bool:
        if name not in self.shelf.names():
            return False
        if not self.world.rendering.is_set():
            self.render.load_preset(name, self.shelf.fields(name), self.world)
        return True

    @call("SaveAsNewRenderPreset")
    def save_as_new_render_preset(self, name: str) -> bool:
        return self.shelf.save_as(name, self.render.as_preset())

    @call("DeleteRenderPreset")
    def delete_render_preset(self, name: str) -> bool:
        return self.shelf.delete(name)

    @call("SetRenderSettings")
    def set_render_settings(self, settings: dict[str, Any]) -> bool:
        if not isinstance(settings, dict):
            return False
        if not self.world.rendering.is_set():
            self.render.overlay(settings, self.world)
        return True

    @call("AddRenderJob")
    def add_render_job(self) -> str:
        return self.queue.add()

    @call("GetRenderJobList")
    def get_render_job_list(self) -> list[dict[str, Any]]:
        return self.queue.listed()

    @call("DeleteRenderJob")
    def delete_render_job(self, job_id: str) -> bool:
        return self.queue.delete(job_id)

    @call("DeleteAllRenderJobs")
    def delete_all_render_jobs(self) -> bool:
        return self.queue.delete_all()

    @call("StartRendering")
    def start_rendering(self, *args: Any) -> bool:
        return self.queue.start(args)

    @call("StopRendering")
    def stop_rendering(self) -> None:
        self.queue.stop()

    @call("IsRenderingInProgress")
    def is_rendering_in_progress(self) -> bool:
        return self.world.rendering.is_set()

    @call("GetRenderJobStatus")
    def get_render_job_status(self, job_id: str) -> dict[str, Any]:
        return self.queue.status(job_id)


def new_project(world: World, *, name: str, key: str) -> Project:
    """Return a project with the defaults of this host."""
    return Project(world, name=name, key=key)


def untitled(world: World) -> Project:
    """Return the project that is open when no other is: never saved, in no database."""
    project = Project(world, name=UNTITLED, key="")
    project.dirty = True
    return project
