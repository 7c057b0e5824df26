"""QuickTime and ISO files: where the sample entry is found, and what follows from it."""

import pytest

from proxx.core.detection import DetectionReason, Engine
from proxx.core.sources.detect import inspect_source
from proxx.core.sources.reading import TimecodeTrack
from tests.fakes.byte_source import MemoryByteSource
from tests.unit.core.sources import media_bytes as made


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param("a.mov", made.iso_file(b"avc1"), id="ftyp first"),
        pytest.param(
            "a.mov",
            made.box(b"wide") + made.box(b"mdat", bytes(99)) + made.movie(made.track(made.sample_entry(b"avc1"))),
            id="QuickTime without ftyp, wide and mdat first",
        ),
        pytest.param(
            "a.qt", made.box(b"skip", bytes(5)) + made.movie(made.track(made.sample_entry(b"avc1"))), id="skip first"
        ),
        pytest.param("a.mov", made.movie(made.track(made.sample_entry(b"avc1"))), id="moov first"),
        pytest.param(
            "A.MOV",
            made.ftyp() + made.wide_box(b"mdat", bytes(50)) + made.movie(made.track(made.sample_entry(b"avc1"))),
            id="64-bit size and upper-case extension",
        ),
        pytest.param(
            "a.mov",
            made.ftyp() + made.number(0) + b"moov" + made.track(made.sample_entry(b"avc1")),
            id="last box of size zero reaches to the end",
        ),
        pytest.param(
            "a.mov",
            made.ftyp() + made.movie(made.track(made.wrapped_entry(b"resv", b"avc1", b"rinf"))),
            id="restricted scheme names the original format",
        ),
    ],
)
def test_h264_is_found_in_every_arrangement_of_boxes(name: str, data: bytes) -> None:
    found = made.detected(name, data)
    assert (found.engine, found.reason, found.container, found.codec) == (
        Engine.FFMPEG,
        DetectionReason.STANDARD_CODEC,
        "mov",
        "h264",
    )


def test_an_encrypted_track_is_named_by_its_original_format_and_keeps_what_the_file_says() -> None:
    data = made.ftyp(b"isom") + made.movie(made.track(made.wrapped_entry(b"encv", b"hvc1")))
    found = made.detected("a.mp4", data)
    assert (found.codec, found.sample_entry) == ("hevc", "encv")


def test_the_extension_picks_the_row_where_mov_and_mp4_share_a_signature() -> None:
    prores = made.iso_file(b"apch")
    assert made.detected("a.mov", prores).engine is Engine.FFMPEG
    refused = made.detected("a.mp4", prores)
    assert (refused.engine, refused.reason, refused.container) == (None, DetectionReason.NOT_IN_MATRIX, "mp4")


def test_tracks_of_other_handlers_are_no_video() -> None:
    data = made.ftyp() + made.movie(made.track(made.sample_entry(b"avc1"), handler=b"auxv"))
    assert made.detected("a.mov", data).reason is DetectionReason.NO_VIDEO


def test_the_chapter_picture_track_is_passed_over() -> None:
    cover = made.track(made.sample_entry(b"jpeg"), track_id=1)
    clip = made.track(made.sample_entry(b"apcn"), track_id=2, chapters=(1,))
    assert made.detected("a.mov", made.ftyp() + made.movie(cover, clip)).codec == "prores"


def test_a_track_without_samples_is_passed_over_unless_it_is_the_only_one() -> None:
    empty = made.track(made.sample_entry(b"zzzz"), sizes=())
    full = made.track(made.sample_entry(b"avc1"), track_id=2)
    assert made.detected("a.mov", made.ftyp() + made.movie(empty, full)).codec == "h264"
    assert made.detected("a.mov", made.ftyp() + made.movie(empty)).reason is DetectionReason.UNKNOWN_CODEC


@pytest.mark.parametrize("entry", [b"brxq", b"brst", b"brvm", b"brhq", b"brvl", b"brvn", b"brlt"])
def test_blackmagic_raw_goes_to_resolve(entry: bytes) -> None:
    found = made.detected("A001.braw", made.iso_file(entry))
    assert (found.engine, found.reason, found.codec) == (Engine.RESOLVE, DetectionReason.CAMERA_RAW, "braw")


@pytest.mark.parametrize("entry", [b"aprn", b"aprh"])
def test_prores_raw_goes_to_resolve_and_never_to_ffmpeg(entry: bytes) -> None:
    found = made.detected("A001.mov", made.iso_file(entry))
    assert (found.engine, found.reason, found.codec) == (Engine.RESOLVE, DetectionReason.CAMERA_RAW, "prores_raw")


def test_raw_under_a_foreign_extension_is_a_contradiction() -> None:
    found = made.detected("A001.mp4", made.iso_file(b"brvl"))
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)


def test_raw_and_standard_video_in_one_file_is_a_contradiction() -> None:
    found = made.detected("A001.mov", made.iso_file(b"avc1", b"aprn"))
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)
    assert "prores_raw" in found.detail
    assert "h264" in found.detail


