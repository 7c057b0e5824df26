"""A media folder with real processes: a clip that is started by itself, one that stays held, one that is cut off."""

import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.begun import Begun, until
from tests.e2e.parts import Parts
from tests.e2e.workplace import Workplace
from tests.footage.kind import ClipKind

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs pidfd and /proc (Linux)")

SETTINGS = """
[[folder]]
name = "card"
path = "{card}"
layout = "media"
preset = "web_h264"
output_directory = "{out}"
auto_execute = true
free_bytes = {free}
poll_seconds = 0.5
labels = {{ project = "one" }}

[folder.stability]
scans = 2
spacing_seconds = 0.4
min_age_seconds = 0.5
"""


def test_clips_become_jobs_by_the_preset_and_start_when_the_checks_pass(
    workplace: Workplace, parts: Parts, footage: Mapping[ClipKind, Path]
) -> None:
    card, output = workplace.directory("card"), workplace.directory("out")
    parts.scheduler()
    parts.executor()
    source = footage[ClipKind.MJPEG_AVI_25]
    clip = footage[ClipKind.H264_5994_DROP]
    watcher = _watcher(workplace, parts, card, output, free=1)
    (card / f".{clip.name}.Ab12Cd").write_bytes(clip.read_bytes())
    (card / "cut.avi").write_bytes(source.read_bytes()[:-5000])
    (card / f".{clip.name}.Ab12Cd").rename(card / clip.name)

    until(lambda: _heard(watcher, "ended"), seconds=30, what="the proxy")
    entries = until(lambda: _entries(parts, done=1), seconds=10, what="the proxy in the list")
    assert entries["cut.avi"]["state"] == "WAITING"
    assert entries["cut.avi"]["reason"].startswith("the RIFF chunk at byte 0 goes to byte ")
    done = entries[clip.name]
    assert done["state"] == "DONE"
    job = parts.job(done["job_key"])["job"]
    labels = job["options"]["labels"]
    assert (labels["watch.folder"], labels["project"]) == ("card", "one")
    assert labels["watch.evidence"].startswith("2 equal scans")
    assert [Path(path).name for path in job["spec"]["sources"]] == [clip.name]
    assert [path.name for path in output.rglob("*.mp4") if ".proxx" not in path.parts] == [f"{clip.stem}_proxy.mp4"]
    assert watcher.end(with_signal=signal.SIGTERM) == 0

    shutil.rmtree(workplace.state / "watch")
    held = _watcher(workplace, parts, card, output, free=2**62)
    until(lambda: _heard(held, "adopted"), seconds=20, what="the job to be found again without the ledger")
    (card / "late.mp4").write_bytes(clip.read_bytes() + b"\0\0\0\x0cfreelate")
    until(lambda: _heard(held, "submitted"), seconds=20, what="the held job")
    waiting = until(lambda: _entries(parts, held=1), seconds=10, what="the held job in the list")
    assert "4611686 TB are asked" in waiting["late.mp4"]["reason"]
    assert held.end(with_signal=signal.SIGTERM) == 0
    assert len(parts.ask("jobs", "list", "--json").json()["jobs"]) == 2
    assert sorted(path.name for path in card.iterdir()) == [".proxx-watch.lock", clip.name, "cut.avi", "late.mp4"]


def _heard(watcher: Begun, event: str) -> bool:
    return f'"event": "{event}"' in watcher.stdout.read_text()


def _entries(parts: Parts, **wanted: int) -> dict[str, dict[str, str]] | None:
    """The entries of the folder by path, once so many are in the wanted states."""
    shown = parts.ask("watchers", "show", "card", "--json")
    if shown.code != 0:
        return None
    folder = shown.json()
    counts = {item["state"].lower(): item["count"] for item in folder["counts"]}
    if any(counts.get(state, 0) < count for state, count in wanted.items()):
        return None
    return {entry["path"]: entry for entry in folder["entries"]}


def _watcher(workplace: Workplace, parts: Parts, card: Path, output: Path, *, free: int) -> Begun:
    settings = workplace.root / "watch.toml"
    settings.write_text(SETTINGS.format(card=card, out=output, free=free))
    words = ["--settings", str(settings), "--scheduler", parts.address, "--json"]
    begun = Begun.start(
        [sys.executable, "-P", "-m", "proxx_watcher", *words],
        directory=workplace.root,
        environment=workplace.environment(),
        ready=True,
    )
    parts.started.append(begun)
    begun.ready()
    return begun
