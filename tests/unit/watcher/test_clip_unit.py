"""Clips of several files are one clip, in order, or none: never many."""

import pytest

from proxx_watcher.domain.clip_unit import ClipUnit, UnitKind, may_be_part, recognise

ALL = frozenset(UnitKind)
RDC = "RED.RDM/A001_C002_0502A6.RDC"


def units(*paths: str, kinds: frozenset[UnitKind] = ALL) -> tuple[ClipUnit, ...]:
    return recognise(paths=paths, kinds=kinds)[0]


def test_the_parts_of_an_r3d_clip_are_one_clip_named_by_its_first() -> None:
    parts = tuple(f"{RDC}/A001_C002_0502A6_{number:03d}.R3D" for number in (1, 2, 3))
    assert units(parts[2], parts[0], parts[1]) == (ClipUnit(kind=UnitKind.R3D, path=RDC, parts=parts, source=parts[0]),)


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        pytest.param((1, 3), "part 002 is missing, 2 parts are there", id="a gap"),
        pytest.param((2,), "part 001 is missing, 1 parts are there", id="no first part"),
    ],
)
def test_a_gap_in_the_numbers_is_waited_for(numbers: tuple[int, ...], missing: str) -> None:
    (unit,) = units(*(f"{RDC}/A001_C002_0502A6_{number:03d}.R3D" for number in numbers))
    assert (unit.missing, unit.refusal) == (missing, "")


def test_parts_outside_their_folder_are_one_clip_too() -> None:
    (unit,) = units("A001_C002_0502A6_001.R3D", "A001_C002_0502A6_002.R3D")
    assert (unit.path, unit.source) == ("A001_C002_0502A6", "A001_C002_0502A6_001.R3D")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(UnitKind.ARRIRAW, "shot/A001.{:07d}.ari", id="ARRIRAW"),
        pytest.param(UnitKind.CINEMADNG, "take1/take1_{:06d}.dng", id="CinemaDNG"),
    ],
)
def test_a_sequence_is_one_refused_clip_and_never_many_files(kind: UnitKind, name: str) -> None:
    paths = [name.format(number) for number in range(24)]
    found, single = recognise(paths=paths, kinds=ALL)
    assert single == ()
    assert [(unit.kind, len(unit.parts), unit.source) for unit in found] == [(kind, 24, "")]
    assert found[0].refusal == (
        "an image sequence of 24 frames: a JobSpec names one file for each clip, and cannot name it yet"
    )


def test_p2_files_are_one_refused_clip_even_where_no_kind_is_set() -> None:
    paths = ("P/CONTENTS/VIDEO/0001AB.MXF", "P/CONTENTS/AUDIO/0001AB00.MXF", "P/CONTENTS/AUDIO/0001AB01.MXF")
    found, single = recognise(paths=paths, kinds=frozenset())
    assert single == ()
    assert [(unit.path, len(unit.parts)) for unit in found] == [("P/CONTENTS/CLIP/0001AB", 3)]
    assert found[0].refusal == "a P2 clip of 3 files with picture and sound apart: a JobSpec cannot name it yet"


def test_an_xdcam_clip_waits_for_its_metadata() -> None:
    (alone,) = units("XDROOT/Clip/C0001.MXF")
    assert alone.missing == "its metadata file (M01.XML) is missing"
    (whole,) = units("XDROOT/Clip/C0001.MXF", "XDROOT/Clip/C0001M01.XML")
    assert (whole.source, whole.missing, len(whole.parts)) == ("XDROOT/Clip/C0001.MXF", "", 2)


def test_a_braw_clip_takes_its_sidecar_and_not_its_second_half() -> None:
    (one,) = units("A001.braw", "A001.sidecar")
    assert (one.source, one.refusal, len(one.parts)) == ("A001.braw", "", 2)
    (two,) = units("A001.braw", "A001.braw2")
    assert (two.source, two.refusal) == ("", "a clip that spans two cards: a JobSpec cannot name it yet")


def test_one_gopro_chapter_is_a_file_and_several_are_one_refused_clip() -> None:
    found, single = recognise(paths=("GH010042.MP4", "GH010043.MP4", "GH020043.MP4"), kinds=ALL)
    assert single == ("GH010042.MP4",)
    assert [unit.parts for unit in found] == [("GH010043.MP4", "GH020043.MP4")]


def test_without_a_kind_raw_files_are_nothing() -> None:
    assert not may_be_part(path=f"{RDC}/A001_C002_0502A6_001.R3D", kinds=frozenset())
    assert not may_be_part(path="shot/A001.0000001.ari", kinds=frozenset({UnitKind.R3D}))


def test_paths_that_stand_alone_come_back_by_their_bytes() -> None:
    assert recognise(paths=["b.mov", "Z.mov", "a.mov"], kinds=ALL) == ((), ("Z.mov", "a.mov", "b.mov"))
