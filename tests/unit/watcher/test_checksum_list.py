"""Checksum lists of strangers: read whole or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx_watcher.domain.checksum_list import (
    ChecksumListError,
    Listed,
    is_checksum_list,
    list_entry_path,
    read_checksum_list,
)

MHL_1 = b"""<?xml version="1.0" encoding="UTF-8"?>
<hashlist version="1.1">
  <creatorinfo><name>somebody</name></creatorinfo>
  <hash>
    <file>A001/clip one.mov</file><size>1234</size>
    <lastmodificationdate>2026-11-20T10:00:00Z</lastmodificationdate>
    <md5>D41D8CD98F00B204E9800998ECF8427E</md5>
  </hash>
  <hash><file>b.mov</file><size>9</size><xxhash64be>0123456789abcdef</xxhash64be></hash>
</hashlist>
"""
ASC_MHL_2 = b"""<?xml version="1.0"?>
<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">
  <processinfo><roothash><content><c4>c4x</c4></content></roothash></processinfo>
  <hashes>
    <hash><path size="55" lastmodificationdate="x">Clips/a.mov</path><sha1 action="original">AA</sha1></hash>
    <directoryhash><path>Clips</path></directoryhash>
  </hashes>
</hashlist>
"""


def test_mhl_1_gives_path_size_and_digests() -> None:
    assert read_checksum_list(name="card.mhl", text=MHL_1) == (
        Listed(path="A001/clip one.mov", size=1234, digests={"md5": "d41d8cd98f00b204e9800998ecf8427e"}),
        Listed(path="b.mov", size=9, digests={"xxhash64be": "0123456789abcdef"}),
    )


def test_asc_mhl_2_gives_the_size_from_the_attribute_and_leaves_directories_out() -> None:
    assert read_checksum_list(name="0001_card.mhl", text=ASC_MHL_2) == (
        Listed(path="Clips/a.mov", size=55, digests={"sha1": "aa"}),
    )


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        pytest.param("x.md5", "0" * 32 + "  a b.mov", ("a b.mov", {"md5": "0" * 32}), id="md5sum"),
        pytest.param("x.sha256", "A" * 64 + " *a.mov", ("a.mov", {"sha256": "a" * 64}), id="binary mode"),
        pytest.param("SHA256SUMS", "b" * 64 + "  d/a.mov", ("d/a.mov", {"sha256": "b" * 64}), id="by its name"),
        pytest.param("x.xxh64", "c" * 16 + "  a.mov", ("a.mov", {"xxh64": "c" * 16}), id="xxh64sum"),
        pytest.param("x.xxh128", "c" * 32 + "  a.mov", ("a.mov", {"xxh128": "c" * 32}), id="xxh128sum"),
        pytest.param("x.md5", "MD5 (a.mov) = " + "1" * 32, ("a.mov", {"md5": "1" * 32}), id="tagged"),
        pytest.param("x.md5", "\\" + "0" * 32 + "  a\\nb\\\\.mov", ("a\nb\\.mov", {"md5": "0" * 32}), id="escaped"),
    ],
)
def test_text_lists_are_read(name: str, line: str, expected: tuple[str, dict[str, str]]) -> None:
    read = read_checksum_list(name=name, text=f"# made by hand\n{line}\r\n\n".encode())
    assert [(entry.path, dict(entry.digests), entry.size) for entry in read] == [(*expected, None)]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param("a.mhl", MHL_1[:300], "is no whole XML list", id="XML that breaks off"),
        pytest.param("a.mhl", b"", "is no whole XML list", id="no bytes"),
        pytest.param(
            "a.mhl",
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><hashlist>&b;</hashlist>',
            "has a document type or an entity",
            id="entities",
        ),
        pytest.param("a.mhl", b"<rss></rss>", "its root is rss, expected hashlist", id="other XML"),
        pytest.param("a.mhl", b"<hashlist>" + b"<a>" * 40, "is nested more than 32 deep", id="too deep"),
        pytest.param(
            "a.mhl",
            b"<hashlist><hash><file>" + b"x" * 9000 + b"</file></hash></hashlist>",
            "more than 8192 characters",
            id="a name that never ends",
        ),
        pytest.param("a.md5", b"0" * 32 + b"  a.mov", "its last line has no end", id="a line that breaks off"),
        pytest.param("a.md5", b"hello\n", "line 1 is no digest with a file name", id="prose"),
        pytest.param("a.md5", b"0" * 20 + b"  a\n", "line 1 is no digest with a file name", id="a digest of no kind"),
    ],
)
def test_what_is_no_whole_list_says_where_it_stops(name: str, text: bytes, said: str) -> None:
    with pytest.raises(ChecksumListError, match=said):
        read_checksum_list(name=name, text=text)


@pytest.mark.parametrize(
    ("source", "written", "path"),
    [
        pytest.param("card.mhl", "A/a.mov", "A/a.mov", id="beside the folder"),
        pytest.param("A/card.md5", "./a.mov", "A/a.mov", id="relative to the list"),
        pytest.param("A/ascmhl/0001.mhl", "Clips/a.mov", "A/Clips/a.mov", id="ASC MHL is relative to its parent"),
        pytest.param("A/lists/x.md5", "../a.mov", "A/a.mov", id="one up"),
        pytest.param("x.md5", "../../etc/passwd", "", id="out of the folder"),
        pytest.param("x.md5", "/abs/a.mov", "", id="absolute"),
        pytest.param("x.mhl", "A\\a.mov", "A/a.mov", id="backslashes"),
    ],
)
def test_entries_name_files_of_the_folder_only(source: str, written: str, path: str) -> None:
    assert list_entry_path(source=source, written=written) == path


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.MHL", True), ("A.md5", True), ("sha256sums", True), ("a.mov", False), ("md5.mov", False), ("a.txt", False)],
)
def test_lists_are_told_by_their_names(name: str, expected: bool) -> None:
    assert is_checksum_list(name=name) is expected


@given(text=st.binary(max_size=300), name=st.sampled_from(["a.mhl", "a.md5"]))
def test_any_bytes_are_read_or_refused(text: bytes, name: str) -> None:
    try:
        assert isinstance(read_checksum_list(name=name, text=text), tuple)
    except ChecksumListError:
        return
