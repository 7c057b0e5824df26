"""Absolute paths as clients spell them: told apart by how they begin, taken apart, never repaired."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.client_path import (
    ClientPath,
    ClientPathError,
    PathKind,
    RelativePathError,
    client_name,
    join_client_path,
    path_kind,
    pure_path,
    read_client_path,
    slashed,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/", ClientPath(kind=PathKind.POSIX, anchor="", parts=(), ends_with_separator=True)),
        ("/a\\b/c:d", ClientPath(kind=PathKind.POSIX, anchor="", parts=("a\\b", "c:d"), ends_with_separator=False)),
        ("M:\\", ClientPath(kind=PathKind.DRIVE, anchor="M:", parts=(), ends_with_separator=True)),
        ("m:/A/b\\c", ClientPath(kind=PathKind.DRIVE, anchor="m:", parts=("A", "b", "c"), ends_with_separator=False)),
        (
            "//nas/media/a",
            ClientPath(kind=PathKind.SHARE, anchor="\\\\nas\\media", parts=("a",), ends_with_separator=False),
        ),
        (
            "\\\\nas\\media",
            ClientPath(kind=PathKind.SHARE, anchor="\\\\nas\\media", parts=(), ends_with_separator=False),
        ),
    ],
    ids=["the root", "posix", "a drive", "a drive with both separators", "a share with slashes", "a share alone"],
)
def test_a_path_is_taken_apart(text: str, expected: ClientPath) -> None:
    assert read_client_path(text) == expected


@pytest.mark.parametrize("text", ["", "a", "M:", "M:a", "\\a", "file:///a", "é:/a", ":/a"])
def test_what_begins_like_no_absolute_path_is_relative(text: str) -> None:
    with pytest.raises(RelativePathError):
        read_client_path(text)


@pytest.mark.parametrize(
    "text",
    [
        "/a/../b",
        "/a//b",
        "//",
        "///a",
        "M:\\a\\.\\b",
        "M:\\\\a",
        "M:\\a.mov:stream",
        "M:\\a.",
        "M:\\a ",
        "M:\\NUL",
        "M:\\com1.txt",
        "M:\\a?b",
        "M:\\a\x01",
        "\\\\nas",
        "\\\\nas\\",
        "\\\\nas\\..\\a",
        "\\\\?\\C:\\a",
        "\\\\.\\pipe\\a",
        "\\\\nas\\a*b\\c",
    ],
)
def test_a_path_that_a_system_would_read_as_another_is_refused(text: str) -> None:
    with pytest.raises(ClientPathError):
        read_client_path(text)


@given(st.text(max_size=20))
def test_any_text_is_a_path_or_is_refused(text: str) -> None:
    try:
        path = read_client_path(text)
    except ClientPathError:
        return
    assert path.kind is path_kind(text)
    assert not {".", "..", ""} & set(path.parts)


@pytest.mark.parametrize(
    ("directory", "joined"),
    [
        ("/out", "/out/day/a.mp4"),
        ("/", "/day/a.mp4"),
        ("P:\\", "P:\\day\\a.mp4"),
        ("P:/out/", "P:/out/day/a.mp4"),
        ("\\\\nas\\out", "\\\\nas\\out\\day\\a.mp4"),
        ("//nas/out", "//nas/out/day/a.mp4"),
    ],
)
def test_a_name_is_joined_with_the_separator_of_its_directory(directory: str, joined: str) -> None:
    assert join_client_path(directory=directory, name="day/a.mp4") == joined


def test_the_name_of_a_path_is_told_by_its_kind() -> None:
    assert [client_name(text) for text in ("/m/a\\b.mov", "M:\\m\\b.mov", "//nas/m/b.mov")] == [
        "a\\b.mov",
        "b.mov",
        "b.mov",
    ]
    assert [slashed(text) for text in ("/m/a\\b.mov", "M:\\m\\b.mov")] == ["/m/a\\b.mov", "M:/m/b.mov"]
    assert [pure_path("/a"), pure_path("M:\\a")] == [PurePosixPath("/a"), PureWindowsPath("M:\\a")]
