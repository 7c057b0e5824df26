"""Source identity: which bytes were probed."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.core.facts import SourceIdentity
from proxx.core.roots import RootPath
from proxx.engine.identity import identity_difference, read_identity

SOURCE = RootPath(root="media", path="in/A001.mov")
MIB = 1024 * 1024


@pytest.mark.parametrize("size", [0, 1, MIB, 2 * MIB, 2 * MIB + 1, 3 * MIB], ids=lambda size: f"{size} bytes")
def test_the_edges_are_hashed_and_short_files_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "A001.mov"
    data = os.urandom(size)
    path.write_bytes(data)
    edges = data if size <= 2 * MIB else data[:MIB] + data[-MIB:]

    assert read_identity(path=path, source=SOURCE) == SourceIdentity(
        path="in/A001.mov",
        size_bytes=size,
        mtime_ns=path.stat().st_mtime_ns,
        inode=path.stat().st_ino,
        edge_sha256=hashlib.sha256(edges).hexdigest(),
    )


@pytest.mark.parametrize("kind", ["directory", "named pipe"])
def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "A001.mov"
    if kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)

    with pytest.raises(OSError, match=r"not a regular file|Is a directory"):
        read_identity(path=path, source=SOURCE)


IDENTITY = SourceIdentity(path="in/A001.mov", size_bytes=10, mtime_ns=20, inode=30, edge_sha256="ab")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"size_bytes": 11}, "size was 10, is 11"),
        ({"mtime_ns": 21}, "modification time (ns) was 20, is 21"),
        ({"inode": 31}, "inode was 30, is 31"),
        ({"edge_sha256": "cd"}, "digest of the first and last MiB was ab, is cd"),
        ({"path": "in/B.mov"}, "path was in/A001.mov, is in/B.mov"),
        ({}, None),
    ],
    ids=["size", "time", "inode", "edges", "path", "nothing"],
)
def test_a_difference_is_named(changed: dict[str, object], sentence: str | None) -> None:
    assert identity_difference(expected=IDENTITY, actual=replace(IDENTITY, **changed)) == sentence
