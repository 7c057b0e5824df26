"""JobSpec folders of both layouts: what becomes of drops, over a real directory and under a clock of the test's own."""

import json
import os
from pathlib import Path

import pytest

from proxx.core.jobs import JobState
from proxx.core.watch_folders import FolderState
from proxx_watcher.app.news import NewsKind
from proxx_watcher.domain.folder_settings import Layout
from tests.unit.watcher.spec_world import SpecWorld, told


@pytest.fixture(params=[Layout.STAGED, Layout.FLAT], ids=["staged", "flat"])
def world(request: pytest.FixtureRequest, memory_path: Path) -> SpecWorld:
    """A folder of each layout in turn."""
    return SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=request.param)


def ns(world: SpecWorld) -> list[object]:
    """The member `n` of every spec that became a job, in the order of submission."""
    return [json.loads(text).get("n") for text in world.scheduler.submitted]


async def test_a_good_spec_ends_in_its_place_with_its_result_beside_it(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    outcome = await world.passes(world.life())
    manifest = ["processed_manifest.json"] if world.layout is Layout.FLAT else []
    filed = str((world.good / "a.json").relative_to(world.root))
    assert world.tree() == sorted([filed, str(world.result("a.json").relative_to(world.root)), *manifest])
    assert [news.kind for news in world.news] == [NewsKind.READY, NewsKind.SUBMITTED, NewsKind.ENDED]
    assert (outcome.busy, outcome.failures, outcome.look_again_seconds) == (False, 0, None)
    result = json.loads(world.result("a.json").read_text())
    assert result["outcome"] == result["final_status"] == "COMPLETED"
    assert result["_metadata"]["jobspec_path"] == str(world.inbox / "a.json")
    assert dict(world.scheduler.options[0].labels) == {
        "watch.folder": "drops",
        "watch.path": '"pending/a.json"' if world.layout is Layout.STAGED else '"a.json"',
        "watch.evidence": "the same size, times and inode in two looks 0.5 s apart or more; unchanged while it was "
        "read; whole JSON",
    }


@pytest.mark.parametrize(
    ("ends", "seed_word"), [("FAILED", "FAILED"), ("PARTIAL", "FAILED"), ("CANCELLED", "FAILED"), (None, "PARTIAL")]
)
async def test_everything_but_completed_goes_to_failed(world: SpecWorld, ends: str | None, seed_word: str) -> None:
    world.drop("a.json", {"refuse": True} if ends is None else {"ends": ends})
    outcome = await world.passes(world.life())
    assert (world.root / "failed" / "a.json").exists()
    result = json.loads(world.result("a.json", good=False).read_text())
    assert result["outcome"] == (ends or "REJECTED")
    assert result["final_status"] == (seed_word if world.layout is Layout.FLAT else result["outcome"])
    assert outcome.failures == 1
    if world.layout is Layout.FLAT:
        entry = json.loads((world.root / "processed_manifest.json").read_text())["entries"][str(world.inbox / "a.json")]
        assert entry["result_status"] == seed_word


async def test_a_spec_that_is_being_written_is_never_submitted_early(world: SpecWorld) -> None:
    text = json.dumps({"n": 1, "padding": "x" * 50})
    folder = world.life()
    for end in range(5, len(text), 5):
        world.drop("a.json", text=text[:end])
        outcome = await world.passes(folder, 1)
        assert outcome.folder.counts[0].state.value == "WAITING"
    world.drop("a.json", text=text)
    await world.passes(folder, 5)
    assert world.scheduler.submitted == [text]


async def test_a_writer_that_pauses_for_less_than_the_window_is_waited_for(world: SpecWorld) -> None:
    text = json.dumps({"n": 1})
    world.drop("a.json", text=text[:4])
    folder = world.life()
    outcome = await world.passes(folder, 9, seconds=1.0)
    assert "refused after 10 s without a change" in str(told(outcome))
    world.drop("a.json", text=text)
    await world.passes(folder, 5)
    assert world.scheduler.submitted == [text]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param(b'{"a":', "not valid JSON", id="cut_off"),
        pytest.param(b"", "not valid JSON", id="empty"),
        pytest.param(b"[1]", "a JobSpec is a JSON object", id="no_object"),
        pytest.param(b'{"a": "\xff"}', "not UTF-8: byte 7 is 0xff", id="no_text"),
        pytest.param(b'{"a": "' + b"x" * 10_000_000 + b'"}', "10000009 bytes; at most 8388608", id="ten_megabytes"),
    ],
)
async def test_what_is_no_jobspec_text_is_refused_after_a_while_with_the_reason(
    world: SpecWorld, text: bytes, word: str
) -> None:
    world.drop("a.json", text=text)
    folder = world.life()
    await world.passes(folder, 9, seconds=1.0)
    assert (world.inbox / "a.json").exists()
    await world.passes(folder, 3, seconds=1.0)
    result = json.loads(world.result("a.json", good=False).read_text())
    assert word in result["violations"][0]["message"]
    assert (world.root / "failed" / "a.json").read_bytes() == text
    assert world.scheduler.calls == 0


