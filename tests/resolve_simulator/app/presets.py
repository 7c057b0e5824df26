"""Render presets: XML files with one element for each field."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

ROOT = "SyRecordInfo"

# Those that come with the application. `_NoVideo` is not a field of theirs: it is what the one preset does whatever
# is overlaid afterwards (reference, section 6).
BUILTIN: dict[str, dict[str, str]] = {
    "H.264 Master": {"RecordFormatType": "mov", "RecordFormatSubType": "avc1", "RecordAudioNumChannels": "2"},
    "ProRes 422 HQ": {"RecordFormatType": "mov", "RecordFormatSubType": "apch", "RecordAudioNumChannels": "2"},
    "YouTube - 1080p": {"RecordFormatType": "mp4", "RecordFormatSubType": "avc1", "RecordAudioNumChannels": "2"},
    "Audio Only": {"RecordFormatType": "wav", "_NoVideo": "1", "RecordAudioNumChannels": "2"},
}


class PresetShelf:
    """The presets of the application: the built-in ones and those imported, which survive it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def names(self) -> list[str]:
        """Return all names, the built-in ones first."""
        return [*BUILTIN, *sorted(self._world.database.presets)]

    def fields(self, name: str) -> dict[str, str]:
        """Return the fields of a preset. Raises KeyError where there is none."""
        if name in BUILTIN:
            return dict(BUILTIN[name])
        return parse(self._world.database.presets[name])

    def import_file(self, path: Path) -> str | None:
        """Take a preset in under the stem of its file, and return that; None where it is no preset, or the name is."""
        quirks = self._world.quirks
        if not path.is_file() or path.stem in BUILTIN:
            return None
        if path.stem in self._world.database.presets:
            return path.stem if quirks.preset_kept else None
        try:
            root = _element(path.read_text(encoding="utf-8"))
        except ElementTree.ParseError:
            return None
        if root.tag != ROOT:
            return None
        for field, value in quirks.preset_altered.items():
            _set(root, field, value)
        self.keep(path.stem, root)
        return path.stem

    def keep(self, name: str, root: ElementTree.Element) -> None:
        self._world.database.presets[name] = ElementTree.tostring(root, encoding="unicode")
        self._world.database.write()

    def save_as(self, name: str, fields: dict[str, str]) -> bool:
        """Keep the present state as a preset; False where the name is taken."""
        if name in self.names() or not name:
            return False
        root = ElementTree.Element(ROOT)
        for field, value in fields.items():
            _set(root, field, value)
        self.keep(name, root)
        return True

    def delete(self, name: str) -> bool:
        gone = self._world.database.presets.pop(name, None) is not None
        self._world.database.write()
        return gone

    def export_file(self, name: str, path: Path) -> bool:
        """Write a preset; False for a built-in one. The fields are those imported, the bytes are not."""
        text = self._world.database.presets.get(name)
        if text is None or not path.parent.is_dir():
            return False
        root = _element(text)
        root.set("DbId", f"{self._world.registry.add_nothing():08x}-0000-4000-8000-000000000000")
        ElementTree.indent(root)
        path.write_text('<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode"))
        return True


def parse(text: str) -> dict[str, str]:
    """Return the fields of a preset's XML: its direct children, and the pairs of its ExtraInfoMap."""
    root = _element(text)
    fields = {child.tag: (child.text or "").strip() for child in root if len(child) == 0}
    for pair in root.iter():
        key, value = pair.find("DbKey"), pair.find("DbVal")
        if key is not None and value is not None:
            fields[f"ExtraInfoMap.{(key.text or '').strip()}"] = (value.text or "").strip()
    return fields


def _element(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - presets are files of ours, in tests


def _set(root: ElementTree.Element, field: str, value: str) -> None:
    child = root.find(field)
    if child is None:
        child = ElementTree.SubElement(root, field)
    child.text = value
