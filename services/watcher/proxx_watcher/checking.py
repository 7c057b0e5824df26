"""`proxx-watcher --check`: the configured folders as they were read, printed; nothing is watched and nobody asked."""

import os
import sys
from collections.abc import Mapping

from proxx.core.quoting import quote
from proxx.core.result_json import json_text
from proxx_watcher.domain.folder_settings import FolderSettings, Layout
from proxx_watcher.settings import WatcherSettings, media_settings


def print_folders(settings: WatcherSettings) -> None:
    """Print the folders on standard output: one line each, or one JSON document where `print_json` asks for it."""
    folders = [_plain(folder) for folder in settings.folders]
    if settings.print_json:
        sys.stdout.write(json_text({"scheduler": settings.scheduler, "folders": folders}) + "\n")
        return
    for folder in folders:
        said = f": {folder['remark']}" if folder["remark"] else ""
        sys.stdout.write(f"{folder['name']}, {folder['layout']}, {folder['path']}{said}\n")


def _plain(folder: FolderSettings) -> Mapping[str, object]:
    shared = {
        "name": folder.name,
        "path": quote(text=str(folder.path))[1:-1],
        "layout": folder.layout.value,
        "enabled": folder.enabled,
        "poll_seconds": folder.poll_seconds,
        "file_events": folder.file_events,
    }
    if folder.layout is not Layout.MEDIA:
        return {**shared, "max_workers": folder.max_workers, "queue": folder.options.queue, "remark": _remark(folder)}
    media = media_settings(folder)
    return {
        **shared,
        "preset": media.preset,
        "output_directory": media.output_directory,
        "auto_execute": media.safety.auto_execute,
        "remark": _remark(folder) or ("" if media.preset else "no preset is bound: no job will be made"),
    }


def _remark(folder: FolderSettings) -> str:
    """Say what would keep the folder from being watched now; it may come to be there later."""
    if not folder.enabled:
        return "not enabled"
    if not folder.path.is_dir():
        return "the folder is not there"
    needed = os.R_OK | os.X_OK | (0 if folder.layout is Layout.MEDIA else os.W_OK)
    return "" if os.access(folder.path, needed) else "this user may not read and write it"
