"""A project as it is saved, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.clip import MediaPoolItem
from tests.resolve_simulator.app.folder import Folder
from tests.resolve_simulator.app.media import find
from tests.resolve_simulator.app.project import Project, new_project

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World


def snapshot(project: Project) -> dict[str, Any]:
    """Return what the database keeps: settings, render state, folders with the files of their clips, and timelines."""
    render = project.render
    clips = {clip.ref: clip.found.shown for folder in project.pool.root.tree() for clip in folder.clips}
    return {
        "settings": dict(project.settings),
        "render": {
            "mode": render.mode,
            "format_id": render.format_id,
            "codec_id": render.codec_id,
            "preset_name": render.preset_name,
            "preset": dict(render.preset),
            "values": dict(render.values),
        },
        "folder": _folder(project.pool.root),
        "timelines": [
            {
                "name": timeline.name,
                "start": timeline.start_frame,
                "items": [[clips.get(each.clip.ref, ""), each.start, each.offset] for each in timeline.pictures()],
            }
            for timeline in project.timelines
        ],
    }


def _folder(folder: Folder) -> dict[str, Any]:
    shown = [clip.found.shown for clip in folder.clips]
    return {"name": folder.name, "clips": shown, "folders": [_folder(each) for each in folder.folders]}


def restore(world: World, *, name: str, key: str, saved: dict[str, Any]) -> Project:
    """Return an open project as it was saved; media that is gone is left out."""
    project = new_project(world, name=name, key=key)
    project.settings = dict(saved["settings"])
    for field, value in saved["render"].items():
        setattr(project.render, field, dict(value) if isinstance(value, dict) else value)
    _fill(world, project.pool.root, saved["folder"])
    clips = {clip.found.shown: clip for folder in project.pool.root.tree() for clip in folder.clips}
    for raw in saved["timelines"]:
        timeline = project.pool.create_empty_timeline(raw["name"])
        if timeline is None:
            continue
        timeline.start_frame = raw["start"]
        for shown, start, offset in raw["items"]:
            if shown in clips:
                timeline.append(clips[shown], {"recordFrame": start, "startFrame": offset})
    project.dirty = False
    return project


def _fill(world: World, folder: Folder, raw: dict[str, Any]) -> None:
    found = [find(world, Path(shown)) for shown in raw["clips"]]
    folder.clips = [MediaPoolItem(world, each) for each in found if each is not None]
    for inner in raw["folders"]:
        added = Folder(world, inner["name"])
        folder.folders.append(added)
        _fill(world, added, inner)
