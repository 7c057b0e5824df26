"""What somebody says about a file being finished, and what speaks against it."""

from dataclasses import replace

import pytest

from proxx_watcher.domain.checksum_list import Listed
from proxx_watcher.domain.evidence import Digests, ListedFile, Marker, Statement, Witness, weigh
from proxx_watcher.domain.sighting import History, Sighting

SEEN = Sighting(path="A/a.mov", size=60, mtime_ns=1, ctime_ns=1, device=1, inode=2, allocated=4096)
HISTORY = History(
    newest=SEEN, first_seen=0.0, changed_at=5.0, content_changed_at=5.0, counted_at=9.0, seen_at=9.0, steady_scans=3
)


def said(
    *,
    history: History = HISTORY,
    former: str = "",
    marker: Marker | None = None,
    entry: Listed | None = None,
    digests: Digests | None = None,
    verify: bool = False,
) -> Statement:
    return weigh(
        history=history,
        former_name=former,
        marker=marker,
        listed=None if entry is None else ListedFile(source="card.mhl", entry=entry),
        digests=digests or Digests(),
        verify=verify,
    )


def test_nothing_said_is_no_evidence() -> None:
    assert said() == Statement()


def test_a_temporary_name_before_is_evidence() -> None:
    assert said(former=".a.mov.Xy12Ab") == Statement(
        kinds=frozenset({Witness.RENAME}), facts=('renamed from ".a.mov.Xy12Ab"',)
    )


def test_a_marker_counts_when_the_file_did_not_change_after_it() -> None:
    marker = Marker(path="A/a.mov.done", first_seen=5.0)
    assert said(marker=marker).kinds == {Witness.MARKER}
    later = replace(HISTORY, content_changed_at=6.0)
    assert said(history=later, marker=marker) == Statement(
        against='it changed after its marker "A/a.mov.done" appeared', facts=()
    )
    assert said(history=replace(HISTORY, changed_at=6.0), marker=marker).kinds == {Witness.MARKER}


@pytest.mark.parametrize(
    ("size", "against", "kinds"),
    [
        pytest.param(60, "", {Witness.LISTED}, id="equal"),
        pytest.param(100, 'listed size 100, found 60 ("card.mhl")', set(), id="still shorter"),
        pytest.param(None, "", set(), id="a list without sizes proves nothing unverified"),
    ],
)
def test_a_list_counts_by_its_size(size: int | None, against: str, kinds: set[Witness]) -> None:
    found = said(entry=Listed(path="a.mov", size=size, digests={"md5": "0" * 32}))
    assert (found.against, found.kinds) == (against, kinds)


def test_a_digest_is_computed_when_the_folder_says_so() -> None:
    entry = Listed(path="a.mov", size=60, digests={"xxh64": "1" * 16, "md5": "0" * 32, "sha1": "2" * 40})
    asked = said(entry=entry, verify=True)
    assert (asked.kinds, asked.to_verify, asked.expected_digest) == (frozenset(), "sha1", "2" * 40)
    equal = said(entry=entry, verify=True, digests=Digests(values={"sha1": "2" * 40}))
    assert (equal.kinds, equal.facts) == ({Witness.LISTED, Witness.DIGEST}, ('sha1 equals the one in "card.mhl"',))
    other = said(entry=entry, verify=True, digests=Digests(values={"sha1": "3" * 40}))
    assert other.against == 'its sha1 is 3333333333333333…, "card.mhl" lists 2222222222222222…'


def test_a_digest_that_cannot_be_computed_is_no_silent_pass() -> None:
    found = said(entry=Listed(path="a.mov", size=60, digests={"xxh64": "1" * 16}), verify=True)
    assert found.against == '"card.mhl" lists xxh64 for it; this folder verifies sha256, sha512, sha1, md5 only'
    assert not found.complete


def test_a_listed_size_alone_is_no_word_that_the_file_is_finished() -> None:
    assert not Statement(kinds=frozenset({Witness.LISTED})).complete
    assert Statement(kinds=frozenset({Witness.LISTED, Witness.DIGEST})).complete
