"""Folders and events in the log: a folder that pauses or goes on, and what becomes of each drop."""

import re

import structlog

from proxx.core.watch_folders import FolderState, TakenFolder, WatchFolder
from proxx_watcher.app.news import News

_CHANGING = re.compile(r"\b[0-9a-fA-F]{4,}\b|[0-9]+")


class LogSink:
    """Implements proxx_watcher.app.ports.StatusSink; `news` takes events."""

    def __init__(self) -> None:
        """Nothing was said yet."""
        self._log = structlog.stdlib.get_logger("proxx.watcher")
        self._said: dict[str, tuple[FolderState, str]] = {}

    async def tell(self, *, folders: tuple[WatchFolder, ...]) -> tuple[TakenFolder, ...]:
        """Say which folders changed their state or what is said of them."""
        for folder in folders:
            if folder.state is FolderState.WATCHING and folder.last_scan_time is None:
                continue
            now = (folder.state, _without_numbers(folder.reason))
            if self._said.get(folder.name) == now:
                continue
            self._said[folder.name] = now
            facts = {"folder": folder.name, "path": folder.path, "layout": folder.layout, "reason": folder.reason}
            if folder.state is FolderState.PAUSED:
                self._log.error("folder.paused", **facts)
            elif folder.reason:
                self._log.warning("folder.watching", **facts)
            else:
                self._log.info(f"folder.{folder.state.value.lower()}", **facts)
        return ()

    def news(self, news: News) -> None:
        """Say one event."""
        self._log.info(f"drop.{news.kind.value}", folder=news.folder, path=news.path, **news.facts)


def _without_numbers(reason: str) -> str:
    """Return what stays the same while only counts, times and correlation ids change."""
    return _CHANGING.sub("", reason)
