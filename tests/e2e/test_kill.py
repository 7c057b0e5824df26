"""Processes that are killed at the worst moment: no half file, no orphan, nothing lost, nothing made twice."""

import contextlib
import hashlib
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.begun import Begun, alive_after, tree_of, until, watched
from tests.e2e.parts import LEASE_SECONDS, Parts
from tests.e2e.relay import relay
from tests.e2e.specs import PRORES, proxy_spec
from tests.e2e.workplace import STAGING, Workplace, media_in, staged_in
from tests.footage.kind import ClipKind

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs pidfd and /proc (Linux)")

PATIENT_LEASE_SECONDS = 15.0
"""Longer than a scheduler takes to start: an executor that hears nothing for one lease gives its work up."""

ORPHAN_SECONDS = 1.0
FIRST_BYTES = 40_000
"""How much is staged before the kill: pictures, so that the encode is under way."""


def _encoding(output: Path) -> Callable[[], Path | None]:
    def look() -> Path | None:
        return next((path for path in staged_in(output) if path.exists() and path.stat().st_size > FIRST_BYTES), None)

    return look


def _prores_job(workplace: Workplace, sources: list[Path], output: Path, **changes: object) -> Path:
    return workplace.spec(proxy_spec(sources=sources, output=output, resolution="same", **{**PRORES, **changes}))


def _tree_is_gone_after(begun: Begun, kill: Callable[[], object]) -> None:
    """Kill, and see that nothing which descended from the process lives a second later."""
    tree = tree_of(begun.pid)
    assert "ffmpeg" in tree.values(), tree
    with watched(tree) as held:
        kill()
        assert alive_after(held, seconds=ORPHAN_SECONDS) == []


