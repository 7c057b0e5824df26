"""Files on disk as Resolve browses them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.api import ApiObject, call

if TYPE_CHECKING:
    from tests.resolve_simulator.app.clip import MediaPoolItem


class MediaStorage(ApiObject):
    """The media storage."""

    @call("GetMountedVolumeList")
    def get_mounted_volume_list(self) -> list[str]:
        return ["/"]

    @call("GetSubFolderList")
    def get_sub_folder_list(self, path: str) -> list[str]:
        return sorted(str(each) for each in Path(path).iterdir() if each.is_dir()) if Path(path).is_dir() else []

    @call("GetFileList")
    def get_file_list(self, path: str) -> list[str]:
        if not Path(path).is_dir():
            return []
        return sorted(str(each) for each in Path(path).iterdir() if each.is_file() and each.suffix != ".json")

    @call("AddItemListToMediaPool")
    def add_item_list_to_media_pool(self, *items: Any) -> list[MediaPoolItem]:
        flat = items[0] if len(items) == 1 and isinstance(items[0], list) else list(items)
        paths = [each["media"] if isinstance(each, dict) else each for each in flat]
        return self.world.current.pool.import_media(paths) if self.world.current else []
