"""What stands where an output would go, as each collision policy needs to know it."""

import os
from pathlib import Path

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.roots import RootPath
from proxx.core.violation import ViolationCode
from proxx.engine.identity import read_identity
from proxx.engine.output_place import OutputPlace, look_at_output, numbered_names

OUTPUT = RootPath(root="media", path="out/A001.mov")


def look(directory: Path, *, suffixes: bool = False, describe: bool = False) -> OutputPlace:
    names = numbered_names([directory])[directory] if suffixes else None
    return look_at_output(local=directory / "A001.mov", output=OUTPUT, names=names, describe=describe)


def test_an_empty_place_is_free(tmp_path: Path) -> None:
    assert look(tmp_path) == look(tmp_path, suffixes=True, describe=True) == OutputPlace()


def test_a_directory_that_is_not_there_yet_has_no_names(tmp_path: Path) -> None:
    assert look(tmp_path / "none", suffixes=True) == OutputPlace()


def test_anything_at_the_path_exists_also_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "A001.mov").symlink_to("nowhere")

    assert look(tmp_path) == OutputPlace(exists=True)


def test_taken_numbers_are_told_whatever_stands_there(tmp_path: Path) -> None:
    (tmp_path / "A001.mov").write_bytes(b"1")
    (tmp_path / "A001_001.mov").write_bytes(b"1")
    (tmp_path / "a001_003.MOV").mkdir()
    (tmp_path / "A001_004.mov").symlink_to("nowhere")
    (tmp_path / "A001_5.mov").write_bytes(b"1")
    (tmp_path / "A001_006.mxf").write_bytes(b"1")

    assert look(tmp_path, suffixes=True) == OutputPlace(exists=True, suffixes_taken=(1, 3, 4))


def test_a_directory_is_listed_once_for_all_its_outputs(tmp_path: Path) -> None:
    (tmp_path / "A001_001.mov").write_bytes(b"1")
    (tmp_path / "A001.mov").write_bytes(b"1")

    assert numbered_names([tmp_path, tmp_path]) == {tmp_path: {"a001_001.mov"}}


def test_a_file_that_may_be_replaced_is_described(tmp_path: Path) -> None:
    path = tmp_path / "A001.mov"
    path.write_bytes(b"the proxy of yesterday")

    found = look(tmp_path, describe=True)

    assert found == OutputPlace(exists=True, existing=read_identity(path=path, source=OUTPUT))
    assert isinstance(found.existing, SourceIdentity)
    assert (found.existing.path, found.existing.size_bytes) == ("out/A001.mov", 22)


@pytest.mark.parametrize("kind", ["a directory", "a symbolic link", "no regular file"])
def test_only_a_regular_file_may_be_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "A001.mov"
    if kind == "a directory":
        path.mkdir()
    elif kind == "a symbolic link":
        (tmp_path / "real.mov").write_bytes(b"1")
        path.symlink_to("real.mov")
    else:
        os.mkfifo(path)

    found = look(tmp_path, describe=True)

    assert found.violation is not None
    assert (found.exists, found.existing, found.violation.code) == (True, None, ViolationCode.OUTPUT_EXISTS)
    assert found.violation.message == f"Output {path} is {kind}; only a regular file is ever moved aside"
