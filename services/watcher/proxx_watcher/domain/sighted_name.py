"""What one look at a directory entry shows."""

from dataclasses import dataclass
from enum import StrEnum

from proxx_watcher.domain.sighting import Sighting


class NameKind(StrEnum):
    """What a directory entry is, links not followed."""

    FILE = "regular file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    OTHER = "special file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SightedName:
    """One entry: its name as os.fsdecode gives it, and what stands there. `sighting` is None unless it is a file."""

    name: str
    kind: NameKind
    sighting: Sighting | None
