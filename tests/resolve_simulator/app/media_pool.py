"""The media pool: folders of clips, and what makes timelines of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.api import ApiObject, call
from tests.resolve_simulator.app.clip import MediaPoolItem
from tests.resolve_simulator.app.folder import Folder
from tests.resolve_simulator.app.media import Found, find, find_sequence
from tests.resolve_simulator.app.timeline import Timeline

if TYPE_CHECKING:
    from tests.resolve_simulator.app.project import Project
    from tests.resolve_simulator.app.timeline_item import TimelineItem
    from tests.resolve_simulator.app.world import World


class MediaPool(ApiObject):
    """One project's media pool."""

    def __init__(self, world: World, project: Project) -> None:
        super().__init__(world)
        self.project = project
        self.root = Folder(world, "Master")
        self.folder = self.root

    def things(self) -> list[ApiObject]:
        """Return every object in it."""
        folders = self.root.tree()
        return [*folders, *(clip for folder in folders for clip in folder.clips)]

    @call("GetRootFolder")
    def get_root_folder(self) -> Folder:
        return self.root

    @call("GetCurrentFolder")
    def get_current_folder(self) -> Folder:
        return self.folder

    @call("SetCurrentFolder")
    def set_current_folder(self, folder: Folder | None) -> bool:
        if folder not in self.root.tree():
            return False
        self.folder = folder
        return True

    @call("AddSubFolder")
    def add_sub_folder(self, folder: Folder | None, name: str) -> Folder | None:
        if folder not in self.root.tree() or any(each.name == name for each in folder.folders):
            return None
        added = Folder(self.world, name)
        folder.folders.append(added)
        self.folder = added
        self.project.dirty = True
        return added

    @call("DeleteFolders")
    def delete_folders(self, folders: list[Folder]) -> bool:
        for parent in self.root.tree():
            parent.folders[:] = [each for each in parent.folders if each not in folders]
        if self.folder not in self.root.tree():
            self.folder = self.root
        return True

    @call("ImportMedia")
    def import_media(self, items: list[Any]) -> list[MediaPoolItem]:
        found: list[Found] = []
        for each in items if isinstance(items, list) else []:
            if isinstance(each, dict):
                found += find_sequence(self.world, each["FilePath"], each["StartIndex"], each["EndIndex"])
            else:
                one = find(self.world, Path(each))
                found += [one] if one else []
        clips = [MediaPoolItem(self.world, each) for each in found]
        for clip in clips:
            if self.world.quirks.import_prompts and clip.rate != self.project.rate[0] and self.world.headless:
                self.world.hang()
        self.folder.clips += clips
        self.project.dirty = self.project.dirty or bool(clips)
        return clips

    @call("DeleteClips")
    def delete_clips(self, clips: list[MediaPoolItem]) -> bool:
        for folder in self.root.tree():
            folder.clips[:] = [each for each in folder.clips if each not in clips]
        return True

    @call("RelinkClips")
    def relink_clips(self, clips: list[MediaPoolItem], folder: str) -> bool:
        return bool(clips) and all((Path(folder) / each.found.file.name).exists() for each in clips)

    @call("UnlinkClips")
    def unlink_clips(self, clips: list[MediaPoolItem]) -> bool:
        return bool(clips)

    @call("CreateEmptyTimeline")
    def create_empty_timeline(self, name: str) -> Timeline | None:
        if not name or any(each.name == name for each in self.project.timelines):
            return None
        timeline = Timeline(self.world, self.project, name)
        self.project.timelines.append(timeline)
        self.project.timeline = timeline
        self.project.dirty = True
        return timeline

    @call("CreateTimelineFromClips")
    def create_timeline_from_clips(self, name: str, *items: Any) -> Timeline | None:
        infos = _infos(items)
        # Only clips of the folder that is open make a timeline.
        if not infos or not all(info["mediaPoolItem"] in self.folder.clips for info in infos):
            return None
        timeline = self.create_empty_timeline(name)
        if timeline is None:
            return None
        for info in infos:
            timeline.append(info["mediaPoolItem"], {k: v for k, v in info.items() if k != "trackIndex"})
        return timeline

    @call("AppendToTimeline")
    def append_to_timeline(self, *items: Any) -> list[TimelineItem]:
        timeline = self.project.timeline or self.create_empty_timeline("Timeline 1")
        infos = [info for info in _infos(items) if info["mediaPoolItem"] is not None]
        if timeline is None:
            return []
        self.project.dirty = True
        return [item for info in infos for item in timeline.append(info["mediaPoolItem"], info)]

    @call("DeleteTimelines")
    def delete_timelines(self, timelines: list[Timeline]) -> bool:
        left = [each for each in self.project.timelines if each not in timelines]
        done = len(left) < len(self.project.timelines)
        self.project.timelines = left
        if self.project.timeline not in left:
            self.project.timeline = left[0] if left else None
        return done


def _infos(items: tuple[Any, ...]) -> list[dict[str, Any]]:
    flat = items[0] if len(items) == 1 and isinstance(items[0], list) else list(items)
    return [each if isinstance(each, dict) else {"mediaPoolItem": each} for each in flat]
