"""Events on standard output and folders in the log: no reader is needed, and nothing is said twice."""

import os
import sys

import pytest
import structlog

from proxx.core.watch_folders import FolderState, WatchFolder
from proxx_watcher.app.log_sink import LogSink
from proxx_watcher.app.news import News, NewsKind
from proxx_watcher.observation import json_lines
from tests.fakes.clock import FakeClock

NEWS = News(kind=NewsKind.READY, folder="drops", path="a.json")


def test_a_reader_of_the_events_that_went_away_is_said_once_and_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe, structlog.testing.capture_logs() as said:
        monkeypatch.setattr(sys, "stdout", pipe)
        tell = json_lines(FakeClock())
        tell(NEWS)
        tell(NEWS)
    assert [(line["event"], line["reason"]) for line in said] == [("events.unread", "Broken pipe")]


async def test_a_reason_that_differs_only_in_counts_and_correlation_ids_is_logged_once() -> None:
    sink = LogSink()
    reasons = ["gone for 5 s: id 3fa94c1b02", "gone for 15 s: id deadbeefaf", "gone for 25 s: id 0000aaaa", "other"]
    with structlog.testing.capture_logs() as said:
        for reason in reasons:
            folder = WatchFolder(name="a", path="/a", layout="flat", state=FolderState.PAUSED, reason=reason)
            await sink.tell(folders=(folder,))
    assert [line["reason"] for line in said] == [reasons[0], "other"]
