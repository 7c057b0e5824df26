"""A media folder in a real directory: what becomes a job, once, held, and what an operator sees of the rest."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxx.core.jobs import JobState
from proxx.core.watch_folders import FolderEntry, FolderState
from proxx_watcher.app.news import NewsKind
from proxx_watcher.app.ports import PassOutcome
from proxx_watcher.disk.media_disk import LocalMediaDisk
from proxx_watcher.domain.checksum_list import Listed
from proxx_watcher.domain.selection import SelectionRules, Selector
from tests.watching.clips import live_mkv, tiny_mov
from tests.watching.media_world import MediaWorld

WINDOW = 15.0
World = Callable[..., MediaWorld]


@pytest.fixture
def world(memory_path: Path) -> Iterator[World]:
    made: list[MediaWorld] = []

    def make(remote: bool = False, **table: object) -> MediaWorld:
        made.append(MediaWorld(root=memory_path / "card", state=memory_path / "state", table=table, remote=remote))
        return made[-1]

    yield make
    for item in made:
        item.close()


def told(outcome: PassOutcome) -> dict[str, tuple[str, str]]:
    return {entry.path: (entry.state.value, entry.reason) for entry in outcome.folder.entries}


def entry(outcome: PassOutcome, path: str) -> FolderEntry:
    return next(item for item in outcome.folder.entries if item.path == path)


async def test_a_clip_becomes_one_held_job_that_says_what_was_relied_on(world: World) -> None:
    card = world()
    path = card.put("A/a.mov", tiny_mov())
    outcome = await card.passes(card.life(), seconds=WINDOW)
    assert card.scheduler.sources == [str(path)]
    (options,) = card.scheduler.options
    assert (options.hold, options.failure_policy.value) == (True, "CONTINUE")
    assert options.labels["watch.evidence"].startswith("3 equal scans, unchanged for 10 s; moov present")
    assert told(outcome) == {"A/a.mov": ("HELD", "auto_execute is off: start it by hand")}
    assert entry(outcome, "A/a.mov").job_key == "job-1"
    assert card.scheduler.started == []
    assert [item.kind for item in card.news] == [NewsKind.SUBMITTED]


async def test_jobs_come_in_the_order_of_becoming_ready_then_of_the_bytes_of_their_paths(world: World) -> None:
    card = world()
    folder = card.life()
    for name in ("c.mov", "a.mov"):
        card.put(name, tiny_mov(ord(name[0])))
    await card.passes(folder, seconds=5.0)
    for name in ("b.mov", "B.mov"):
        card.put(name, tiny_mov(ord(name[0])))
    await card.passes(folder, seconds=WINDOW)
    assert [Path(source).name for source in card.scheduler.sources] == ["a.mov", "c.mov", "B.mov", "b.mov"]


async def test_a_clip_whose_submission_fails_waits_and_holds_up_nobody(world: World) -> None:
    card = world()
    for name in ("a.mov", "b.mov"):
        card.put(name, tiny_mov(ord(name[0])))
    card.scheduler.fails_on = "a.mov"
    folder = card.life()
    outcome = await card.passes(folder, seconds=WINDOW)
    assert [Path(source).name for source in card.scheduler.sources] == ["b.mov"]
    assert told(outcome)["a.mov"] == ("WAITING", "its submission failed: INTERNAL: correlation id 3fa94c1b")
    assert not outcome.waits_for_server
    card.scheduler.fails_on = ""
    await card.passes(folder, seconds=60.0)
    assert [Path(source).name for source in card.scheduler.sources] == ["b.mov", "a.mov"]


async def test_a_folder_without_a_preset_makes_no_job_and_says_so(world: World) -> None:
    card = world(preset="")
    card.put("a.mov", tiny_mov())
    outcome = await card.passes(card.life(), seconds=WINDOW)
    assert card.scheduler.sources == []
    reason = "no preset is bound to this folder, so no job is made"
    assert (told(outcome), outcome.folder.reason) == ({"a.mov": ("WAITING", reason)}, reason)


async def test_a_preset_that_does_not_exist_makes_no_job_until_it_does(world: World) -> None:
    card = world(preset="later")
    card.put("a.mov", tiny_mov())
    folder = card.life()
    outcome = await card.passes(folder, seconds=WINDOW)
    assert told(outcome) == {"a.mov": ("WAITING", "preset later does not exist, so no job is made")}


async def test_a_started_job_needs_every_check(world: World) -> None:
    card = world(auto_execute=True, free_bytes=1)
    for number, name in enumerate(("a.mov", "b.mov")):
        card.put(name, tiny_mov(number))
    folder = card.life()
    outcome = await card.passes(folder, seconds=12.5, every=2.5)
    assert card.scheduler.started == ["job-1"]
    assert told(outcome)["b.mov"] == ("HELD", "1 jobs of this folder run, at most 1 may")
    await card.passes(folder, seconds=5.0, every=2.5)
    assert card.scheduler.started == ["job-1", "job-2"]
    assert told(await card.passes(folder, seconds=10.0)) == {"a.mov": ("DONE", ""), "b.mov": ("DONE", "")}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"free_bytes": 2**62}, "are free where the output goes, 4611686 TB are asked", id="no space"),
        pytest.param(
            {"output_directory": "/no-such-mount-here/out"}, "is not visible from this machine", id="output elsewhere"
        ),
    ],
)
async def test_a_failing_check_leaves_the_job_held_and_is_shown(
    world: World, change: dict[str, object], reason: str
) -> None:
    card = world(auto_execute=True, **change)
    card.put("a.mov", tiny_mov())
    outcome = await card.passes(card.life(), seconds=WINDOW)
    state, said = told(outcome)["a.mov"]
    assert (state, reason in said, card.scheduler.started) == ("HELD", True, [])


async def test_a_restart_doubles_nothing_with_or_without_its_ledger(world: World) -> None:
    card = world()
    for number in range(3):
        card.put(f"{number}.mov", tiny_mov(number))
    await card.passes(card.life(), seconds=WINDOW)
    await card.passes(card.life(), seconds=WINDOW)
    (card.state / "ledger.jsonl").unlink()
    outcome = await card.passes(card.life(), seconds=WINDOW)
    (card.state / "ledger.jsonl").write_bytes(b"garbage\n")
    await card.passes(card.life(), seconds=WINDOW)
    assert len(card.scheduler.made) == 3
    assert {state for state, _ in told(outcome).values()} == {"HELD"}


async def test_a_touched_file_makes_no_second_job_and_a_changed_one_does(world: World) -> None:
    card = world()
    path = card.put("a.mov", tiny_mov(1))
    folder = card.life()
    await card.passes(folder, seconds=WINDOW)
    card.stamp(path)
    await card.passes(folder, seconds=60.0)
    assert len(card.scheduler.made) == 1
    card.put("a.mov", tiny_mov(2))
    await card.passes(folder, seconds=60.0)
    assert len(card.scheduler.made) == 2


@pytest.mark.parametrize(
    ("preset", "state", "end"),
    [
        pytest.param("offline_edit_prores", "REFUSED", "; the preset refuses repeated sources", id="refused"),
        pytest.param("keeps", "SKIPPED", "", id="the first is kept"),
    ],
)
async def test_the_same_content_at_another_path_is_treated_as_the_preset_says(
    world: World, preset: str, state: str, end: str
) -> None:
    card = world(preset=preset)
    card.recipes = with_keep_first(card)
    card.put("a.mov", tiny_mov())
    card.put("copy/a.mov", tiny_mov())
    outcome = await card.passes(card.life(), seconds=WINDOW)
    assert told(outcome)["copy/a.mov"] == (state, f'the same content as "a.mov", which has job job-1{end}')
    assert len(card.scheduler.made) == 1


def with_keep_first(card: MediaWorld) -> object:
    from dataclasses import replace

    from proxx.core.presets.category import Category
    from proxx.core.presets.global_preset import PresetReference

    library = card.recipes.library
    shipped = library.global_preset(preset_id="offline_edit_prores")
    presets = tuple(
        PresetReference(category=item.category, id="keep_first") if item.category is Category.DUPLICATES else item
        for item in shipped.presets
    )
    return replace(card.recipes, library=library.adding(replace(shipped, id="keeps", presets=presets)))


async def test_equal_files_after_a_lost_ledger_are_one_job_still(world: World) -> None:
    card = world()
    folder = card.life()
    card.put("b.mov", tiny_mov())
    await card.passes(folder, seconds=WINDOW)
    card.put("a.mov", tiny_mov())
    (card.state / "ledger.jsonl").unlink()
    outcome = await card.passes(card.life(), seconds=30.0)
    assert len(card.scheduler.made) == 1
    assert (told(outcome)["b.mov"][0], told(outcome)["a.mov"][0]) == ("HELD", "REFUSED")


async def test_an_outage_keeps_clips_ready_and_submits_them_later_in_order(world: World) -> None:
    card = world()
    card.scheduler.down = True
    folder = card.life()
    for number, name in enumerate(("b.mov", "a.mov")):
        card.put(name, tiny_mov(number))
    outcome = await card.passes(folder, seconds=600.0)
    assert {state for state, _ in told(outcome).values()} == {"READY"}
    assert outcome.folder.reason.startswith("the scheduler does not answer since 2026-11-20T12:00:10")
    assert outcome.waits_for_server
    card.scheduler.down = False
    await card.passes(folder, seconds=10.0)
    assert [Path(source).name for source in card.scheduler.sources] == ["a.mov", "b.mov"]


async def test_a_disk_that_goes_and_comes_back_pauses_the_folder_alone_and_loses_nothing(world: World) -> None:
    card = world()
    folder = card.life()
    card.put("a.mov", tiny_mov(1))
    await card.passes(folder, seconds=5.0)
    away = card.root.with_name("away")
    card.root.rename(away)
    outcome = await card.passes(folder, seconds=20.0)
    assert (outcome.folder.state, outcome.folder.reason) == (FolderState.PAUSED, "the folder is not there")
    card.root.mkdir()
    outcome = await card.passes(folder, seconds=20.0)
    assert outcome.folder.state is FolderState.PAUSED
    assert card.scheduler.sources == []
    card.root.rmdir()
    away.rename(card.root)
    await card.passes(folder, seconds=30.0)
    assert [Path(source).name for source in card.scheduler.sources] == ["a.mov"]


async def test_while_another_watcher_has_the_name_nothing_new_is_submitted(world: World) -> None:
    card = world()
    card.put("a.mov", tiny_mov())
    folder = card.life()
    for _ in range(4):
        outcome = await folder.open_pass(submit=False)
        card.clock.seconds += 5.0
    assert told(outcome) == {"a.mov": ("READY", "another live watcher has a folder of this name")}
    await card.passes(folder, seconds=5.0)
    assert len(card.scheduler.made) == 1


async def test_a_name_that_is_no_text_is_refused_and_holds_nothing_up(world: World) -> None:
    card = world()
    place = card.put(os.fsdecode(b"a\xff.mov"), tiny_mov(1))
    card.put("b\n\u202e.mov", tiny_mov(2))
    card.clock.seconds += 3600.0
    os.utime(place, (0, 0))
    outcome = await card.passes(card.life(), seconds=30.0)
    assert told(outcome)["a\\udcff.mov"] == ("REFUSED", "its name is not UTF-8, and a JobSpec is")
    assert len(card.scheduler.made) == 1


async def test_what_the_preset_leaves_out_is_skipped_with_its_rule(world: World) -> None:
    card = world()
    card.put("a_proxy.mov", tiny_mov())
    outcome = await card.passes(card.life(), seconds=5.0)
    assert told(outcome)["a_proxy.mov"] == (
        "SKIPPED",
        'its name matches "*_proxy.*" (exclusions.camera_card.toml: patterns)',
    )


async def test_a_refusal_of_the_scheduler_is_shown_and_not_repeated(world: World) -> None:
    card = world()
    card.put("a.mov", tiny_mov())
    spec = {"refuse": True}
    card.scheduler.submit = refusing(card, spec)  # type: ignore[method-assign]
    folder = card.life()
    outcome = await card.passes(folder, seconds=60.0)
    assert told(outcome)["a.mov"] == ("REFUSED", "refused")
    assert (outcome.failures, spec["asked"]) == (1, 1)


def refusing(card: MediaWorld, spec: dict[str, object]) -> Callable[..., object]:
    submit = card.scheduler.submit

    async def refused(**arguments: object) -> object:
        spec["asked"] = int(str(spec.get("asked", 0))) + 1
        return await submit(**{**arguments, "spec_json": json.dumps(spec)})  # type: ignore[arg-type]

    return refused


async def test_a_job_that_ended_badly_is_shown_as_failed(world: World) -> None:
    card = world()
    card.put("a.mov", tiny_mov())
    folder = card.life()
    await card.passes(folder, seconds=WINDOW)
    card.scheduler.put("job-1", JobState.FAILED, "SOURCE_CHANGED")
    outcome = await card.passes(folder, seconds=10.0)
    assert told(outcome)["a.mov"] == ("FAILED", "FAILED: SOURCE_CHANGED")
    assert outcome.failures == 1


async def test_a_failed_job_that_an_operator_made_again_is_followed_again(world: World) -> None:
    card = world()
    card.put("a.mov", tiny_mov())
    folder = card.life()
    await card.passes(folder, seconds=WINDOW)
    card.scheduler.put("job-1", JobState.FAILED, "DISK_FULL")
    await card.passes(folder, seconds=5.0)
    card.scheduler.put("job-1", JobState.PAUSED)
    outcome = await card.passes(folder, seconds=70.0)
    assert told(outcome) == {"a.mov": ("RUNNING", "the job is PAUSED")}
    card.scheduler.put("job-1", JobState.COMPLETED)
    assert told(await card.passes(folder, seconds=5.0)) == {"a.mov": ("DONE", "")}


async def test_a_job_that_the_scheduler_forgot_is_left_to_an_operator(world: World) -> None:
    card = world()
    card.put("a.mov", tiny_mov())
    folder = card.life()
    await card.passes(folder, seconds=WINDOW)
    card.scheduler.forget()
    outcome = await card.passes(folder, seconds=60.0)
    assert told(outcome)["a.mov"] == ("RECOVERY_REQUIRED", "this scheduler does not know job job-1")
    assert len(card.scheduler.made) == 1


async def test_an_open_end_waits_longer_or_for_a_marker(world: World) -> None:
    card = world()
    for name in ("slow.mkv", "quick.mkv"):
        card.put(name, live_mkv(ord(name[0])))
    card.put("quick.mkv.done", b"")
    folder = card.life()
    outcome = await card.passes(folder, seconds=WINDOW)
    assert [Path(source).name for source in card.scheduler.sources] == ["quick.mkv"]
    assert 'marker "quick.mkv.done"' in card.scheduler.options[0].labels["watch.evidence"]
    assert told(outcome)["slow.mkv"][1].startswith("its segment has no size")
    await card.passes(folder, seconds=120.0)
    assert len(card.scheduler.made) == 2


async def test_a_required_marker_is_waited_for(world: World) -> None:
    card = world(evidence={"require": "marker", "folder_marker": "COPIED"})
    card.put("A/a.mov", tiny_mov())
    folder = card.life()
    outcome = await card.passes(folder, seconds=3600.0, every=60.0)
    assert told(outcome)["A/a.mov"] == ("WAITING", "no marker file yet, and the folder requires one")
    card.put("copied", b"")
    await card.passes(folder, seconds=10.0)
    assert len(card.scheduler.made) == 1


async def test_a_list_holds_back_what_is_shorter_and_a_digest_is_verified(world: World) -> None:
    card = world(evidence={"require": "checksum", "verify_digests": True})
    good, other = tiny_mov(1), tiny_mov(2)
    card.put("good.mov", good)
    card.put("other.mov", other)
    card.put("short.mov", tiny_mov(3))
    card.put("unlisted.mov", tiny_mov(4))
    entries = "".join(
        f"<hash><file>{name}</file><size>{size}</size><md5>{digest}</md5></hash>"
        for name, size, digest in (
            ("good.mov", len(good), hashlib.md5(good, usedforsecurity=False).hexdigest()),
            ("other.mov", len(other), "0" * 32),
            ("short.mov", 99999, "0" * 32),
        )
    )
    card.put("card.mhl", f"<hashlist>{entries}</hashlist>".encode())
    outcome = await card.passes(card.life(), seconds=60.0, every=2.5)
    assert [Path(source).name for source in card.scheduler.sources] == ["good.mov"]
    assert 'md5 equals the one in "card.mhl"' in card.scheduler.options[0].labels["watch.evidence"]
    said = told(outcome)
    assert said["other.mov"][1].startswith("its md5 is ")
    assert said["short.mov"] == ("WAITING", f'listed size 99999, found {len(tiny_mov(3))} ("card.mhl")')
    assert said["unlisted.mov"] == ("WAITING", "in no checksum list yet, and the folder requires one")


async def test_a_list_that_cannot_be_read_is_said(world: World) -> None:
    card = world()
    card.put("card.mhl", b"<hashlist>")
    outcome = await card.passes(card.life(), seconds=5.0)
    assert outcome.folder.reason.startswith('"card.mhl" is no whole XML list')


async def test_a_rename_from_a_temporary_name_is_evidence(world: World) -> None:
    card = world(evidence={"require": "rename"})
    folder = card.life()
    temporary = card.put("a.mkv.part", live_mkv(1))
    card.put("b.mkv", live_mkv(2))
    await card.passes(folder, seconds=5.0)
    temporary.rename(card.root / "a.mkv")
    outcome = await card.passes(folder, seconds=WINDOW)
    assert [Path(source).name for source in card.scheduler.sources] == ["a.mkv"]
    assert 'renamed from "a.mkv.part"' in card.scheduler.options[0].labels["watch.evidence"]
    assert told(outcome)["b.mkv"][0] == "WAITING"


async def test_an_inode_that_was_given_out_again_is_no_rename(world: World) -> None:
    card = world(evidence={"require": "rename"})
    folder = card.life()
    temporary = card.put("a.mov.part", tiny_mov(1))
    await card.passes(folder, seconds=5.0)
    temporary.rename(card.root / "other.mov")
    outcome = await card.passes(folder, seconds=WINDOW)
    assert told(outcome)["other.mov"][0] == "WAITING"


async def test_the_parts_of_a_red_clip_are_one_job_when_all_are_at_rest(world: World) -> None:
    card = world(clip_units=["r3d"])
    red = b"\0\0\x10\0RED2\0\0R2" + b"\x11" * 500
    folder = card.life()
    for number in (1, 2):
        card.put(f"R.RDM/A001_C002.RDC/A001_C002_{number:03d}.R3D", red + bytes([number]))
    await card.passes(folder, seconds=100.0)
    card.put("R.RDM/A001_C002.RDC/A001_C002_003.R3D", red + b"\x03")
    outcome = await card.passes(folder, seconds=100.0)
    assert card.scheduler.sources == []
    assert told(outcome)["R.RDM/A001_C002.RDC"][1].startswith("A001_C002_003.R3D: a REDCODE file, whose end")
    outcome = await card.passes(folder, seconds=60.0)
    assert [Path(source).name for source in card.scheduler.sources] == ["A001_C002_001.R3D"]
    assert told(outcome)["R.RDM/A001_C002.RDC"][0] == "HELD"
    await card.passes(folder, seconds=100.0)
    assert len(card.scheduler.made) == 1


async def test_a_sequence_is_one_job_named_by_its_first_frame_when_every_frame_is_at_rest(world: World) -> None:
    card = world(clip_units=["cinemadng"])
    folder = card.life()
    for number in (1, 2, 4):
        card.put(f"take/take_{number:05d}.dng", b"II*\0" + b"\x11" * 500 + bytes([number]))
    outcome = await card.passes(folder, seconds=200.0)
    said = 'frame 00003 is missing before "take_00004.dng", 3 frames are there'
    assert (told(outcome), card.scheduler.sources) == ({"take/take_#####.dng": ("WAITING", said)}, [])
    card.put("take/take_00003.dng", b"II*\0" + b"\x11" * 500 + b"\x03")
    outcome = await card.passes(folder, seconds=200.0)
    assert [Path(source).name for source in card.scheduler.sources] == ["take_00001.dng"]
    assert told(outcome)["take/take_#####.dng"][0] == "HELD"
    await card.passes(folder, seconds=100.0)
    assert len(card.scheduler.made) == 1


async def test_frames_of_which_two_have_one_number_are_one_refused_entry(world: World) -> None:
    card = world(clip_units=["cinemadng"])
    for name in ("take_00001.dng", "take_00001.DNG", "take_00002.dng"):
        card.put(f"take/{name}", b"II*\0")
    outcome = await card.passes(card.life(), seconds=10.0)
    said = '"take_00001.DNG" and "take_00001.dng" are both frame 1'
    assert (list(told(outcome).values()), card.scheduler.sources) == ([("REFUSED", said)], [])


async def test_a_clip_that_never_becomes_whole_waits_for_ever_and_is_seen_to(world: World) -> None:
    card = world()
    card.put("a.mov", tiny_mov()[:-24])
    outcome = await card.passes(card.life(), seconds=7200.0, every=60.0)
    assert told(outcome)["a.mov"] == ("WAITING", "moov box absent")
    assert (outcome.busy, outcome.folder.oldest_wait_seconds) == (False, 7200.0)


async def test_a_clip_that_is_gone_is_forgotten(world: World) -> None:
    card = world()
    path = card.put("a.mov", tiny_mov())
    folder = card.life()
    await card.passes(folder, seconds=5.0)
    path.unlink()
    assert told(await card.passes(folder, seconds=5.0)) == {}


async def test_passes_that_come_too_fast_are_answered_without_a_look(world: World) -> None:
    card = world()
    folder = card.life()
    await folder.open_pass(submit=True)
    card.put("a.mov", tiny_mov())
    card.clock.seconds += 0.1
    outcome = await folder.open_pass(submit=True)
    assert (told(outcome), outcome.look_again_seconds) == ({}, pytest.approx(0.15))
    card.clock.seconds += 0.15
    assert "a.mov" in told(await folder.open_pass(submit=True))


async def test_a_ready_clip_that_changes_before_it_is_submitted_waits_again(world: World) -> None:
    card = world()
    card.scheduler.down = True
    folder = card.life()
    card.put("a.mov", tiny_mov(1))
    await card.passes(folder, seconds=WINDOW)
    card.put("a.mov", tiny_mov(2, media=500))
    card.scheduler.down = False
    outcome = await card.passes(folder, seconds=5.0)
    assert (told(outcome)["a.mov"][0], card.scheduler.sources) == ("WAITING", [])


async def test_nothing_is_written_into_the_folder(world: World) -> None:
    card = world()
    card.put("A/a.mov", tiny_mov())
    before = sorted(str(path) for path in card.root.rglob("*") if not path.name.startswith(".proxx-watch"))
    await card.passes(card.life(), seconds=WINDOW)
    after = sorted(str(path) for path in card.root.rglob("*") if not path.name.startswith(".proxx-watch"))
    assert before == after
    shutil.rmtree(card.root)


async def test_a_folder_that_comes_back_from_another_watcher_goes_on_with_what_that_one_did(world: World) -> None:
    card = world()
    first = card.life()
    await card.passes(first, seconds=5.0)
    card.put("a.mov", tiny_mov())
    await card.passes(card.life(), seconds=WINDOW)
    card.close()
    outcome = await card.passes(first, seconds=0.0)
    assert told(outcome) == {"a.mov": ("HELD", "auto_execute is off: start it by hand")}


async def test_what_cannot_be_looked_at_is_said_by_name_and_what_was_known_of_it_stays(world: World) -> None:
    card = world()
    folder = card.life()
    card.put("a.mov", tiny_mov()[:-24])
    await card.passes(folder, seconds=WINDOW)
    card.faults = (("a.mov", "Permission denied"), *((f"far/{number}.mov", "I/O error") for number in range(4)))
    outcome = await card.passes(folder, seconds=60.0)
    assert told(outcome)["a.mov"] == ("WAITING", "moov box absent")
    assert outcome.folder.reason == (
        '"a.mov" cannot be looked at: Permission denied; "far/0.mov" cannot be looked at: I/O error; '
        '"far/1.mov" cannot be looked at: I/O error; so cannot 2 more'
    )


async def test_a_long_list_is_parsed_where_disk_calls_are_made(tmp_path: Path) -> None:
    text = b"<hashlist><hash><file>A/a.mov</file><size>3</size></hash></hashlist>"
    (tmp_path / "card.mhl").write_bytes(text)
    thread = KeepingThread()
    disk = LocalMediaDisk(root=tmp_path, selector=Selector(SelectionRules()), thread=thread)  # type: ignore[arg-type]
    entries = await disk.checksum_list(path="card.mhl")
    assert entries == (("A/a.mov", Listed(path="A/a.mov", size=3, digests={})),)
    assert thread.answers == [entries]


class KeepingThread:
    """Makes calls at once and keeps what they gave."""

    def __init__(self) -> None:
        self.answers: list[object] = []

    async def run(self, call: Callable[[], object]) -> object:
        self.answers.append(call())
        return self.answers[-1]
