"""Clips of several files are one clip, in order, or none: never many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.units import ClipUnit, UnitKind, may_be_part, recognise
from proxx.core.units import numbering as module

ALL = frozenset(UnitKind)
RDC = "RED.RDM/A001_C002_0502A6.RDC"


def units(*paths: str, kinds: frozenset[UnitKind] = ALL) -> tuple[ClipUnit, ...]:
    return recognise(paths=paths, kinds=kinds)[0]


def parts(*numbers: int, folder: str = RDC) -> tuple[str, ...]:
    return tuple(f"{folder}/A001_C002_0502A6_{number:03d}.R3D" for number in numbers)


def test_the_parts_of_an_r3d_clip_are_one_clip_named_by_its_first() -> None:
    first, second, third = parts(1, 2, 3)
    sidecar = f"{RDC}/A001_C002_0502A6.RMD"
    assert units(third, sidecar, first, second) == (
        ClipUnit(kind=UnitKind.R3D, path=RDC, parts=(first, second, third), sidecars=(sidecar,), source=first),
    )


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        pytest.param((1, 3), 'part 002 is missing before "A001_C002_0502A6_003.R3D", 2 parts are there', id="a gap"),
        pytest.param((2,), 'part 001 is missing before "A001_C002_0502A6_002.R3D", 1 parts are there', id="no first"),
    ],
)
def test_a_gap_in_the_parts_is_named(numbers: tuple[int, ...], missing: str) -> None:
    (unit,) = units(*parts(*numbers))
    assert (unit.missing, unit.refusal) == (missing, "")


def test_parts_outside_their_folder_are_one_clip_too() -> None:
    (unit,) = units("A001_C002_0502A6_001.R3D", "A001_C002_0502A6_002.R3D")
    assert (unit.path, unit.source) == ("A001_C002_0502A6", "A001_C002_0502A6_001.R3D")


@pytest.mark.parametrize(
    ("kind", "name", "shown"),
    [
        pytest.param(UnitKind.ARRIRAW, "shot/A001.{:07d}.ari", "shot/A001.#######.ari", id="ARRIRAW"),
        pytest.param(UnitKind.CINEMADNG, "take1/take1_{:06d}.dng", "take1/take1_######.dng", id="CinemaDNG"),
        pytest.param(UnitKind.CINEMADNG, "take1/{:06d}.dng", "take1/######.dng", id="numbers alone"),
        pytest.param(UnitKind.CINEMADNG, "take1/f{:d}.dng", "take1/f##.dng", id="numbers that grow a digit"),
    ],
)
def test_frames_are_one_clip_named_by_the_first_wherever_it_begins(kind: UnitKind, name: str, shown: str) -> None:
    paths = tuple(name.format(number) for number in range(86, 110))
    found, single = recognise(paths=reversed(paths), kinds=ALL)
    assert single == ()
    assert found == (ClipUnit(kind=kind, path=shown, parts=paths, source=paths[0]),)


@pytest.mark.parametrize(
    ("names", "missing", "refusal"),
    [
        pytest.param(
            ("a_0001.ari", "a_0003.ari"),
            'frame 0002 is missing before "a_0003.ari", 2 frames are there',
            "",
            id="a gap",
        ),
        pytest.param(
            ("a_0001.ari", "A_0001.ari"), "", '"A_0001.ari" and "a_0001.ari" are both frame 1', id="twins by case"
        ),
        pytest.param(
            ("\u00e9_01.ari", "e\u0301_01.ari"),
            "",
            '"e\u0301_01.ari" and "\u00e9_01.ari" are both frame 1',
            id="twins by Unicode form",
        ),
        pytest.param(
            ("a_01.ari", "a_1.ari"), "", '"a_01.ari" and "a_1.ari" are both frame 1', id="twins by leading zeros"
        ),
        pytest.param(
            ("a_0001.ari", "a_0002.ARI"),
            "",
            '"a_0002.ARI" is spelt otherwise than "a_0001.ari", the frame before it',
            id="two spellings",
        ),
        pytest.param(
            ("a_0009.ari", "a_10.ari"),
            "",
            'the number of "a_10.ari" is written with other digits than that of "a_0009.ari"',
            id="two widths",
        ),
        pytest.param(("a_1.dng",), "one DNG alone is a still; a clip has two or more frames", "", id="a still"),
    ],
)
def test_frames_that_are_no_clip_say_why(names: tuple[str, ...], missing: str, refusal: str) -> None:
    (unit,) = units(*names)
    assert (unit.missing, unit.refusal, unit.source == "") == (missing, refusal, bool(refusal))


def test_more_frames_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FRAMES", 3)
    (unit,) = units(*(f"a_{number}.ari" for number in range(4)))
    assert unit.refusal == "it has 4 frames, and a clip has at most 3"


def test_a_sequence_takes_the_one_sound_file_that_is_called_like_it() -> None:
    frames = ("t/A_01.dng", "t/A_02.dng")
    (unit,) = units(*frames, "t/A.wav", "t/B.wav")
    assert (unit.parts, unit.sidecars) == (frames, ("t/A.wav",))
    (numbers,) = units("t/01.dng", "t/02.dng", "t/t.wav")
    assert numbers.sidecars == ("t/t.wav",)
    (both,) = units(*frames, "t/A.wav", "t/A.WAV")
    assert both.refusal == 'it has 2 sound files (.wav), "A.WAV" and "A.wav", where a clip has one'


def test_p2_files_are_one_refused_clip_even_where_no_kind_is_set() -> None:
    paths = ("P/CONTENTS/VIDEO/0001AB.MXF", "P/CONTENTS/AUDIO/0001AB00.MXF", "P/CONTENTS/AUDIO/0001AB01.MXF")
    found, single = recognise(paths=paths, kinds=frozenset())
    assert single == ()
    assert [(unit.path, len(unit.parts), unit.source) for unit in found] == [("P/CONTENTS/CLIP/0001AB", 3, "")]
    assert found[0].refusal == (
        "a P2 clip of 3 files with picture and sound apart, and no file of it is the whole clip; wrap it into one MXF"
        " or MOV file first"
    )


def test_an_xdcam_clip_waits_for_its_metadata() -> None:
    (alone,) = units("XDROOT/Clip/C0001.MXF")
    assert alone.missing == "its metadata file (M01.XML) is missing"
    (whole,) = units("XDROOT/Clip/C0001.MXF", "XDROOT/Clip/C0001M01.XML")
    assert (whole.source, whole.missing, len(whole.files)) == ("XDROOT/Clip/C0001.MXF", "", 2)


def test_a_braw_clip_has_its_sidecar_and_its_second_half() -> None:
    (one,) = units("A001.braw", "A001.sidecar")
    assert (one.source, one.parts, one.sidecars) == ("A001.braw", ("A001.braw",), ("A001.sidecar",))
    (two,) = units("A001.braw2", "A001.braw")
    assert (two.source, two.parts, two.missing) == ("A001.braw", ("A001.braw", "A001.braw2"), "")


def test_a_second_half_without_the_first_and_two_firsts_are_refused() -> None:
    (lost,) = units("A001.braw2")
    assert lost.missing == 'its first half is missing: "A001.braw2" is the second half of a .braw file'
    (twins,) = units("A001.braw", "A001.BRAW")
    assert (twins.source, twins.refusal) == ("", 'it has 2 files, "A001.BRAW" and "A001.braw", where a clip has one')


def test_one_gopro_chapter_is_a_file_and_several_are_one_refused_clip() -> None:
    found, single = recognise(paths=("GH010042.MP4", "GH010043.MP4", "GH020043.MP4"), kinds=ALL)
    assert single == ("GH010042.MP4",)
    assert [unit.parts for unit in found] == [("GH010043.MP4", "GH020043.MP4")]
    assert found[0].refusal.endswith("submit each chapter as a source of its own, or join them first")


def test_without_a_kind_raw_files_are_nothing() -> None:
    assert not may_be_part(path=parts(1)[0], kinds=frozenset())
    assert not may_be_part(path="shot/A001.0000001.ari", kinds=frozenset({UnitKind.R3D}))
    assert not may_be_part(path="shot/._A001.0000001.ari", kinds=ALL)


def test_paths_that_stand_alone_come_back_by_their_bytes() -> None:
    assert recognise(paths=["b.mov", "Z.mov", "a.mov"], kinds=ALL) == ((), ("Z.mov", "a.mov", "b.mov"))


NAMES = st.builds(
    lambda folder, stem, number, extension: f"{folder}{stem}{number}.{extension}",
    st.sampled_from(["", "a/", "A/", "CONTENTS/VIDEO/", "CONTENTS/AUDIO/", "x/Clip/", "A001.RDC/"]),
    st.sampled_from(["", "A_", "a_", "A001_C001", "GH01000", "C0001M", "\u00e9", "e\u0301", "A\n_"]),
    st.sampled_from(["", "1", "01", "2", "_001", "_002", "_003", "0001", "0002", "9" * 9, "\u0663"]),
    st.sampled_from(["r3d", "R3D", "dng", "DNG", "ari", "braw", "braw2", "sidecar", "rmd", "wav", "mxf", "xml", "mp4"]),
)
KINDS = st.frozensets(st.sampled_from(list(UnitKind)))


@given(paths=st.lists(NAMES, max_size=14, unique=True), kinds=KINDS, data=st.data())
def test_any_order_gives_the_same_units_and_no_file_is_in_two(
    paths: list[str], kinds: frozenset[UnitKind], data: st.DataObject
) -> None:
    found = recognise(paths=paths, kinds=kinds)
    assert recognise(paths=data.draw(st.permutations(paths)), kinds=kinds) == found
    units, single = found
    placed = [*single, *(path for unit in units for path in unit.files)]
    assert len(placed) == len(set(placed))
    assert set(placed) <= set(paths)
    left_out = set(paths) - set(placed)
    assert all(path.casefold().endswith((".sidecar", ".rmd", ".wav", ".xml")) for path in left_out)
    assert all(unit.source in ("", unit.parts[0]) for unit in units)
    assert all(not (unit.refusal and unit.source) for unit in units)
