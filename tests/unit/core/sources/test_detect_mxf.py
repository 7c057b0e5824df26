"""MXF: labels of the file descriptors, wherever the header partition begins."""

import pytest

from proxx.core.detection import Detection, DetectionReason, Engine
from tests.unit.core.sources import media_bytes as made

VC3_CONTAINER = made.label("0d01030102110100")
MPEG_CONTAINER = made.label("0d01030102046001", version=2)
SOUND = made.descriptor(0x48, container=made.label("0d01030102060100", version=1))
ARRI_PACKED = made.label("0d01030102220100")
ARRI_CODED = made.label("0401020102010101")
SONY_CONTAINER = made.label("0e060d0302010101", version=5)
SONY_CODED = made.label("0e06040102040201", version=5)


def picture(coding: str, container: bytes = MPEG_CONTAINER, version: int = 0x0D) -> bytes:
    return made.descriptor(0x28, container=container, coding=made.label(coding, version))


def decided(found: Detection) -> tuple[Engine | None, str | None]:
    return found.engine, found.codec


@pytest.mark.parametrize(
    ("coding", "codec"),
    [
        ("0401020201020101", "mpeg2video"),
        ("0401020201043300", "mpeg2video"),
        ("0401020201322001", "h264"),
        ("0401020201311001", "h264"),
        ("0401020271130000", "dnxhd"),
        ("0401020271240000", "dnxhr"),
        ("0401020271280000", "dnxhr"),
    ],
)
@pytest.mark.parametrize("version", [1, 3, 0x0A, 0x0D])
def test_labels_of_the_matrix_go_to_ffmpeg_whatever_their_version(coding: str, codec: str, version: int) -> None:
    found = made.detected("a.mxf", made.mxf_file(SOUND, picture(coding, version=version)))
    assert decided(found) == (Engine.FFMPEG, codec)


@pytest.mark.parametrize(
    ("coding", "codec"),
    [
        ("0401020203060300", "prores"),
        ("0401020203010111", "jpeg2000"),
        ("0401020202020300", "dvvideo"),
        ("0401020203050303", "vc5_bayer"),
        ("0401020201411001", "hevc"),
        ("0401020201202001", "mpeg4"),
        ("0401020201100100", "mpeg1video"),
    ],
)
def test_named_labels_outside_the_matrix_are_rejected(coding: str, codec: str) -> None:
    found = made.detected("a.mxf", made.mxf_file(picture(coding)))
    assert (found.reason, *decided(found)) == (DetectionReason.NOT_IN_MATRIX, None, codec)


def test_a_private_label_that_no_table_names_goes_to_resolve() -> None:
    found = made.detected("a.mxf", made.mxf_file(picture("0e17030201020304")))
    assert (found.engine, found.reason) == (Engine.RESOLVE, DetectionReason.UNKNOWN_CODEC)


@pytest.mark.parametrize("container", [ARRI_PACKED, made.label("0d01030102220200")], ids=["packed", "HDE"])
def test_arriraw_needs_both_labels(container: bytes) -> None:
    both = made.descriptor(0x27, container=container, coding=ARRI_CODED)
    found = made.detected("A001.mxf", made.mxf_file(both))
    assert (found.reason, *decided(found)) == (DetectionReason.CAMERA_RAW, Engine.RESOLVE, "arriraw")


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param((ARRI_PACKED, made.label("0401020203060300")), id="ARRIRAW container, ProRes coding"),
        pytest.param((MPEG_CONTAINER, ARRI_CODED), id="ARRIRAW coding, MPEG container"),
    ],
)
def test_one_arriraw_label_alone_is_a_contradiction(labels: tuple[bytes, bytes]) -> None:
    data = made.mxf_file(made.descriptor(0x27, container=labels[0], coding=labels[1]))
    assert made.detected("A001.mxf", data).reason is DetectionReason.CONTRADICTION


def test_sony_raw_goes_to_resolve() -> None:
    data = made.mxf_file(made.descriptor(0x28, container=SONY_CONTAINER, coding=SONY_CODED))
    assert decided(made.detected("A001.MXF", data)) == (Engine.RESOLVE, "sony_raw")


def test_a_private_label_outside_picture_descriptors_says_nothing() -> None:
    metadata = made.klv("060e2b34025301010d01010101013b00", made.item(0x8001, SONY_CODED))
    found = made.detected("a.mxf", made.mxf_file(metadata, picture("0401020201322001")))
    assert decided(found) == (Engine.FFMPEG, "h264")


def test_the_container_label_serves_where_no_coding_is_given() -> None:
    data = made.mxf_file(made.descriptor(0x28, container=made.label("0d010301020f0100")))
    assert decided(made.detected("a.mxf", data)) == (Engine.FFMPEG, "h264")


@pytest.mark.parametrize("length", [0, 1, 4000, 65536])
def test_a_run_in_is_skipped(length: int) -> None:
    data = made.mxf_file(picture("0401020201322001"), run_in=bytes(length))
    assert made.detected("a.mxf", data).engine is Engine.FFMPEG


def test_a_longer_run_in_is_no_mxf() -> None:
    data = made.mxf_file(picture("0401020201322001"), run_in=bytes(65537))
    assert made.detected("a.mxf", data).reason is DetectionReason.UNREADABLE


@pytest.mark.parametrize(("compression_id", "codec"), [(1237, "dnxhd"), (1270, "dnxhr"), (1274, "dnxhr")])
def test_a_vc3_label_without_id_is_settled_by_the_first_frame(compression_id: int, codec: str) -> None:
    frame = (b"\x00\x00\x02\x80\x03" + bytes(35) + made.number(compression_id)).ljust(600, b"\0")
    essence = made.klv("060e2b34010201010d01030116010100", bytes(40))
    essence += made.klv("060e2b34010201010d01030115010c00", frame)
    data = made.mxf_file(picture("0401020271000000", VC3_CONTAINER), essence=essence)
    assert decided(made.detected("a.mxf", data)) == (Engine.FFMPEG, codec)


def test_vc3_without_any_id_is_unreadable() -> None:
    data = made.mxf_file(picture("0401020271000000", VC3_CONTAINER))
    assert made.detected("a.mxf", data).reason is DetectionReason.UNREADABLE


def test_descriptors_of_the_footer_serve_where_the_header_has_none() -> None:
    header = made.mxf_file()
    metadata = picture("0401020201322001")
    footer = made.klv("060e2b34020501010d01020101040400", bytes(88)) + metadata
    data = made.mxf_file(footer=len(header)) + footer
    assert made.detected("a.mxf", data).codec == "h264"


def test_sound_alone_is_no_video_and_no_descriptor_is_unreadable() -> None:
    assert made.detected("a.mxf", made.mxf_file(SOUND)).reason is DetectionReason.NO_VIDEO
    assert made.detected("a.mxf", made.mxf_file()).reason is DetectionReason.UNREADABLE