def test_canon_raw_light_needs_brand_entry_and_compressor_version() -> None:
    clip = made.track(made.sample_entry(b"CRAW"))
    proven = made.ftyp(b"crx ") + made.movie(made.canon_version(b"CanonCRM0001/02"), clip)
    assert made.detected("A001.crm", proven).reason is DetectionReason.CAMERA_RAW
    still = made.ftyp(b"crx ") + made.movie(made.canon_version(b"CanonCR3_001/01"), clip)
    assert made.detected("IMG.cr3", still).reason is DetectionReason.STILL_PICTURE
    unproven = made.ftyp(b"crx ") + made.movie(clip)
    assert made.detected("A001.crm", unproven).reason is DetectionReason.CONTRADICTION


@pytest.mark.parametrize(("sample", "expected"), [(b"NRAW", "nikon_raw"), (b"\0\0\0\1", None)])
def test_nikon_raw_needs_its_atom_and_its_first_sample(sample: bytes, expected: str | None) -> None:
    clip = made.track(made.sample_entry(b"nzzz"), offset=28, sizes=(8,))
    data = made.ftyp() + made.box(b"mdat", made.number(8) + sample)
    data += made.movie(made.box(b"udta", made.box(b"NCDT", bytes(4))), clip)
    found = made.detected("DSC.nev", data)
    assert found.codec == expected
    assert found.engine is (Engine.RESOLVE if expected else None)


def test_an_ordinary_nikon_movie_stays_standard() -> None:
    clip = made.track(made.sample_entry(b"avc1"))
    data = made.ftyp() + made.movie(made.box(b"udta", made.box(b"NCDT", bytes(4))), clip)
    assert made.detected("DSC.mov", data).codec == "h264"


def test_dnxhd_in_mov_is_refused_with_its_reason_and_dnxhr_is_taken() -> None:
    refused = made.detected("a.mov", made.iso_file(b"AVdn"))
    assert refused.reason is DetectionReason.NOT_IN_MATRIX
    assert refused.detail == (
        "a.mov: container mov, codec dnxhd (AVdn): DNxHD must be wrapped in MXF; DNxHD-in-MOV is non-standard and "
        "unsupported."
    )
    assert refused.action == "Wrap it in MXF, or export DNxHR, which supports MOV, before proxy generation."
    assert made.detected("a.mov", made.iso_file(b"AVdh")).engine is Engine.FFMPEG


def test_a_codec_that_no_table_names_goes_to_resolve() -> None:
    found = made.detected("a.mov", made.iso_file(b"zz\x01z"))
    assert (found.engine, found.reason, found.codec, found.sample_entry) == (
        Engine.RESOLVE,
        DetectionReason.UNKNOWN_CODEC,
        None,
        "0x7a7a017a",
    )


def test_a_file_cut_before_its_movie_header_says_so() -> None:
    data = made.ftyp() + made.number(5000) + b"mdat" + bytes(100)
    found = made.detected("a.mov", data)
    assert found.reason is DetectionReason.TRUNCATED
    assert "cut off: its box mdat at byte 20" in found.detail
    assert "end of the file at byte 128" in found.detail


def test_a_file_cut_inside_its_movie_header_says_so() -> None:
    data = made.ftyp() + made.movie(made.track(made.sample_entry(b"avc1")))
    found = made.detected("a.mov", data[:-30])
    assert found.reason is DetectionReason.TRUNCATED
    assert "cut off inside its movie header (moov), which begins at byte 20" in found.detail


def test_a_fragment_that_goes_on_past_the_end_shows_in_the_declared_end() -> None:
    header = made.ftyp(b"iso5") + made.movie(made.box(b"mvex"), made.track(made.sample_entry(b"avc1"), sizes=()))
    data = header + made.box(b"moof", bytes(40)) + made.box(b"mdat", bytes(500))
    for kept in (len(data), len(data) - 100):
        detection, reading = inspect_source(name="a.mp4", data=MemoryByteSource(data[:kept]))
        assert detection.engine is Engine.FFMPEG
        assert reading is not None
        assert reading.declared_end == len(data)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_a_heif_still_is_no_clip(brand: bytes) -> None:
    assert made.detected("a.heic", made.ftyp(brand) + made.box(b"meta")).reason is DetectionReason.STILL_PICTURE


def test_the_tables_tell_where_the_last_sample_ends_and_how_timecode_counts() -> None:
    clip = made.track(made.sample_entry(b"avc1"), offset=1000, sizes=(10, 20, 30))
    entry = made.timecode_entry(timescale=30000, frame_duration=1001, frames=30, drop=True)
    labels = made.track(entry, handler=b"tmcd", track_id=2, sizes=(4,), offset=10)
    _, reading = inspect_source(name="a.mov", data=MemoryByteSource(made.ftyp() + made.movie(clip, labels)))
    assert reading is not None
    assert reading.declared_end == 1060
    assert reading.timecode_track == TimecodeTrack(
        timescale=30000, frame_duration=1001, frames_per_second=30, drop_frame=True, start=0x20200000, samples=1
    )
