"""The source matrix is seed 004's table, exactly."""

import re
from itertools import product

import pytest

from proxx.core.detection import DetectionReason, Engine
from proxx.core.sources import matrix_rows, raw_rows
from proxx.core.sources.codec_words import AVI_FOURCCS, MATROSKA_IDS, SAMPLE_ENTRIES, TS_STREAM_TYPES
from proxx.core.sources.matrix import EXTENSIONS, RAW_BY_CODEC, container_of, in_matrix
from proxx.core.sources.mxf_labels import coding_codec
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
