"""What a watcher says about its folders: what waits, and why. One value for metrics, logs, the CLI and the console."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ENTRY_LIMIT = 200
"""How many entries of a folder are told; `entries_truncated` says that there are more."""
FOLDER_LIMIT = 1000
"""How many folders one watcher may report."""


class FolderState(StrEnum):
    """What a watcher does with a folder."""

    WATCHING = "WATCHING"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    SILENT = "SILENT"
    """Its watcher does not report any more; only the scheduler says so."""


class EntryState(StrEnum):
    """Where a file of a folder is on its way to a job; in the order in which an operator wants to see them."""

    RECOVERY_REQUIRED = "RECOVERY_REQUIRED"
    REFUSED = "REFUSED"
    HELD = "HELD"
    RUNNING = "RUNNING"
    SUBMITTED = "SUBMITTED"
    READY = "READY"
    WAITING = "WAITING"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    DONE = "DONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCount:
    """How many files are in a state."""

    state: EntryState
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderEntry:
    """One file, or one clip of several files.

    `path` is below the folder and printable (proxx.core.quoting); `reason` says what is awaited or wrong, with numbers;
    `evidence` what its completeness was judged by; `job_key` is empty before there is a job.
    """

    path: str
    state: EntryState
    since_time: datetime
    reason: str = ""
    evidence: str = ""
    job_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFolder:
    """One watch folder as it stands.

    `oldest_wait_seconds` is None when nothing waits, `last_scan_time` None before the first scan. `watcher` and
    `report_time` are the scheduler's: who reported the folder, and when.
    """

    name: str
    path: str
    layout: str
    state: FolderState
    reason: str = ""
    counts: tuple[EntryCount, ...] = ()
    oldest_wait_seconds: float | None = None
    last_scan_time: datetime | None = None
    last_scan_seconds: float | None = None
    entries: tuple[FolderEntry, ...] = ()
    entries_truncated: bool = False
    watcher: str = ""
    report_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFolder:
    """A folder name that another live watcher has."""

    name: str
    watcher: str
