"""However many frames a clip has, its identity is bounded and names every one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.facts import PartIdentity, SourceIdentity
from proxx.core.units import MOST_PARTS, files_text, media_count, media_files, part_runs


def part(path: str, *, run: int = 0, sidecar: bool = False) -> PartIdentity:
    return PartIdentity(
        path=path, size_bytes=1, mtime_ns=2, inode=3, edge_sha256="0" * 64, run_length=run, sidecar=sidecar
    )


def identity(*parts: PartIdentity) -> SourceIdentity:
    return SourceIdentity(path="r/clip", size_bytes=1, mtime_ns=2, inode=3, edge_sha256="1" * 64, parts=parts)


@given(count=st.integers(min_value=0, max_value=200_000))
def test_runs_cover_every_file_once_and_are_few(count: int) -> None:
    runs = part_runs(count=count)
    assert [start for start, _ in runs] == [sum(length for _, length in runs[:index]) for index in range(len(runs))]
    assert sum(length for _, length in runs) == count
    assert len(runs) <= MOST_PARTS
    assert count > MOST_PARTS or all(length == 1 for _, length in runs)


def test_runs_are_spelt_out_and_sidecars_left_out() -> None:
    clip = identity(part("r/a_08.dng", run=3), part("r/a_11.dng", run=2), part("r/a.wav", sidecar=True))
    assert media_files(identity=clip) == ("r/a_08.dng", "r/a_09.dng", "r/a_10.dng", "r/a_11.dng", "r/a_12.dng")
    assert media_count(identity=clip) == 5


def test_a_single_file_is_its_own_media_file() -> None:
    assert media_files(identity=identity()) == ("r/clip",)
    assert media_count(identity=identity()) == 1


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        pytest.param((), "", id="one file"),
        pytest.param(
            (part("r/A_001.R3D"), part("r/A_002.R3D"), part("r/A.RMD", sidecar=True)),
            "2 files, A_001.R3D to A_002.R3D; beside them A.RMD",
            id="parts and a sidecar",
        ),
        pytest.param(
            (part("r/a_00.dng", run=50), part("r/a_50.dng", run=49)), "99 files, a_00.dng to a_98.dng", id="runs"
        ),
        pytest.param(
            (part("r/A.braw"), *(part(f"r/{name}.sidecar", sidecar=True) for name in "abcde")),
            "1 file, A.braw; beside it a.sidecar, b.sidecar, c.sidecar and 2 more",
            id="many sidecars",
        ),
        pytest.param(
            (part("r/\x1b]0;x_1.dng"), part("r/\x1b]0;x_2.dng")),
            "2 files, \\u001b]0;x_1.dng to \\u001b]0;x_2.dng",
            id="a hostile name",
        ),
        pytest.param((part("r/a.wav", sidecar=True),), "", id="a strange identity without media"),
        pytest.param((part("r/a", run=3),), "3 files, a to a", id="a strange run without numbers"),
    ],
)
def test_the_files_of_a_clip_in_one_line(parts: tuple[PartIdentity, ...], text: str) -> None:
    assert files_text(identity=identity(*parts)) == text
    assert files_text(identity=None) == ""
