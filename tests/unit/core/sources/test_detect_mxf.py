"""MXF: labels of the file descriptors, wherever the header partition begins."""

import pytest

from proxx.core.detection import Detection, DetectionReason, Engine
from tests.unit.core.sources import media_bytes as made

VC3_CONTAINER = made.label("0d01030102110100")
MPEG_CONTAINER = made.label("0d01030102046001", version=2)
SOUND = made.descriptor(0x48, container=made.label("0d01030102060100", version=1))
ARRI_PACKED = made.label("0d01030102220100")
ARRI_HDE = made.label("0d01030102220200")
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


@pytest.mark.parametrize(
    ("container", "coding"),
    [(ARRI_PACKED, f"04010201020101{digit:02x}") for digit in (1, 2, 3)]
    + [(ARRI_HDE, f"04010201020102{digit:02x}") for digit in (1, 2)],
)
@pytest.mark.parametrize("version", [1, 0x0D])
def test_arriraw_is_each_pair_of_labels_that_the_register_has(container: bytes, coding: str, version: int) -> None:
    both = made.descriptor(0x27, container=container, coding=made.label(coding, version))
    found = made.detected("A001.mxf", made.mxf_file(both))
    assert (found.reason, *decided(found)) == (DetectionReason.CAMERA_RAW, Engine.RESOLVE, "arriraw")


@pytest.mark.parametrize(
    ("container", "coding", "said"),
    [
        pytest.param(
            ARRI_PACKED, "0401020203060300", "coding label says prores and its", id="ARRIRAW container, ProRes coding"
        ),
        pytest.param(
            MPEG_CONTAINER,
            "0401020102010101",
            "container label says nothing known",
            id="ARRIRAW coding, MPEG container",
        ),
        pytest.param(ARRI_PACKED, "0401020102010104", "coding label says nothing known", id="coding that is no entry"),
        pytest.param(ARRI_HDE, "0401020102010101", "ARRIRAW packed and its", id="packed coding, HDE container"),
        pytest.param(ARRI_PACKED, "0401020102010201", "ARRIRAW HDE and its", id="HDE coding, packed container"),
    ],
)
def test_two_labels_that_do_not_prove_the_same_arriraw_are_a_contradiction(
    container: bytes, coding: str, said: str
) -> None:
    found = made.detected(
        "A001.mxf", made.mxf_file(made.descriptor(0x27, container=container, coding=made.label(coding)))
    )
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)
    assert said in found.detail


def test_an_arriraw_container_alone_proves_nothing() -> None:
    found = made.detected("A001.mxf", made.mxf_file(made.descriptor(0x27, container=ARRI_PACKED)))
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)


@pytest.mark.parametrize(
    ("coding", "container", "owner"),
    [
        pytest.param("0e17030201020304", MPEG_CONTAINER, "ARRI", id="ARRI, perhaps ARRICORE"),
        pytest.param("0e06040102040301", SONY_CONTAINER, "Sony", id="Sony under its RAW container, perhaps X-OCN"),
        pytest.param("0e0e000000000000", MPEG_CONTAINER, "Panasonic", id="Panasonic"),
    ],
)
def test_a_private_picture_label_is_an_unknown_codec_with_its_owner(coding: str, container: bytes, owner: str) -> None:
    found = made.detected("A001.mxf", made.mxf_file(picture(coding, container)))
    assert (found.engine, found.reason) == (Engine.RESOLVE, DetectionReason.UNKNOWN_CODEC)
    assert f"no table names this codec (a private label of {owner})" in found.detail


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
