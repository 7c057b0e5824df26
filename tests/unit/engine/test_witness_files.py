"""The files of a witness: read as they are, absent ones as nothing, and all of them removed."""

from dataclasses import replace
from pathlib import Path

from proxx.core.command_paths import witness_file
from proxx.core.plan import Expected
from proxx.core.planner import plan_clip
from proxx.core.witness import TrackHash
from proxx.engine.witness_files import compare_witness, remove_witness
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import STEREO, VIDEO, facts_with, inputs_with

SIZE = 32 * 18 * 3 // 2


def expected(name: str, container: str) -> Expected:
    profile = builtin_library().get(name)
    assert profile is not None
    facts = facts_with(video=replace(VIDEO, frame_count=3), audio=(STEREO, replace(STEREO, stream_index=2)))
    return plan_clip(inputs=inputs_with(profile=profile, facts=facts, container=container)).expected


def test_both_sides_are_read_from_beside_their_files(tmp_path: Path) -> None:
    kept, proxy = tmp_path / "planned.mov", tmp_path / "found.mov"
    pictures = [bytes([40 + 60 * frame]) * SIZE for frame in range(3)]
    witness_file(kept, "pictures").write_bytes(b"".join(pictures))
    witness_file(proxy, "found-pictures").write_bytes(b"".join(pictures[:2]) + b"half of one")
    witness_file(kept, "packets").write_text("0,v,murmur3=0a\n1,a,murmur3=0b\n2,a,murmur3=0c\n")
    witness_file(proxy, "found-packets").write_text("0,v,murmur3=0a\n1,a,murmur3=ff\n")
    witness_file(kept, "samples").write_text("0,a,murmur3=01\n1,a,murmur3=02\n")
    witness_file(proxy, "found-samples").write_text("0,a,murmur3=01\n1,a,murmur3=02\n")
    plan = expected("proxy_prores_proxy", "mov")
    assert plan.witness is not None

    report = compare_witness(expected=plan, witness=plan.witness, kept=kept, proxy=proxy)

    assert (report.pictures.planned, report.pictures.found, report.pictures.difference) == (3, 2, 0)
    assert report.packets == (
        TrackHash(planned="v murmur3=0a", found="v murmur3=0a"),
        TrackHash(planned="a murmur3=0b", found="a murmur3=ff"),
        TrackHash(planned="a murmur3=0c", found=""),
    )
    assert report.samples == (
        TrackHash(planned="a murmur3=01", found="a murmur3=01"),
        TrackHash(planned="a murmur3=02", found="a murmur3=02"),
    )
    assert report.sound == ()


def test_each_lossy_track_has_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "proxy.mp4"
    loud = b"\x10\x27" * 2 * 400
    for track in (0, 1):
        witness_file(path, f"sound.{track}").write_bytes(loud)
    witness_file(path, "found-sound.0").write_bytes(loud)
    witness_file(path, "found-sound.1").write_bytes(loud[: len(loud) // 2])
    plan = expected("proxy_h264_low", "mp4")
    assert plan.witness is not None

    first, second = compare_witness(expected=plan, witness=plan.witness, kept=path, proxy=path).sound

    assert (first.planned, first.found, first.windows, first.differing) == (400, 400, 4, 0)
    assert (second.planned, second.found, second.differing, second.first_milliseconds) == (400, 200, 2, 50)


def test_absent_files_are_nothing(tmp_path: Path) -> None:
    path = tmp_path / "proxy.mp4"
    plan = expected("proxy_h264_low", "mp4")
    assert plan.witness is not None

    report = compare_witness(expected=plan, witness=plan.witness, kept=path, proxy=path)

    assert (report.pictures.planned, report.pictures.found, report.pictures.difference_frame) == (0, 0, None)
    assert (report.packets, report.samples) == ((), ())
    assert [(track.planned, track.found) for track in report.sound] == [(0, 0), (0, 0)]


def test_removing_takes_both_sides_and_nothing_of_another_file(tmp_path: Path) -> None:
    output, other = tmp_path / "clip [1].mov", tmp_path / "clip 1.mov"
    for name in ("pictures", "found-pictures", "sound.12"):
        witness_file(output, name).touch()
    witness_file(other, "pictures").touch()
    output.touch()

    remove_witness(output)
    remove_witness(output)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip 1.mov.witness-pictures", "clip [1].mov"]


def test_removing_in_a_directory_that_is_gone_is_nothing(tmp_path: Path) -> None:
    remove_witness(tmp_path / "gone/clip.mov")