async def test_the_same_completed_spec_dropped_again_is_skipped_and_said(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    folder = world.life()
    await world.passes(folder)
    world.drop("a.json", {"n": 1})
    outcome = await world.passes(folder)
    path = "pending/a.json" if world.layout is Layout.STAGED else "a.json"
    state, reason = told(outcome)[path]
    assert (state, "this very JobSpec is COMPLETED (job job-1)" in reason) == ("SKIPPED", True)
    assert ns(world) == [1]
    assert not outcome.busy


async def test_a_failed_spec_is_tried_again_only_when_its_result_was_removed(world: SpecWorld) -> None:
    world.drop("a.json", {"ends": "FAILED"})
    folder = world.life()
    await world.passes(folder)
    (world.root / "failed" / "a.json").rename(world.inbox / "a.json")
    outcome = await world.passes(folder)
    assert "SKIPPED" in str(told(outcome))
    assert world.scheduler.made == ["job-1"]
    world.result("a.json", good=False).unlink()
    await world.passes(folder)
    assert world.scheduler.made == ["job-1", "job-2"]
    assert json.loads(world.result("a.json", good=False).read_text())["job_key"] == "job-2"


async def test_another_content_of_the_same_name_is_a_new_job_and_the_old_result_is_kept(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    folder = world.life()
    await world.passes(folder)
    world.drop("a.json", {"n": 2})
    await world.passes(folder)
    world.drop("a.json", {"n": 1})
    await world.passes(folder)
    assert ns(world) == [1, 2, 1]
    kept = [world.result(name) for name in ("a.json", "a_002.json", "a_001.json")]
    assert [json.loads(path.read_text())["job_key"] for path in kept] == ["job-3", "job-2", "job-1"]
    specs = [world.good / name for name in ("a.json", "a_002.json", "a_001.json")]
    assert [json.loads(path.read_text())["n"] for path in specs] == [1, 2, 1]


async def test_a_spec_that_is_replaced_while_its_job_runs_is_a_drop_of_its_own(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1, "ends": None})
    folder = world.life()
    await world.passes(folder, 4)
    world.drop("a.json", {"n": 2})
    outcome = await world.passes(folder, 4)
    assert ns(world) == [1]
    assert "an earlier JobSpec of this name is not done with" in str(told(outcome))
    world.scheduler.put("job-1", JobState.COMPLETED)
    await world.passes(folder)
    assert ns(world) == [1, 2]
    assert json.loads(world.result("a.json").read_text())["job_key"] == "job-2"
    assert json.loads(world.result("a_001.json").read_text())["job_key"] == "job-1"
    assert not (world.inbox / "a.json").exists()


async def test_jobs_are_submitted_one_at_a_time_in_the_order_of_becoming_ready(world: SpecWorld) -> None:
    folder = world.life()
    for number, name in enumerate(("c.json", "a.json", "b.json")):
        world.drop(name, {"n": number, "ends": None})
        await world.passes(folder, 3)
    assert ns(world) == [0]
    world.scheduler.put("job-1", JobState.COMPLETED)
    await world.passes(folder, 2)
    assert ns(world) == [0, 1]
    world.scheduler.put("job-2", JobState.RECOVERY_REQUIRED, "executor lost")
    outcome = await world.passes(folder, 2)
    assert ns(world) == [0, 1, 2]
    assert "executor lost" in str(told(outcome))
    world.scheduler.put("job-2", JobState.COMPLETED)
    world.scheduler.put("job-3", JobState.COMPLETED)
    await world.passes(folder, 2)
    assert [path.name for path in sorted(world.good.iterdir()) if "result" not in path.name] == [
        "a.json",
        "b.json",
        "c.json",
    ]


async def test_an_outage_loses_nothing_doubles_nothing_and_keeps_the_order_over_a_restart(world: SpecWorld) -> None:
    world.scheduler.down = True
    folder = world.life()
    for number, name in enumerate(("c.json", "a.json", "b.json")):
        world.drop(name, {"n": number})
        outcome = await world.passes(folder, 4)
    assert outcome.waits_for_server
    assert outcome.busy
    assert "the scheduler does not answer since 2026-11-20T12:00:" in outcome.folder.reason
    asked = world.scheduler.calls
    await world.passes(folder, 1000, seconds=0.6)
    assert world.scheduler.calls - asked <= 125
    folder = world.life()
    await world.passes(folder, 5)
    world.scheduler.down = False
    outcome = await world.passes(folder, 30)
    assert ns(world) == [0, 1, 2]
    assert (outcome.folder.reason, outcome.busy) == ("", False)


async def test_a_submission_whose_answer_was_lost_is_found_and_not_made_twice(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    world.scheduler.loses_answers = 1
    await world.passes(world.life(), 20)
    assert ns(world) == [1]
    assert (world.good / "a.json").exists()


async def test_odd_names_are_told_and_left_alone(world: SpecWorld) -> None:
    (world.inbox / "directory.json").mkdir()
    (world.inbox / "link.json").symlink_to("directory.json")
    os.mkfifo(world.inbox / "pipe.json")
    world.drop("LOUD.JSON")
    world.drop(".hidden.json")
    before = sorted(path.name for path in world.inbox.iterdir())
    outcome = await world.passes(world.life(), 25)
    after = sorted(path.name for path in world.inbox.iterdir() if path.name != ".proxx-watch.lock")
    assert set(before) <= set(after)
    assert world.scheduler.made == []
    assert sorted((path.rpartition("/")[2], state) for path, (state, _) in told(outcome).items()) == [
        ("LOUD.JSON", "REFUSED"),
        ("directory.json", "REFUSED"),
        ("link.json", "REFUSED"),
        ("pipe.json", "REFUSED"),
    ]


async def test_names_with_newlines_marks_and_raw_bytes_pass_and_are_shown_escaped(world: SpecWorld) -> None:
    names = ["a\nb.json", "c\u202ed.json", os.fsdecode(b"\xff\xfe.json"), "Case.json", "case.json"]
    for number, name in enumerate(names):
        world.drop(name, {"n": number})
    outcome = await world.passes(world.life(), 25)
    assert sorted(map(str, ns(world))) == ["0", "1", "2", "3", "4"]
    assert all((world.good / name).exists() for name in names)
    assert all(entry.path.isprintable() for entry in outcome.folder.entries)
    assert json.loads(world.result(names[2]).read_text())["outcome"] == "COMPLETED"


async def test_a_spec_left_in_running_without_a_job_stays_for_the_operator(memory_path: Path) -> None:
    world = SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=Layout.STAGED)
    (world.root / "running").mkdir()
    (world.root / "running" / "a.json").write_text("{}")
    world.drop("b.json", {"n": 2})
    outcome = await world.passes(world.life(), 12)
    assert told(outcome)["running/a.json"] == (
        "RECOVERY_REQUIRED",
        "this scheduler knows no job of it (another server, a lost database, or changed content)",
    )
    assert (world.root / "running" / "a.json").exists()
    assert ns(world) == [2]
    assert not outcome.busy


async def test_a_job_that_the_scheduler_forgot_is_held_and_not_made_again(world: SpecWorld) -> None:
    world.drop("a.json", {"ends": None})
    folder = world.life()
    await world.passes(folder, 4)
    world.scheduler.forget()
    outcome = await world.passes(folder, 4)
    assert "this scheduler does not know job job-1" in str(told(outcome))
    outcome = await world.passes(world.life(), 6)
    assert "RECOVERY_REQUIRED" in str(told(outcome))
    assert len(world.scheduler.made) == 1


async def test_a_job_in_doubt_is_followed_on_when_an_operator_resumed_it(world: SpecWorld) -> None:
    world.drop("a.json", {"ends": None})
    folder = world.life()
    await world.passes(folder, 4)
    world.scheduler.put("job-1", JobState.RECOVERY_REQUIRED, "executor e was lost")
    outcome = await world.passes(folder, 4)
    assert (outcome.busy, "executor e was lost" in str(told(outcome))) == (False, True)
    world.scheduler.put("job-1", JobState.COMPLETED)
    await world.passes(folder, 2)
    assert (world.good / "a.json").exists()


async def test_a_second_watcher_of_the_same_folder_is_refused_by_name(world: SpecWorld) -> None:
    await world.passes(world.life(), 1)
    outcome = await world.passes(world.rival(), 1)
    assert outcome.folder.state is FolderState.PAUSED
    assert f"another watcher has this folder: process {os.getpid()} on " in outcome.folder.reason


async def test_a_folder_that_vanishes_pauses_and_goes_on_when_it_is_back(world: SpecWorld) -> None:
    folder = world.life()
    world.drop("a.json", {"n": 1, "ends": None})
    await world.passes(folder, 4)
    away = world.root.with_name("away")
    world.root.rename(away)
    outcome = await world.passes(folder, 3)
    assert (outcome.folder.state, outcome.folder.reason) == (FolderState.PAUSED, "the folder is not there")
    away.rename(world.root)
    world.scheduler.put("job-1", JobState.COMPLETED)
    outcome = await world.passes(folder, 3)
    assert outcome.folder.state is FolderState.WATCHING
    assert (world.good / "a.json").exists()
    assert ns(world) == [1]


async def test_a_folder_that_comes_back_as_an_empty_one_is_not_touched(world: SpecWorld) -> None:
    folder = world.life()
    world.drop("a.json", {"n": 1, "ends": None})
    await world.passes(folder, 4)
    away = world.root.with_name("away")
    world.root.rename(away)
    world.root.mkdir()
    for life in (folder, world.life()):
        outcome = await world.passes(life, 3)
        assert outcome.folder.state is FolderState.PAUSED
        assert "another, empty directory stands at the folder's path" in outcome.folder.reason
        assert "--accept-folder" in outcome.folder.reason
    assert list(world.root.iterdir()) == []
    world.root.rmdir()
    away.rename(world.root)
    world.scheduler.put("job-1", JobState.COMPLETED)
    await world.passes(world.life(), 8)
    assert (world.good / "a.json").exists()
    assert ns(world) == [1]


async def test_a_full_disk_pauses_the_folder_and_nothing_is_lost_or_doubled(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    world.drop("b.json", {"n": 2})
    world.full = True
    folder = world.life()
    outcome = await world.passes(folder, 8)
    assert outcome.folder.state is FolderState.PAUSED
    assert "No space left on device" in outcome.folder.reason
    world.full = False
    outcome = await world.passes(folder, 10)
    assert ns(world) == [1, 2]
    assert (outcome.folder.state, outcome.busy) == (FolderState.WATCHING, False)
    assert all((world.good / name).exists() and world.result(name).exists() for name in ("a.json", "b.json"))


async def test_an_unreadable_spec_waits_with_the_reason_and_holds_up_no_other(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    world.drop("b.json", {"n": 2})
    world.unreadable = "a.json"
    outcome = await world.passes(world.life(), 8)
    assert "cannot be read: Permission denied" in str(told(outcome))
    assert ns(world) == [2]
    assert not outcome.busy


async def test_one_look_takes_only_what_it_saw_first(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    folder = world.life(once=True)
    await world.passes(folder, 1)
    world.drop("b.json", {"n": 2})
    outcome = await world.passes(folder, 8)
    assert ns(world) == [1]
    assert not outcome.busy
    assert (world.inbox / "b.json").exists()


async def test_one_look_does_not_wait_for_a_file_that_keeps_changing(world: SpecWorld) -> None:
    folder = world.life(once=True)
    for number in range(4):
        world.drop("a.json", text='{"a": "' + "x" * number)
        outcome = await world.passes(folder, 1)
    assert not outcome.busy


async def test_with_another_live_watcher_of_this_name_nothing_is_submitted(world: SpecWorld) -> None:
    world.drop("a.json", {"n": 1})
    folder = world.life()
    for _ in range(5):
        outcome = await folder.open_pass(submit=False)
        world.clock.seconds += 0.6
    assert ns(world) == []
    assert "another live watcher has a folder of this name" in str(told(outcome))


async def test_the_published_way_to_reset_a_flat_folder_by_hand_makes_everything_anew(memory_path: Path) -> None:
    """Seed 003: remove the manifest and the results, move the specs back."""
    world = SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=Layout.FLAT)
    world.drop("a.json", {"n": 1})
    world.drop("b.json", {"n": 2, "ends": "FAILED"})
    folder = world.life()
    await world.passes(folder, 12)
    (world.root / "processed_manifest.json").unlink()
    for result in world.root.glob("*.result.json"):
        result.unlink()
    (world.root / "processed" / "a.json").rename(world.root / "a.json")
    (world.root / "failed" / "b.json").rename(world.root / "b.json")
    await world.passes(folder, 12)
    assert ns(world) == [1, 2, 1, 2]


async def test_a_damaged_manifest_is_kept_and_made_anew_from_the_ledger(memory_path: Path) -> None:
    world = SpecWorld(root=memory_path / "drops", state=memory_path / "state", layout=Layout.FLAT)
    world.drop("a.json", {"n": 1})
    folder = world.life()
    await world.passes(folder)
    manifest = world.root / "processed_manifest.json"
    whole = json.loads(manifest.read_text())
    manifest.write_text("{")
    await world.passes(folder, 1)
    assert json.loads(manifest.read_text())["entries"].keys() == whole["entries"].keys()
    assert (world.root / "processed_manifest_001.json").read_text() == "{"
    world.drop("a.json", {"n": 1})
    await world.passes(folder)
    assert ns(world) == [1]
