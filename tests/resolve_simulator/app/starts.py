"""How often the application of an installation started, and how its last instance ended."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Starts:
    """`running` stays True where an instance was killed; `wedged` says that the last one came up so."""

    starts: int = 0
    running: bool = False
    wedged: bool = False

    def write(self, root: Path) -> None:
        fresh = root / "starts.new"
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(root / "starts.json")


def read_starts(root: Path) -> Starts:
    """Return what is known of earlier instances."""
    path = root / "starts.json"
    return Starts(**json.loads(path.read_text())) if path.exists() else Starts()


def note_quit(root: Path) -> None:
    """Remember that the application ended in good order."""
    replace(read_starts(root), running=False, wedged=False).write(root)
