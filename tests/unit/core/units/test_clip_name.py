"""A clip of several files is called after the clip, not after a part or a frame."""

import pytest

from proxx.core.units import clip_name
from proxx.core.units.names import name_of_number


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/c/A001_C002_0502A6.RDC", "A001_C002_0502A6.RDC", id="the folder of an R3D clip"),
        pytest.param("/c/A001_C002_0502A6.RDC/A001_C002_0502A6_001.R3D", "A001_C002_0502A6.R3D", id="its first part"),
        pytest.param("/c/A001C001.R3D", "A001C001.R3D", id="an R3D file without part number"),
        pytest.param("/c/shot/A001.0000123.ari", "A001.ari", id="an ARRIRAW frame"),
        pytest.param("/c/take1/take1_000001.dng", "take1.dng", id="a CinemaDNG frame"),
        pytest.param("/c/take1/000001.dng", "take1.dng", id="a frame that is a number alone"),
        pytest.param("000001.dng", "000001.dng", id="a number without a folder"),
        pytest.param("/c/A001.braw", "A001.braw", id="a Blackmagic RAW file"),
        pytest.param("/c/A001_001.mov", "A001_001.mov", id="an ordinary file"),
        pytest.param("/c/take1", "take1", id="a folder of frames"),
    ],
)
def test_the_name_has_no_part_and_no_frame_number(path: str, name: str) -> None:
    assert clip_name(path=path) == name


@pytest.mark.parametrize(
    ("first", "offset", "name"),
    [
        ("A_001.R3D", 1, "A_002.R3D"),
        ("a.0009.ari", 1, "a.0010.ari"),
        ("f9.dng", 1, "f10.dng"),
        ("f09.dng", 91, "f100.dng"),
    ],
)
def test_the_files_behind_the_first_have_its_digits(first: str, offset: int, name: str) -> None:
    assert name_of_number(first=first, offset=offset) == name


def test_a_name_without_number_has_none_behind_it() -> None:
    with pytest.raises(ValueError, match="no part or frame number"):
        name_of_number(first="a.mov", offset=1)
