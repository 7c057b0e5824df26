"""What watchers last said about their folders. Kept in memory: a report is never more than seconds old."""

from dataclasses import dataclass, replace

from proxx.core.quoting import quote
from proxx.core.watch_folders import (
    ENTRY_LIMIT,
    FOLDER_LIMIT,
    FolderState,
    TakenFolder,
    WatchFolder,
)
from proxx_scheduler.app.errors import RequestInvalidError
from proxx_scheduler.app.ports import Clock

REPORT_WITHIN_SECONDS = 5.0
"""How often a watcher reports, whether anything changed or not."""
SILENT_SECONDS = 3 * REPORT_WITHIN_SECONDS
"""After this long without a report a watcher is silent, and its folders may be reported by another one."""
FORGET_SECONDS = 3600.0
KNOWN_LIMIT = 10_000
"""How many folders of all watchers are kept."""
_NAME_LIMIT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    folder: WatchFolder
    incarnation: str
    at: float


class WatchRegistry:
    """The folders by name, each with the watcher that reported it."""

    def __init__(self, *, clock: Clock) -> None:
        """Take the clock."""
        self._clock = clock
        self._heard: dict[str, _Heard] = {}

    def report(self, *, watcher: str, incarnation: str, folders: tuple[WatchFolder, ...]) -> tuple[TakenFolder, ...]:
        """Keep what a watcher says about all of its folders. Returns those whose name another live watcher has.

        A folder that this watcher reported before and leaves out now is forgotten.

        Raises:
            RequestInvalidError: a name is empty, too long or twice there, or a limit is exceeded.
        """
        _check(watcher=watcher, incarnation=incarnation, folders=folders)
        now = self._clock.monotonic()
        self._forget(now)
        taken, kept = [], {}
        for folder in folders:
            other = self._heard.get(folder.name)
            if other is not None and other.incarnation != incarnation and now - other.at < SILENT_SECONDS:
                taken.append(TakenFolder(name=folder.name, watcher=other.folder.watcher))
                continue
            told = replace(folder, watcher=watcher, report_time=self._clock.now())
            kept[folder.name] = _Heard(folder=told, incarnation=incarnation, at=now)
        others = {name: heard for name, heard in self._heard.items() if heard.incarnation != incarnation}
        if len(others.keys() | kept.keys()) > KNOWN_LIMIT:
            raise RequestInvalidError(field="folders", message=f"all watchers together report at most {KNOWN_LIMIT}")
        self._heard = {**others, **kept}
        return tuple(taken)

    def folders(self, *, name: str = "") -> tuple[WatchFolder, ...]:
        """Return the folders by name, or the one of this name. Those of a silent watcher are SILENT."""
        now = self._clock.monotonic()
        self._forget(now)
        return tuple(_as_heard(self._heard[known], now=now) for known in sorted(self._heard) if name in ("", known))

    def _forget(self, now: float) -> None:
        self._heard = {name: heard for name, heard in self._heard.items() if now - heard.at < FORGET_SECONDS}


def _as_heard(heard: _Heard, *, now: float) -> WatchFolder:
    silent = now - heard.at
    if silent < SILENT_SECONDS:
        return heard.folder
    reason = f"its watcher has not reported for {silent:.0f} s; what is shown is as old"
    return replace(heard.folder, state=FolderState.SILENT, reason=reason)


def _check(*, watcher: str, incarnation: str, folders: tuple[WatchFolder, ...]) -> None:
    for field, text in (("watcher", watcher), ("incarnation", incarnation)):
        if not 1 <= len(text) <= _NAME_LIMIT:
            raise RequestInvalidError(field=field, message=f"1 to {_NAME_LIMIT} characters are needed")
    if len(folders) > FOLDER_LIMIT:
        raise RequestInvalidError(field="folders", message=f"at most {FOLDER_LIMIT} are allowed, got {len(folders)}")
    names = set()
    for index, folder in enumerate(folders):
        if not 1 <= len(folder.name) <= _NAME_LIMIT:
            field = f"folders[{index}].name"
            raise RequestInvalidError(field=field, message=f"1 to {_NAME_LIMIT} characters are needed")
        if folder.name in names:
            quoted = quote(text=folder.name)
            raise RequestInvalidError(field=f"folders[{index}].name", message=f"{quoted} is there twice")
        if len(folder.entries) > ENTRY_LIMIT:
            field = f"folders[{index}].entries"
            raise RequestInvalidError(field=field, message=f"at most {ENTRY_LIMIT}, got {len(folder.entries)}")
        names.add(folder.name)
