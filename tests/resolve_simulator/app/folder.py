"""A folder of the media pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.resolve_simulator.app.api import ApiObject, call

if TYPE_CHECKING:
    from tests.resolve_simulator.app.clip import MediaPoolItem
    from tests.resolve_simulator.app.world import World


class Folder(ApiObject):
    """Clips and folders."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world)
        self.name = name
        self.clips: list[MediaPoolItem] = []
        self.folders: list[Folder] = []

    def tree(self) -> list[Folder]:
        """Return it and all folders below."""
        return [self, *(each for folder in self.folders for each in folder.tree())]

    @call("GetName")
    def get_name(self) -> str:
        return self.name

    @call("GetClipList")
    def get_clip_list(self) -> list[MediaPoolItem]:
        return list(self.clips)

    @call("GetSubFolderList")
    def get_sub_folder_list(self) -> list[Folder]:
        return list(self.folders)

    @call("GetIsFolderStale")
    def get_is_folder_stale(self) -> bool:
        return False

    @call("GetUniqueId", since=(18,))
    def get_unique_id(self) -> str:
        return self.unique_id
