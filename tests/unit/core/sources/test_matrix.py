"""The source matrix is seed 004's table, exactly."""

import re
from itertools import product

import pytest

from proxx.core.detection import DetectionReason, Engine
from proxx.core.sources import detect, matrix_rows, raw_rows
from proxx.core.sources.codec_words import AVI_FOURCCS, MATROSKA_IDS, SAMPLE_ENTRIES, TS_STREAM_TYPES
from proxx.core.sources.matrix import EXTENSIONS, container_of, first_version, in_matrix
from proxx.core.sources.mxf_labels import coding_codec
from proxx.core.sources.raw_matrix import RAW_BY_CODEC
from tests.fakes.byte_source import MemoryByteSource
from tests.unit.core.sources import media_bytes as made

SEED_004 = {
    "mp4": {"h264", "hevc", "av1"},
    "mov": {"h264", "hevc", "prores", "dnxhr", "mjpeg"},
    "mkv": {"h264", "hevc", "vp9", "av1"},
    "mxf": {"dnxhd", "dnxhr", "mpeg2video", "h264"},
    "webm": {"vp9", "av1"},
    "ts": {"mpeg2video"},
    "avi": {"mjpeg"},
}
ALL_CODECS = {*SAMPLE_ENTRIES.values(), *MATROSKA_IDS.values(), *AVI_FOURCCS.values(), *TS_STREAM_TYPES.values()}


def test_the_rows_are_those_of_seed_004_and_all_go_to_ffmpeg() -> None:
    rows = matrix_rows()
    assert {container: {row.codec for row in rows if row.container == container} for container in SEED_004} == SEED_004
    assert len(rows) == sum(len(codecs) for codecs in SEED_004.values())
    assert {row.engine for row in rows} == {Engine.FFMPEG}


ADDED_IN_2 = {
    ("mov", "mpeg2video"),
    ("mov", "dvvideo"),
    ("mov", "cfhd"),
    ("mov", "jpeg2000"),
    ("mxf", "prores"),
    ("mxf", "dvvideo"),
    ("mxf", "jpeg2000"),
    ("ts", "h264"),
    ("avi", "dvvideo"),
    ("avi", "cfhd"),
}


def test_version_2_is_version_1_and_the_rows_that_it_adds() -> None:
    first, second = matrix_rows(version=1), matrix_rows(version=2)
    assert second[: len(first)] == first
    assert {(row.container, row.codec) for row in second[len(first) :]} == ADDED_IN_2
    assert matrix_rows() == first


@pytest.mark.parametrize(("container", "codec"), sorted(ADDED_IN_2))
def test_an_added_pair_is_refused_by_version_1_which_names_the_version_that_has_it(container: str, codec: str) -> None:
    assert not in_matrix(container=container, codec=codec, version=1)
    assert in_matrix(container=container, codec=codec, version=2)
    assert first_version(container=container, codec=codec) == 2


def test_a_pair_of_no_version_has_no_first_version() -> None:
    assert first_version(container="mov", codec="dnxhd") is None


@pytest.mark.parametrize("version", [0, 3, -1])
def test_a_version_that_does_not_exist_is_an_error_that_names_those_that_do(version: int) -> None:
    with pytest.raises(ValueError, match=f"no source matrix version {version}; known: 1, 2"):
        matrix_rows(version=version)
    with pytest.raises(ValueError, match=f"no source matrix version {version}; known: 1, 2"):
        in_matrix(container="mov", codec="h264", version=version)


def test_the_decision_names_the_version_that_made_it() -> None:
    data = MemoryByteSource(made.iso_file(b"xdvb"))
    refused = detect(name="a.mov", data=data, source_matrix=1)
    taken = detect(name="a.mov", data=data, source_matrix=2)
    assert (refused.engine, refused.reason) == (None, DetectionReason.NOT_IN_MATRIX)
    assert refused.detail.endswith("mpeg2video in mov is not in source matrix 1; matrix 2 has it, if the site sets it.")
    assert (taken.engine, taken.reason) == (Engine.FFMPEG, DetectionReason.STANDARD_CODEC)
    assert taken.detail.endswith("container and codec stand in source matrix 2.")


def test_dnxhd_in_mov_is_refused_by_every_version() -> None:
    data = MemoryByteSource(made.iso_file(b"AVdn"))
    assert [detect(name="a.mov", data=data, source_matrix=version).engine for version in (1, 2)] == [None, None]


def test_no_other_pair_is_in_the_matrix() -> None:
    assert {pair for pair in product(SEED_004, ALL_CODECS) if in_matrix(container=pair[0], codec=pair[1])} == {
        (container, codec) for container, codecs in SEED_004.items() for codec in codecs
    }


def test_each_extension_claims_one_container() -> None:
    claimed = [extension for extensions in EXTENSIONS.values() for extension in extensions]
    assert sorted(claimed) == ["avi", "m2ts", "m4v", "mkv", "mov", "mp4", "mts", "mxf", "qt", "ts", "webm"]
    assert container_of(extension="m2ts") == "ts"
    assert container_of(extension="txt") is None


def test_no_camera_raw_is_in_the_matrix_and_each_class_says_what_proves_it() -> None:
    assert {row.codec for row in matrix_rows()}.isdisjoint(RAW_BY_CODEC)
    assert all(row.proof and row.extensions for row in raw_rows())


@pytest.mark.parametrize("entry", sorted(SAMPLE_ENTRIES))
def test_every_named_sample_entry_is_decided_by_the_matrix_and_never_unknown(entry: str) -> None:
    codec = SAMPLE_ENTRIES[entry]
    found = made.detected("a.mov", made.iso_file(entry.encode("latin-1")))
    assert found.reason is not DetectionReason.UNKNOWN_CODEC
    assert found.codec == codec
    assert (found.engine is Engine.FFMPEG) == (codec in SEED_004["mov"])


@pytest.mark.parametrize(
    ("codec", "entries"),
    [
        ("h264", "avc1 avc2 avc3 avc4 dva1 dvav ai12 ai15 AVin"),
        ("hevc", "hvc1 hev1 dvh1 dvhe"),
        ("av1", "av01 dav1"),
        ("prores", "apco apcs apcn apch ap4h ap4x"),
        ("mpeg2video", "m2v1 hdv1 hdv9 hdva xdvb xdhd xd5b mx3n mx5p"),
        ("dvvideo", "dvcp dvpp dvh5 dv5n"),
        ("mjpeg", "jpeg mjpa AVDJ"),
        ("jpeg2000", "mjp2"),
        ("vvc", "vvc1 vvi1"),
        ("cfhd", "CFHD"),
        ("prores_raw", "aprn aprh"),
    ],
)
def test_families_of_sample_entries(codec: str, entries: str) -> None:
    assert {SAMPLE_ENTRIES[entry] for entry in entries.split()} == {codec}


def test_tables_are_well_formed() -> None:
    assert all(len(entry) == 4 for entry in (*SAMPLE_ENTRIES, *AVI_FOURCCS))
    assert all(re.fullmatch(r"[a-z0-9_]+", codec) for codec in ALL_CODECS)


@pytest.mark.parametrize("compression_id", range(1235, 1300))
def test_vc3_labels_carry_the_compression_id(compression_id: int) -> None:
    expected = "dnxhr" if compression_id in (1270, 1271, 1272, 1273, 1274) else "dnxhd"
    assert coding_codec(label=made.label(f"0401020271{compression_id - 1234:02x}0000")) == expected
