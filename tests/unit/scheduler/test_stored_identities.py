"""Identities in storage: with the parts of a clip, and those that older versions stored without any."""

from proxx.core.canonical import canonical_json
from proxx.core.facts import PartIdentity, SourceIdentity
from proxx.core.plain import to_plain
from proxx_scheduler.storage.clip_rows import identity_of

OLD = {"path": "in/A.mov", "size_bytes": 10, "mtime_ns": 20, "inode": 30, "edge_sha256": "ab"}
PLAIN = SourceIdentity(path="in/A.mov", size_bytes=10, mtime_ns=20, inode=30, edge_sha256="ab")


def test_a_row_without_parts_is_a_single_file() -> None:
    assert identity_of(canonical_json({"identity": OLD})) == PLAIN


def test_a_part_of_a_row_without_run_and_role_is_one_media_file() -> None:
    part = PartIdentity(path="in/A.mov", size_bytes=10, mtime_ns=20, inode=30, edge_sha256="ab")
    found = identity_of(canonical_json({"identity": {**OLD, "parts": [OLD]}}))
    assert found is not None
    assert found.parts == (part,)
    assert (part.run_length, part.sidecar) == (0, False)


def test_what_is_stored_comes_back_as_it_was() -> None:
    part = PartIdentity(
        path="r/a_1.dng", size_bytes=1, mtime_ns=2, inode=3, edge_sha256="cd", run_length=9, sidecar=False
    )
    identity = SourceIdentity(path="r", size_bytes=1, mtime_ns=2, inode=3, edge_sha256="ef", parts=(part, part))
    assert identity_of(canonical_json({"identity": to_plain(identity)})) == identity
