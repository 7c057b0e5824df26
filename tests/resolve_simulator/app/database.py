"""What survives the process: projects as they were last saved, folders of projects, and render presets."""

import json
from pathlib import Path
from typing import Any


class Database:
    """A disk database in the root, written whole after each change."""

    def __init__(self, root: Path) -> None:
        self._path = root / "database.json"
        raw = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}
        self.projects: dict[str, dict[str, Any]] = raw.get("projects", {})  # "folder/name", "name" in the root
        self.folders: list[str] = raw.get("folders", [])
        self.presets: dict[str, str] = raw.get("presets", {})  # name: the XML as it was imported

    def write(self) -> None:
        """Save it."""
        fresh = self._path.with_suffix(".new")
        text = json.dumps({"projects": self.projects, "folders": self.folders, "presets": self.presets})
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self._path)
