"""`proxx watch` with real processes: both layouts, kills at bad moments, an outage of the scheduler, signals."""

import json
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.begun import Begun, alive_after, tree_of, until, watched
from tests.e2e.parts import Parts
from tests.e2e.specs import proxy_spec
from tests.e2e.workplace import Workplace, media_in
from tests.footage.kind import ClipKind

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs pidfd and /proc (Linux)")


def spec_of(footage: Mapping[ClipKind, Path], output: Path, **changes: object) -> str:
    return json.dumps(proxy_spec(sources=[footage[ClipKind.MJPEG_AVI_25]], output=output, **changes))


def outcome_at(path: Path) -> Callable[[], str | None]:
    def look() -> str | None:
        return json.loads(path.read_text())["outcome"] if path.exists() else None

    return look


def test_a_folder_with_a_stack_of_its_own_works_until_ctrl_c_and_once_for_cron(
    workplace: Workplace, footage: Mapping[ClipKind, Path]
) -> None:
    output, drops = workplace.directory("out"), workplace.directory("drops")
    (drops / "pending").mkdir()
    begun = workplace.begin("watch", drops, "--json")
    until(lambda: "layout staged (chosen by --layout auto)" in begun.said(), seconds=30, what="the announcement")
    (drops / "pending" / "good.json").write_text(spec_of(footage, output))
    result = drops / "completed" / "good.result.json"
    assert until(outcome_at(result), seconds=30, what="the result") == "COMPLETED"
    until(lambda: (drops / "completed" / "good.json").exists(), seconds=5, what="the spec in its place")
    with watched(tree_of(begun.pid)) as held:
        assert begun.end(with_signal=signal.SIGINT) == 0
        assert alive_after(held, seconds=2.0) == []
    events = [json.loads(line)["event"] for line in begun.stdout.read_text().splitlines()]
    assert events == ["ready", "submitted", "ended"]
    (drops / "pending" / "again.json").write_text(spec_of(footage, output))
    (drops / "pending" / "nonsense.json").write_text('{"jobspec_version": "9.9"}')
    once = workplace.proxx("watch", drops, "--once", "--strict")
    assert once.code == 2, once.stderr
    assert sorted(path.name for path in (drops / "failed").iterdir()) == [
        "again.json",
        "again.result.json",
        "nonsense.json",
        "nonsense.result.json",
    ]
    violations = json.loads((drops / "failed" / "again.result.json").read_text())["violations"]
    assert violations[0]["code"] == "OUTPUT_EXISTS"
    assert media_in(output) == ["MVI_0042_proxy.mp4"]


def test_a_watcher_that_is_killed_again_and_again_without_its_ledger_makes_each_drop_one_job(
    workplace: Workplace, parts: Parts, footage: Mapping[ClipKind, Path]
) -> None:
    drops = workplace.directory("drops")
    outputs = [workplace.directory(f"out{number}") for number in range(2)]
    parts.scheduler()
    for number, output in enumerate(outputs):
        (drops / f"{number}.json").write_text(spec_of(footage, output))

    def killed_when(event: str) -> None:
        begun = _watcher(workplace, parts, drops)
        until(lambda: f'"event": "{event}"' in begun.stdout.read_text(), seconds=20, what=event)
        begun.kill()
        shutil.rmtree(workplace.state / "watch")

    killed_when("submitted")
    killed_when("adopted")
    parts.executor()
    last = _watcher(workplace, parts, drops)
    for number in range(2):
        found = until(outcome_at(drops / f"{number}.result.json"), seconds=30, what=f"result {number}")
        assert found == "COMPLETED", number
    until(lambda: len(list((drops / "processed").iterdir())) == 2, seconds=5, what="the specs in their place")
    assert last.end(with_signal=signal.SIGTERM) == 0
    assert len(parts.ask("jobs", "list", "--json").json()["jobs"]) == 2
    manifest = json.loads((drops / "processed_manifest.json").read_text())
    assert [entry["result_status"] for entry in manifest["entries"].values()] == ["COMPLETED"] * 2
    assert [media_in(output) for output in outputs] == [["MVI_0042_proxy.mp4"]] * 2


def test_an_outage_of_the_scheduler_is_said_and_survived_and_a_second_watcher_refused(
    workplace: Workplace, parts: Parts, footage: Mapping[ClipKind, Path]
) -> None:
    drops, output = workplace.directory("drops"), workplace.directory("out")
    scheduler = parts.scheduler()
    begun = _watcher(workplace, parts, drops)
    second = parts.ask("watch", drops)
    assert (second.code, f"process {begun.pid} on " in second.stderr) == (1, True), second.stderr
    scheduler.kill()
    (drops / "a.json").write_text(spec_of(footage, output))
    until(lambda: "the scheduler does not answer since" in begun.said(), seconds=20, what="the outage to be said")
    assert (drops / "a.json").exists()
    parts.scheduler()
    parts.executor()
    assert until(outcome_at(drops / "a.result.json"), seconds=30, what="the result") == "COMPLETED"
    shown = until(
        lambda: next(iter(parts.ask("watchers", "list", "--json").json()["folders"]), None),
        seconds=10,
        what="the folder in the list",
    )
    assert (shown["path"], shown["layout"], shown["state"]) == (str(drops), "flat", "WATCHING")
    assert begun.end(with_signal=signal.SIGTERM) == 0


def test_what_cannot_be_watched_ends_with_one(workplace: Workplace) -> None:
    missing = workplace.proxx("watch", workplace.root / "nowhere", "--server", "127.0.0.1:9")
    assert (missing.code, "the folder is not there" in missing.stderr) == (1, True), missing.stderr
    file = workplace.root / "file"
    file.touch()
    assert workplace.proxx("watch", file, "--server", "127.0.0.1:9").code == 1
    usage = workplace.proxx("watch", workplace.root, "--strict", "--server", "127.0.0.1:9")
    assert usage.code == 64


def test_a_settings_file_is_listed_without_a_server_or_refused_with_everything_wrong_in_it(
    workplace: Workplace,
) -> None:
    file = workplace.root / "watch.toml"
    file.write_text(f'[[folder]]\nname = "drops"\npath = "{workplace.root}"\n')
    shown = workplace.proxx("watchers", "list", "--settings", file)
    assert (shown.code, shown.stdout.splitlines()[1].split()[:3]) == (0, ["drops", "auto", str(workplace.root)])
    file.write_text('[[folder]]\nname = "drops"\npath = "here"\nmax_workers = 0\ncolour = "red"\n')
    refused = workplace.proxx("watchers", "list", "--settings", file)
    words = [line.split()[1] for line in refused.stderr.splitlines()]
    assert (refused.code, words) == (1, ["folder.0.path", "folder.0.max_workers", "folder.0.colour"])


def _watcher(workplace: Workplace, parts: Parts, drops: Path) -> Begun:
    begun = Begun.start(
        [sys.executable, "-P", "-m", "proxx_watcher", str(drops), "--scheduler", parts.address, "--json"],
        directory=workplace.root,
        environment=workplace.environment(),
        ready=True,
    )
    parts.started.append(begun)
    begun.ready()
    return begun
