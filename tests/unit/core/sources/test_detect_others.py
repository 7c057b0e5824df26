"""Matroska, AVI, transport streams, and files that a few bytes decide."""

import pytest

from proxx.core.detection import DetectionReason, Engine
from proxx.core.sources.detect import inspect_source
from tests.fakes.byte_source import MemoryByteSource
from tests.unit.core.sources import media_bytes as made

TEXT = b"this is not a movie, whatever its name says\n" * 20
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        pytest.param("a.mkv", made.matroska_file(made.track_entry(b"V_MPEG4/ISO/AVC")), "h264", id="AVC in Matroska"),
        pytest.param("a.mkv", made.matroska_file(made.track_entry(b"V_VP9")), "vp9", id="VP9 in Matroska"),
        pytest.param(
            "a.webm", made.matroska_file(made.track_entry(b"V_AV1"), doc_type=b"webm"), "av1", id="AV1 in WebM"
        ),
        pytest.param(
            "a.mkv",
            made.matroska_file(made.track_entry(b"A_OPUS", kind=2), made.track_entry(b"V_MPEGH/ISO/HEVC")),
            "hevc",
            id="audio track first",
        ),
        pytest.param(
            "a.webm",
            made.matroska_file(made.track_entry(b"V_VP9"), doc_type=b"webm", unknown_size=True),
            "vp9",
            id="segment of unknown size",
        ),
        pytest.param(
            "a.mkv",
            made.matroska_file(made.track_entry(b"V_MS/VFW/FOURCC", private=bytes(16) + b"H264" + bytes(20))),
            "h264",
            id="fourcc in the private data",
        ),
        pytest.param(
            "a.mkv",
            made.matroska_file(made.track_entry(b"V_QUICKTIME", private=made.number(86) + b"avc1")),
            "h264",
            id="sample entry in the private data",
        ),
        pytest.param("a.avi", made.avi_file(), "mjpeg", id="MJPEG in AVI"),
        pytest.param("a.avi", made.avi_file(compression=b"mjpg"), "mjpeg", id="lower-case fourcc"),
        pytest.param("a.ts", made.ts_file((0x03, b""), (0x02, b"")), "mpeg2video", id="MPEG-2 in 188-byte packets"),
        pytest.param("a.m2ts", made.ts_file((0x02, b""), stride=192), "mpeg2video", id="MPEG-2 in 192-byte packets"),
    ],
)
def test_standard_video_goes_to_ffmpeg(name: str, data: bytes, expected: str) -> None:
    found = made.detected(name, data)
    assert (found.engine, found.reason, found.codec) == (Engine.FFMPEG, DetectionReason.STANDARD_CODEC, expected)
    assert found.container == name.rpartition(".")[2].replace("m2ts", "ts")


@pytest.mark.parametrize(
    ("name", "data", "reason", "codec"),
    [
        ("a.webm", made.matroska_file(made.track_entry(b"V_VP8")), DetectionReason.NOT_IN_MATRIX, "vp8"),
        ("a.avi", made.avi_file(compression=b"XVID"), DetectionReason.NOT_IN_MATRIX, "mpeg4"),
        ("a.avi", made.avi_file(kind=b"iavs", handler=b"dvsd"), DetectionReason.NOT_IN_MATRIX, "dvvideo"),
        ("a.avi", made.avi_file(compression=bytes(4)), DetectionReason.NOT_IN_MATRIX, "rawvideo"),
        ("a.ts", made.ts_file((0x1B, b"")), DetectionReason.NOT_IN_MATRIX, "h264"),
        ("a.ts", made.ts_file((0x06, b"\x05\x04HEVC")), DetectionReason.NOT_IN_MATRIX, "hevc"),
        ("a.ts", made.ts_file((0x0F, b"")), DetectionReason.NO_VIDEO, None),
        ("a.mkv", made.matroska_file(made.track_entry(b"V_ZZZ")), DetectionReason.UNKNOWN_CODEC, None),
        ("a.mkv", made.matroska_file(made.track_entry(b"A_AAC", kind=2)), DetectionReason.NO_VIDEO, None),
        ("a.avi", made.avi_file(kind=b"auds"), DetectionReason.NO_VIDEO, None),
        ("a.mkv", made.ebml_header(b"other") + bytes(40), DetectionReason.UNREADABLE, None),
        ("a.mkv", made.matroska_file()[:-6], DetectionReason.UNREADABLE, None),
    ],
)
def test_other_tracks_are_named_and_decided(name: str, data: bytes, reason: DetectionReason, codec: str | None) -> None:
    found = made.detected(name, data)
    assert (found.reason, found.codec) == (reason, codec)


