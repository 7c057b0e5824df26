"""The watcher's metrics, read when they are scraped, and events for whoever reads standard output."""

import os
import sys
from collections.abc import Callable, Iterable

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from proxx.core.result_json import json_text
from proxx.core.watch_folders import EntryState, FolderState, WatchFolder
from proxx.runtime.clock import Clock
from proxx_watcher.app.news import News, NewsKind, TellNews


class WatcherMetrics(Collector):
    """Shows what waits in the folders. Labels are folder names of the settings and closed sets of states."""

    def __init__(
        self,
        *,
        registry: CollectorRegistry,
        folders: Callable[[], tuple[WatchFolder, ...]],
        gone_seconds: Callable[[], float],
    ) -> None:
        """Register with `registry`; `gone_seconds` says how long the scheduler has not answered."""
        self._folders = folders
        self._gone_seconds = gone_seconds
        self._news = dict.fromkeys(NewsKind, 0)
        registry.register(self)

    def count(self, news: News) -> None:
        """Count one event."""
        self._news[news.kind] += 1

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        folders = self._folders()
        files = GaugeMetricFamily("proxx_watch_files", "Files by state.", labels=["folder", "state"])
        state = GaugeMetricFamily(
            "proxx_watch_folder_state", "1 for the state that it is in.", labels=["folder", "state"]
        )
        oldest = GaugeMetricFamily(
            "proxx_watch_oldest_wait_seconds", "How long the file that waits longest has waited.", labels=["folder"]
        )
        last = GaugeMetricFamily(
            "proxx_watch_last_scan_timestamp_seconds", "When the last scan ended.", labels=["folder"]
        )
        took = GaugeMetricFamily("proxx_watch_last_scan_seconds", "How long the last scan took.", labels=["folder"])
        for folder in folders:
            counts = {item.state: item.count for item in folder.counts}
            for entry in EntryState:
                files.add_metric([folder.name, entry.value.lower()], counts.get(entry, 0))
            for word in (FolderState.WATCHING, FolderState.PAUSED, FolderState.DISABLED):
                state.add_metric([folder.name, word.value.lower()], folder.state is word)
            oldest.add_metric([folder.name], folder.oldest_wait_seconds or 0.0)
            if folder.last_scan_time is not None:
                last.add_metric([folder.name], folder.last_scan_time.timestamp())
            if folder.last_scan_seconds is not None:
                took.add_metric([folder.name], folder.last_scan_seconds)
        yield from (files, state, oldest, last, took)
        yield GaugeMetricFamily(
            "proxx_watch_scheduler_gone_seconds", "How long the scheduler has not answered.", value=self._gone_seconds()
        )
        news = CounterMetricFamily("proxx_watch_events", "What became of drops, by kind.", labels=["kind"])
        for kind, count in self._news.items():
            news.add_metric([kind.value], count)
        yield news


def json_lines(clock: Clock) -> TellNews:
    """Return what prints each event as one line of JSON on standard output, as long as somebody reads there."""
    gone = False

    def tell(news: News) -> None:
        nonlocal gone
        if gone:
            return
        time = clock.now().isoformat(timespec="milliseconds")
        line = {"time": time, "event": news.kind.value, "folder": news.folder, "path": news.path, **news.facts}
        try:
            sys.stdout.write(json_text(line, indent=None) + "\n")
            sys.stdout.flush()
        except OSError as error:
            gone = True
            log = structlog.stdlib.get_logger("proxx.watcher")
            log.warning("events.unread", reason=error.strerror or str(error), consequence="no further event is printed")
            # the interpreter flushes at its end: what is left in the buffer must go somewhere
            nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)

    return tell