def test_a_killed_run_leaves_no_half_file_and_no_orphan_and_can_be_resumed(
    workplace: Workplace, long_clip: Path, footage: Mapping[ClipKind, Path]
) -> None:
    output = workplace.directory("out")
    first = footage[ClipKind.MJPEG_AVI_25]
    spec = _prores_job(workplace, [first, long_clip], output)
    run = workplace.begin("run", spec, "--slots", "1")
    until(lambda: "COMPLETED MVI_0042.avi" in run.said(), seconds=30, what="the first clip")
    until(_encoding(output), seconds=30, what="the second clip's staged file")

    _tree_is_gone_after(run, run.kill)

    published = output / "MVI_0042_proxy.mov"
    before = published.stat()
    assert media_in(output) == [STAGING, "MVI_0042_proxy.mov"]
    (run_id,) = workplace.kept_runs()
    resumed = workplace.proxx("run", "--resume", run_id, timeout=100)
    assert resumed.code == 0, resumed.stderr
    result = resumed.json()
    assert [clip["status"] for clip in result["clips"]] == ["COMPLETED", "COMPLETED"]
    assert media_in(output) == [f"{long_clip.stem}_proxy.mov", "MVI_0042_proxy.mov"]
    assert (published.stat().st_mtime_ns, published.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert workplace.kept_runs() == []


def test_ctrl_c_cancels_a_run_and_leaves_a_clean_directory(workplace: Workplace, long_clip: Path) -> None:
    output = workplace.directory("out")
    run = workplace.begin("run", _prores_job(workplace, [long_clip], output))
    until(_encoding(output), seconds=30, what="the staged file")

    _tree_is_gone_after(run, lambda: run.end(with_signal=signal.SIGINT))

    assert run.process.returncode == 130
    result = run.written()
    assert (result["final_status"], [clip["status"] for clip in result["clips"]]) == ("CANCELLED", ["SKIPPED"])
    assert media_in(output) == []


def test_a_killed_executor_is_found_within_a_lease_and_an_operator_resumes(
    workplace: Workplace, parts: Parts, long_clip: Path
) -> None:
    output = workplace.directory("out")
    parts.scheduler()
    executor = parts.executor()
    key = parts.submit(_prores_job(workplace, [long_clip], output))
    watch = workplace.begin("jobs", "watch", key, "--server", parts.address, "--json")
    until(_encoding(output), seconds=30, what="the staged file")

    _tree_is_gone_after(executor, executor.kill)
    watch.process.wait(timeout=LEASE_SECONDS + 3)

    job = parts.job(key)["job"]
    assert (job["state"], job["reason"]) == ("RECOVERY_REQUIRED", "the executor was lost while it worked on clip 0")
    parts.executor()
    assert parts.job(key)["job"]["state"] == "RECOVERY_REQUIRED"
    assert parts.ask("jobs", "resume", key).code == 0
    assert parts.result(key)["final_status"] == "COMPLETED"
    assert media_in(output) == [f"{long_clip.stem}_proxy.mov"]


def test_a_killed_executor_costs_no_operator_where_the_submission_says_so(
    workplace: Workplace, parts: Parts, long_clip: Path
) -> None:
    output = workplace.directory("out")
    parts.scheduler()
    executor = parts.executor()
    key = parts.submit(_prores_job(workplace, [long_clip], output), "--requeue-lost", "1")
    watch = workplace.begin("jobs", "watch", key, "--server", parts.address)
    until(_encoding(output), seconds=30, what="the staged file")

    executor.kill()
    parts.executor()

    result = parts.result(key)
    assert (result["final_status"], result["clips"][0]["epoch"]) == ("COMPLETED", 2)
    assert media_in(output) == [f"{long_clip.stem}_proxy.mov"]
    watch.process.wait(timeout=10)
    said = watch.stdout.read_text(encoding="utf-8")
    assert "automatic requeue by policy, 1 of 1: what was left is swept first" in said
    assert "RECOVERY_REQUIRED" not in said


def test_a_killed_scheduler_changes_no_job_and_the_executor_attaches_again(
    workplace: Workplace, parts: Parts, long_clip: Path
) -> None:
    output = workplace.directory("out")
    parts.lease_seconds = PATIENT_LEASE_SECONDS
    scheduler = parts.scheduler()
    executor = parts.executor()
    key = parts.submit(_prores_job(workplace, [long_clip], output))
    staged = until(_encoding(output), seconds=30, what="the staged file")
    inode = staged.stat().st_ino

    scheduler.kill()
    parts.scheduler()

    result = parts.result(key)
    proxy = output / f"{long_clip.stem}_proxy.mov"
    assert (result["final_status"], result["clips"][0]["epoch"]) == ("COMPLETED", 1)
    assert proxy.stat().st_ino == inode
    assert executor.process.poll() is None
    events = parts.ask("jobs", "watch", key, "--json").json_lines()
    assert [event["kind"] for event in events if "interrupt" in str(event.get("kind"))] == []


def test_after_the_end_of_everything_nothing_runs_until_an_operator_resumes(
    workplace: Workplace, long_clip: Path, footage: Mapping[ClipKind, Path]
) -> None:
    output = workplace.directory("out")
    words = ("up", "--data", workplace.root / "data", "--listen", "127.0.0.1:0", "--slots", "1")
    stack = workplace.begin(*words, "--lease-seconds", "2", "--json")
    try:
        server = ("--server", stack.first_line()["address"])
        spec = _prores_job(workplace, [footage[ClipKind.MJPEG_AVI_25], long_clip], output)
        key = workplace.proxx("submit", spec, *server, "--json").json()["job"]["job_key"]
        published = output / "MVI_0042_proxy.mov"
        until(published.exists, seconds=30, what="the first proxy")
        until(_encoding(output), seconds=30, what="the second clip's staged file")
        _tree_is_gone_after(stack, stack.kill)
        before = published.stat()

        stack = workplace.begin(*words, "--lease-seconds", "2", "--json")
        server = ("--server", stack.first_line()["address"])
        watch = workplace.proxx("jobs", "watch", key, *server)
        job = workplace.proxx("jobs", "get", key, *server, "--json").json()["job"]
        assert (watch.code, job["state"]) == (0, "RECOVERY_REQUIRED")
        assert workplace.proxx("jobs", "resume", key, *server).code == 0
        workplace.proxx("jobs", "watch", key, *server)
        result = workplace.proxx("jobs", "result", key, *server).json()
        assert [clip["status"] for clip in result["clips"]] == ["COMPLETED", "COMPLETED"]
        assert (published.stat().st_mtime_ns, published.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
        assert media_in(output) == [f"{long_clip.stem}_proxy.mov", "MVI_0042_proxy.mov"]
        assert stack.end(with_signal=signal.SIGTERM) == 0
    finally:
        stack.kill()


def test_a_proxy_published_but_not_reported_is_adopted_by_its_digest(
    workplace: Workplace, parts: Parts, footage: Mapping[ClipKind, Path]
) -> None:
    output = workplace.directory("out")
    proxy = output / "MVI_0042_proxy.mov"
    parts.scheduler()
    with relay(target=parts.address, silent=proxy.exists) as between:
        executor = parts.executor(scheduler=between.address)
        key = parts.submit(_prores_job(workplace, [footage[ClipKind.MJPEG_AVI_25]], output))
        assert between.swallowed.wait(timeout=30), "the proxy was not published"
        executor.kill()
    before = proxy.stat()
    parts.ask("jobs", "watch", key)
    doubted = parts.job(key)["job"]["state"]

    parts.executor()
    assert parts.ask("jobs", "resume", key).code == 0
    clip = parts.result(key)["clips"][0]

    assert doubted == "RECOVERY_REQUIRED"
    assert (clip["status"], clip["adopted"], clip["epoch"]) == ("COMPLETED", True, 1)
    assert clip["output_sha256"] == hashlib.sha256(proxy.read_bytes()).hexdigest()
    assert (proxy.stat().st_mtime_ns, proxy.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    assert media_in(output) == ["MVI_0042_proxy.mov"]


def test_a_proxy_that_was_finished_and_never_announced_is_delivered_and_not_made_again(
    workplace: Workplace, parts: Parts, footage: Mapping[ClipKind, Path]
) -> None:
    output = workplace.directory("out")

    def journals() -> bool:
        return any((output / STAGING).glob("*.mov.json"))

    parts.scheduler()
    with relay(target=parts.address, silent=journals) as between:
        executor = parts.executor(scheduler=between.address)
        key = parts.submit(_prores_job(workplace, [footage[ClipKind.MJPEG_AVI_25]], output))
        assert between.swallowed.wait(timeout=30), "the proxy was not finished"
        executor.kill()
    (staged,) = staged_in(output)
    finished, sha256 = staged.stat(), hashlib.sha256(staged.read_bytes()).hexdigest()
    parts.ask("jobs", "watch", key)

    parts.executor()
    assert parts.ask("jobs", "resume", key).code == 0
    clip = parts.result(key)["clips"][0]

    proxy = output / "MVI_0042_proxy.mov"
    with contextlib.closing(sqlite3.connect(workplace.root / "proxx.db")) as database:
        kinds = [kind for (kind,) in database.execute("SELECT kind FROM events")]
    assert (clip["status"], clip["epoch"], clip["output_sha256"]) == ("COMPLETED", 1, sha256)
    assert (kinds.count("clip.grant"), kinds.count("clip.deliver"), kinds.count("clip.requeue")) == (1, 1, 0)
    assert hashlib.sha256(proxy.read_bytes()).hexdigest() == sha256
    assert (proxy.stat().st_ino, proxy.stat().st_mtime_ns) == (finished.st_ino, finished.st_mtime_ns)
    assert media_in(output) == ["MVI_0042_proxy.mov"]


def test_a_draining_executor_hands_its_work_back_and_another_one_goes_on(
    workplace: Workplace, parts: Parts, long_clip: Path
) -> None:
    output = workplace.directory("out")
    scheduler = parts.scheduler()
    executor = parts.executor("--drain-seconds", "0")
    key = parts.submit(_prores_job(workplace, [long_clip], output))
    until(_encoding(output), seconds=30, what="the staged file")

    _tree_is_gone_after(executor, lambda: executor.end(with_signal=signal.SIGTERM))

    assert executor.process.returncode == 0
    job = parts.job(key)
    assert (job["job"]["state"], [clip["state"] for clip in job["clips"]]) == ("RUNNING", ["QUEUED"])
    assert media_in(output) == []
    parts.executor()
    result = parts.result(key)
    assert (result["final_status"], result["clips"][0]["epoch"]) == ("COMPLETED", 2)
    assert scheduler.end(with_signal=signal.SIGTERM) == 0


def test_a_hung_tool_dies_with_its_executor(workplace: Workplace, parts: Parts, long_clip: Path) -> None:
    output = workplace.directory("out")
    parts.scheduler()
    executor = parts.executor()
    parts.submit(_prores_job(workplace, [long_clip], output))
    until(_encoding(output), seconds=30, what="the staged file")
    (tool,) = [pid for pid, name in tree_of(executor.pid).items() if name == "ffmpeg"]
    os.kill(tool, signal.SIGSTOP)

    _tree_is_gone_after(executor, executor.kill)


def test_a_source_that_changes_while_it_is_read_fails_the_clip(
    workplace: Workplace, parts: Parts, long_clip: Path
) -> None:
    output, inputs = workplace.directory("out"), workplace.directory("in")
    source = inputs / long_clip.name
    shutil.copyfile(long_clip, source)
    parts.scheduler()
    executor = parts.executor()
    key = parts.submit(_prores_job(workplace, [source], output))
    until(_encoding(output), seconds=30, what="the staged file")
    with source.open("ab") as file:
        file.write(b"more")

    result = parts.result(key)

    clip = result["clips"][0]
    assert (result["final_status"], clip["failure_kind"], clip["output_exists"]) == ("FAILED", "SOURCE_CHANGED", False)
    assert media_in(output) == []
    assert executor.process.poll() is None
