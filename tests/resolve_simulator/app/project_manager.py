"""Projects: made, loaded, saved, closed, deleted, and the folders they lie in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.resolve_simulator.app.api import ApiObject, call
from tests.resolve_simulator.app.project import UNTITLED, Project, new_project, untitled
from tests.resolve_simulator.app.snapshot import restore, snapshot
from tests.resolve_simulator.app.world import World


class ProjectManager(ApiObject):
    """The project manager. Names are per folder; a key of the database is `folder/name`."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._folder = ""
        self._left: set[str] = set()  # keys that were left by LoadProject, without CloseProject
        self._refused: set[str] = set()  # keys whose DeleteProject was refused once

    @property
    def _current(self) -> Project:
        assert self.world.current is not None
        return self.world.current

    @call("CreateProject")
    def create_project(self, name: str, media_location: str | None = None) -> Any:
        if self.world.wedged:
            return False
        key, current = self._key(name), self._current
        blocked = {
            "untitled": current.name == UNTITLED,
            "dirty": current.name == UNTITLED or current.dirty,
        }.get(self.world.quirks.create_blocked_by, False)
        if blocked or not name or "/" in name or key in self.world.database.projects or name == UNTITLED:
            return None
        project = new_project(self.world, name=name, key=key)
        self.world.database.projects[key] = snapshot(project)
        self.world.database.write()
        self._open(project)
        return project

    @call("LoadProject")
    def load_project(self, name: str) -> Any:
        if self.world.wedged:
            return False
        key = self._key(name)
        if key == self._current.key:
            return self._current
        if key not in self.world.database.projects or self.world.rendering.is_set():
            return None
        project = restore(self.world, name=name, key=key, saved=self.world.database.projects[key])
        self._open(project)
        return project

    def _open(self, project: Project) -> None:
        old = self._current
        if old.name != UNTITLED:
            self._left.add(old.key)
        self._left.discard(project.key)
        old.forget()
        self.world.current = project

    @call("GetCurrentProject")
    def get_current_project(self) -> Project:
        return self._current

    @call("SaveProject")
    def save_project(self) -> bool | None:
        if self.world.wedged:
            return None
        project = self._current
        if project.name == UNTITLED:
            if self.world.headless and self.world.quirks.save_untitled_hangs:
                self.world.hang()
            return False
        self.world.database.projects.pop(project.saved_key, None)
        self.world.database.projects[project.key] = snapshot(project)
        self.world.database.write()
        project.saved_key = project.key
        project.dirty = False
        return True

    @call("CloseProject")
    def close_project(self, project: Project | None) -> bool:
        if project is not self._current or self.world.rendering.is_set():
            return False
        project.forget()
        self._left.discard(project.key)
        self.world.current = untitled(self.world)
        return True

    @call("DeleteProject")
    def delete_project(self, name: str) -> bool:
        key = self._key(name)
        if self.world.wedged or key not in self.world.database.projects:
            return False
        if key in (self._current.key, self._current.saved_key) or key in self._left:
            return False
        if self.world.quirks.delete_twice and key not in self._refused:
            self._refused.add(key)
            return False
        self._refused.discard(key)
        del self.world.database.projects[key]
        self.world.database.write()
        return True

    @call("GetProjectListInCurrentFolder")
    def get_project_list(self) -> list[str] | None:
        if not self.world.ready:
            return None
        keys = (key.rpartition("/") for key in self.world.database.projects)
        return sorted(name for folder, _, name in keys if folder == self._folder)

    @call("GetFolderListInCurrentFolder")
    def get_folder_list(self) -> list[str] | None:
        if not self.world.ready:
            return None
        parts = (each.rpartition("/") for each in self.world.database.folders)
        return sorted(name for folder, _, name in parts if folder == self._folder)

    @call("CreateFolder")
    def create_folder(self, name: str) -> bool:
        key = self._key(name)
        if self.world.wedged or not name or "/" in name or key in self.world.database.folders:
            return False
        self.world.database.folders.append(key)
        self.world.database.write()
        return True

    @call("DeleteFolder")
    def delete_folder(self, name: str) -> bool:
        key = self._key(name)
        inside = [each for each in self.world.database.projects if each.startswith(key + "/")]
        if key not in self.world.database.folders or inside:
            return False
        self.world.database.folders.remove(key)
        self.world.database.write()
        return True

    @call("OpenFolder")
    def open_folder(self, name: str) -> bool:
        if self._key(name) not in self.world.database.folders:
            return False
        self._folder = self._key(name)
        return True

    @call("GotoRootFolder")
    def goto_root_folder(self) -> bool:
        self._folder = ""
        return True

    @call("GotoParentFolder")
    def goto_parent_folder(self) -> bool:
        inside, self._folder = bool(self._folder), self._folder.rpartition("/")[0]
        return inside

    @call("GetCurrentFolder")
    def get_current_folder(self) -> str:
        return self._folder.rpartition("/")[2]

    @call("GetCurrentDatabase")
    def get_current_database(self) -> dict[str, str] | None:
        return {"DbType": "Disk", "DbName": "Local Database"} if self.world.ready else None

    @call("GetDatabaseList")
    def get_database_list(self) -> list[dict[str, str]]:
        return [{"DbType": "Disk", "DbName": "Local Database"}] if self.world.ready else []

    @call("SetCurrentDatabase")
    def set_current_database(self, info: dict[str, str]) -> bool:
        if not self.world.ready or info.get("DbName") != "Local Database" or info.get("DbType") != "Disk":
            return False
        self._current.forget()
        self.world.current = untitled(self.world)
        return True

    @call("ExportProject")
    def export_project(self, name: str, path: str, with_stills: bool = True) -> bool:
        saved = self.world.database.projects.get(self._key(name))
        if saved is None or not Path(path).parent.is_dir():
            return False
        Path(path).write_text(json.dumps({"drp": saved}), encoding="utf-8")
        return True

    @call("ImportProject")
    def import_project(self, path: str, name: str | None = None) -> bool:
        file = Path(path)
        key = self._key(name or file.stem)
        if self.world.wedged or not file.is_file() or key in self.world.database.projects:
            return False
        try:
            saved = json.loads(file.read_text(encoding="utf-8"))["drp"]
        except (ValueError, KeyError):
            return False
        self.world.database.projects[key] = saved
        self.world.database.write()
        return True

    def _key(self, name: str) -> str:
        return f"{self._folder}/{name}" if self._folder else name
