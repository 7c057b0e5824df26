"""The object that scriptapp returns."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from tests.resolve_simulator.app.api import ApiObject, call
from tests.resolve_simulator.app.media_storage import MediaStorage
from tests.resolve_simulator.app.presets import PresetShelf
from tests.resolve_simulator.app.project_manager import ProjectManager
from tests.resolve_simulator.app.starts import note_quit
from tests.resolve_simulator.app.world import World

PAGES = ("media", "cut", "edit", "fusion", "color", "fairlight", "deliver")


class Resolve(ApiObject):
    """The application."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._manager = ProjectManager(world)
        self._storage = MediaStorage(world)
        self._shelf = PresetShelf(world)

    @call("GetProjectManager")
    def get_project_manager(self) -> ProjectManager:
        return self._manager

    @call("GetMediaStorage")
    def get_media_storage(self) -> MediaStorage:
        return self._storage

    @call("GetProductName")
    def get_product_name(self) -> str:
        if self.world.free:
            return "DaVinci Resolve"
        return self.world.fixture.product if self.world.fixture else "DaVinci Resolve Studio"

    @call("IsStudio", since=(21, 1))
    def is_studio(self) -> bool:
        return not self.world.free

    @call("GetVersion")
    def get_version(self) -> list[Any]:
        return [*(*self.world.version, 0, 0, 0, 0)[:4], ""]

    @call("GetVersionString")
    def get_version_string(self) -> str:
        return ".".join(str(each) for each in self.world.version)

    @call("OpenPage")
    def open_page(self, name: str) -> bool:
        known = (*PAGES, "photo") if self.world.version >= (21,) else PAGES
        if name in known:
            self.world.page = name
        return name in known

    @call("GetCurrentPage")
    def get_current_page(self) -> str:
        return self.world.page

    @call("GetCurrentProject", since=(21, 1))
    def get_current_project(self) -> Any:
        return self.world.current

    @call("ImportRenderPreset")
    def import_render_preset(self, path: str) -> bool:
        name = self._shelf.import_file(Path(path))
        if name is None:
            return False
        if self.world.current is not None:
            self.world.current.render.load_preset(name, self._shelf.fields(name), self.world)
        return True

    @call("ExportRenderPreset")
    def export_render_preset(self, name: str, path: str) -> bool:
        return self._shelf.export_file(name, Path(path))

    @call("DisableBackgroundTasksForCurrentResolveSession")
    def disable_background_tasks(self) -> None:
        """Lasts until the application restarts."""

    @call("Quit")
    def quit(self) -> None:
        if not self.world.quirks.quit_ignored:
            threading.Timer(self.world.quirks.quit_seconds, self._leave).start()

    def _leave(self) -> None:
        note_quit(self.world.root)
        (self.world.root / "resolve.sock").unlink(missing_ok=True)
        (self.world.root / "resolve.pid").unlink(missing_ok=True)
        os._exit(0)
