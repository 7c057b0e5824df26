"""What is set for one watch folder: plain values, checked at the edge (proxx_watcher.settings)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from proxx.core.jobs import SubmissionOptions

DEFAULT_EXTENSIONS = ("mov", "mp4", "mxf", "avi", "mkv")


class Layout(StrEnum):
    """How a folder is laid out (REQUIREMENTS.md C11)."""

    AUTO = "auto"
    STAGED = "staged"
    FLAT = "flat"
    MEDIA = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecTiming:
    """When a dropped JobSpec is at rest. Seconds.

    It must look the same twice, at least `still_seconds` apart; one that does not parse is refused only after
    `quiet_seconds` without a change, because it may still be being written.
    """

    still_seconds: float = 0.5
    quiet_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings:
    """One folder. `path` is absolute and real; `layout` is never AUTO here: it was chosen when the folder was opened.

    `options` is how its jobs are scheduled. `media` are the keys of the media layout as the settings file has them,
    checked by proxx_watcher.domain.media_spec; empty for JobSpec layouts.
    """

    name: str
    path: Path
    layout: Layout
    enabled: bool = True
    poll_seconds: float = 2.0
    file_events: bool = True
    max_workers: int = 1
    options: SubmissionOptions = field(default_factory=SubmissionOptions)
    timing: SpecTiming = field(default_factory=SpecTiming)
    media: Mapping[str, object] = field(default_factory=dict)

    @property
    def evidence(self) -> str:
        """What the completeness of a dropped JobSpec is judged by, for the record."""
        still = f"the same size, times and inode in two looks {self.timing.still_seconds:g} s apart or more"
        return f"{still}; unchanged while it was read; whole JSON"
