"""The files of looks on a site's disk."""

import os
from pathlib import Path

import pytest

from proxx.core.asset_files import AssetError
from proxx.core.table_reader import ProfileError
from proxx.runtime.asset_directory import DirectoryAssets
from proxx.runtime.profile_files import builtin_library, load_library
from tests.fakes.assets import FONT, cube, inverting

VARIANT = """
name = "house"
version = 1
description = "The house's colours"
variant_of = "proxy_h264_low"
variant = "house"

[look.lut]
file = "house.cube"
primaries = "bt709"
transfer = "bt709"
matrix = "bt709"
unstated_matrix = "bt709"
"""
TABLE = cube(inverting)


def refusal(directory: Path, name: str, limit_bytes: int = 100) -> str:
    with pytest.raises(AssetError) as caught:
        DirectoryAssets(directory).read(name=name, limit_bytes=limit_bytes)
    return str(caught.value)


def test_a_file_is_read_and_kept_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "a.cube").write_bytes(b"table")
    assets = DirectoryAssets(tmp_path)
    assert assets.read(name="a.cube", limit_bytes=5) == b"table"
    assert list(assets.contents.values()) == [b"table"]


def test_a_missing_file_and_a_missing_directory_are_named(tmp_path: Path) -> None:
    expected = f'"a.cube" cannot be read from {tmp_path}: No such file or directory'
    assert refusal(tmp_path, "a.cube") == expected
    assert refusal(tmp_path / "no", "a.cube") == expected.replace(str(tmp_path), str(tmp_path / "no"))


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.cube").write_bytes(b"x" * 101)
    assert refusal(tmp_path, "a.cube") == '"a.cube" is too large: expected at most 100 bytes'


def test_a_link_may_lead_within_the_directory_and_not_out_of_it(tmp_path: Path) -> None:
    directory = tmp_path / "assets"
    (directory / "..data").mkdir(parents=True)
    (directory / "..data" / "a.cube").write_bytes(b"table")
    (directory / "a.cube").symlink_to("..data/a.cube")
    (tmp_path / "secret").write_bytes(b"secret")
    (directory / "b.cube").symlink_to("../secret")
    assert DirectoryAssets(directory).read(name="a.cube", limit_bytes=100) == b"table"
    assert refusal(directory, "b.cube") == f'"b.cube" leads out of {directory}'


@pytest.mark.parametrize("kind", ["directory", "pipe"])
def test_what_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    if kind == "pipe":
        os.mkfifo(tmp_path / "a.cube")
    else:
        (tmp_path / "a.cube").mkdir()
    assert refusal(tmp_path, "a.cube") == '"a.cube" is no plain file'


def test_a_site_s_variant_of_a_shipped_profile_comes_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "house.toml").write_text(VARIANT)
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "house.cube").write_bytes(TABLE)
    library = load_library(directory=tmp_path)
    profile = library.variant(of="proxy_h264_low", word="house")
    assert profile is not None
    assert profile.look is not None
    assert library.asset(profile.look.assets[0].sha256) == TABLE


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(None, 'house.toml: look.lut: file: "house.cube" cannot be read from', id="missing"),
        pytest.param(
            b"LUT_3D_SIZE 2\n",
            'house.toml: look.lut: file: "house.cube": line 2: expected 8 rows, got 0 rows at the end of the file',
            id="malformed",
        ),
        pytest.param(
            b"#" * 200 + b"\n" + b"x" * (8 * 1024 * 1024),
            'house.toml: look.lut: file: "house.cube" is too large: expected at most 8388608 bytes',
            id="too large",
        ),
    ],
)
def test_a_table_that_cannot_be_used_stops_the_start(tmp_path: Path, data: bytes | None, problem: str) -> None:
    (tmp_path / "house.toml").write_text(VARIANT)
    (tmp_path / "assets").mkdir()
    if data is not None:
        (tmp_path / "assets" / "house.cube").write_bytes(data)
    with pytest.raises(ProfileError) as caught:
        load_library(directory=tmp_path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_every_shipped_variant_has_its_files_in_the_library() -> None:
    library = builtin_library()
    variants = [profile for profile in library.profiles if profile.variant_of]
    assert {(profile.variant_of, profile.variant) for profile in variants} >= {
        ("proxy_h264_low", "burnin"),
        ("proxy_prores_proxy", "burnin"),
    }
    assert {library.asset(found.sha256) for profile in variants if profile.look for found in profile.look.assets} == {
        FONT
    }
