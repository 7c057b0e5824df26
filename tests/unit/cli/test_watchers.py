"""`proxx watchers`: what operators see of watch folders."""

import json
from datetime import UTC, datetime, timedelta

from proxx.cli.main import run_cli
from proxx.core.watch_folders import EntryCount, EntryState, FolderEntry, FolderState, WatchFolder
from tests.unit.cli.fake_scheduler import FakeScheduler, World

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
CARDS = WatchFolder(
    name="cards",
    path="/media/cards",
    layout="media",
    state=FolderState.WATCHING,
    counts=(
        EntryCount(state=EntryState.WAITING, count=2),
        EntryCount(state=EntryState.REFUSED, count=1),
        EntryCount(state=EntryState.FAILED, count=3),
    ),
    oldest_wait_seconds=75.0,
    last_scan_time=NINE,
    last_scan_seconds=0.2,
    entries=(
        FolderEntry(
            path="A001\\x1b[2J.mov",
            state=EntryState.WAITING,
            since_time=NINE - timedelta(seconds=75),
            reason="size grew 12 MB in the last scan",
        ),
    ),
    entries_truncated=True,
    watcher="dit-cart:412",
)
SPECS = WatchFolder(
    name="specs", path="/jobs", layout="flat", state=FolderState.PAUSED, reason="/jobs is not there any more"
)


def watchers(*words, folders=(CARDS, SPECS)):
    world = World(scheduler=FakeScheduler(folders=folders))
    return run_cli(["watchers", *words], environment=world.environment())


def test_folders_are_listed_with_what_waits_and_why_one_is_paused(capsys):
    code = watchers("list")
    assert (code, capsys.readouterr().out.splitlines()) == (
        0,
        [
            "NAME   LAYOUT  STATE     WAITING  READY  HELD  RUNNING  DONE  TROUBLE  OLDEST      LAST SCAN"
            "                  WHY",
            "cards  media   WATCHING  2        0      0     0        0     4        1 min 15 s  "
            "2026-11-20T09:00:00+00:00",
            "specs  flat    PAUSED    0        0      0     0        0     0        -           never"
            "                      /jobs is not there any more",
        ],
    )


def test_a_folder_is_shown_file_by_file_with_the_fact_that_is_awaited(capsys):
    code = watchers("show", "cards")
    lines = capsys.readouterr().out.splitlines()
    assert (code, lines[-3:]) == (
        0,
        [
            "STATE    SINCE                      PATH             JOB  WHY",
            "WAITING  2026-11-20T08:58:45+00:00  A001\\x1b[2J.mov       size grew 12 MB in the last scan",
            "(the first 1; there are more)",
        ],
    )
    assert "watcher  dit-cart:412" in lines


def test_a_name_that_nobody_reported_is_refused(capsys):
    code = watchers("show", "elsewhere")
    assert (code, capsys.readouterr().err) == (
        1,
        "no watcher reported a folder of the name elsewhere in the last hour\n",
    )


def test_folders_are_printed_as_json(capsys):
    code = watchers("list", "--json")
    folders = json.loads(capsys.readouterr().out)["folders"]
    assert (code, [(folder["name"], folder["state"], folder["oldest_wait_seconds"]) for folder in folders]) == (
        0,
        [("cards", "WATCHING", 75.0), ("specs", "PAUSED", None)],
    )


def test_a_server_without_watchers_says_so(capsys):
    assert (watchers("list", folders=()), capsys.readouterr().out) == (0, "no watcher reports to this server\n")