def test_tracks_behind_clusters_are_found_by_the_seek_head() -> None:
    tracks = made.element("1654ae6b", made.track_entry(b"V_VP9"))
    cluster = made.element("1f43b675", bytes(300))
    position = 34 + len(cluster)
    seek = made.element("114d9b74", made.element("4dbb", _seek_id(), made.element("53ac", made.number(position))))
    assert len(seek) == 34
    data = made.ebml_header(b"matroska") + made.element("18538067", seek, cluster, tracks)
    assert made.detected("a.mkv", data).codec == "vp9"


def _seek_id() -> bytes:
    return made.element("53ab", bytes.fromhex("1654ae6b"))


@pytest.mark.parametrize(
    ("name", "data", "entry"),
    [
        ("A001.R3D", made.number(512) + b"RED1" + bytes(2) + b"R1" + bytes(500), "redcode"),
        ("A001.R3D", made.number(512) + b"RED2" + bytes(2) + b"R2" + bytes(500), "redcode"),
        ("A001.ari", b"ARRI\x12\x34\x56\x78" + bytes(500), "arriraw"),
    ],
)
def test_raw_files_of_their_own_form_go_to_resolve(name: str, data: bytes, entry: str) -> None:
    found = made.detected(name, data)
    assert (found.engine, found.reason, found.codec) == (Engine.RESOLVE, DetectionReason.CAMERA_RAW, entry)


def test_red_bytes_named_mov_contradict_their_name() -> None:
    found = made.detected("A001.mov", made.number(512) + b"RED2" + bytes(2) + b"R2" + bytes(500))
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)


def test_an_r3d_name_over_a_quicktime_file_is_not_taken_for_red() -> None:
    found = made.detected("A001.R3D", made.iso_file(b"zzzz"))
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)
    assert "QuickTime or ISO media file and the name says .r3d, which is REDCODE" in found.detail


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.mov", made.matroska_file(made.track_entry(b"V_VP9")), DetectionReason.CONTRADICTION),
        ("a.mkv", made.iso_file(b"avc1"), DetectionReason.CONTRADICTION),
        ("a.mp4", PNG, DetectionReason.CONTRADICTION),
        ("a.mp4", b"#EXTM3U\nfile:///etc/passwd\n", DetectionReason.CONTRADICTION),
        ("a.mov", TEXT, DetectionReason.UNREADABLE),
        ("typescript.ts", b"GGGG export const x = 1;\n" * 30, DetectionReason.UNREADABLE),
        ("a.mov", b"", DetectionReason.EMPTY),
        ("a.png", PNG, DetectionReason.STILL_PICTURE),
        ("a.wav", b"RIFF\0\0\0\0WAVEfmt ", DetectionReason.NO_VIDEO),
        ("a.3gp", made.iso_file(b"s263"), DetectionReason.CONTAINER_UNSUPPORTED),
        ("clip", made.iso_file(b"avc1"), DetectionReason.CONTAINER_UNSUPPORTED),
        (".mov", made.iso_file(b"avc1"), DetectionReason.CONTAINER_UNSUPPORTED),
        ("a.ogv", b"OggS" + bytes(60), DetectionReason.CONTAINER_UNSUPPORTED),
    ],
)
def test_rejected_sources_have_a_reason_and_an_action(name: str, data: bytes, reason: DetectionReason) -> None:
    found = made.detected(name, data)
    assert (found.engine, found.reason) == (None, reason)
    assert found.detail.startswith(f"{name}: container ")
    assert found.action.endswith(".")


@pytest.mark.parametrize(
    ("entries", "expected"),
    [(((262, 32803), (50706, 1)), "a DNG picture"), (((262, 2),), "a TIFF picture")],
    ids=["with DNGVersion", "without"],
)
@pytest.mark.parametrize("order", ["little", "big"])
def test_a_single_dng_is_a_still(entries: tuple[tuple[int, int], ...], expected: str, order: str) -> None:
    def word(value: int, length: int) -> bytes:
        return value.to_bytes(length, "little" if order == "little" else "big")

    listed = b"".join(word(tag, 2) + word(3, 2) + word(1, 4) + word(value, 4) for tag, value in entries)
    head = b"II" if order == "little" else b"MM"
    found = made.detected("a.dng", head + word(42, 2) + word(8, 4) + word(len(entries), 2) + listed + bytes(4))
    assert found.reason is DetectionReason.STILL_PICTURE
    assert expected in found.detail


def test_a_hostile_name_stays_one_printable_line() -> None:
    found = made.detected("a\n\x1b[31m\udcff.mov", TEXT)
    assert found.detail.isprintable()
    assert found.detail.startswith("a\\n\\u001b[31m\\udcff.mov: ")


def test_the_declared_end_of_matroska_and_avi_is_read() -> None:
    for name, data in (("a.mkv", made.matroska_file(made.track_entry(b"V_VP9"))), ("a.avi", made.avi_file())):
        _, reading = inspect_source(name=name, data=MemoryByteSource(data))
        assert reading is not None
        assert reading.declared_end == len(data)
