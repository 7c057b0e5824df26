"""Numbered frames as one clip: what makes them CinemaDNG or ARRIRAW, and each fact that does not."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.sources import forms
from proxx.core.sources.detect import inspect_source
from proxx.core.sources.reading import DngFrame
from proxx.core.sources.sequence import SequenceFrame, detect_sequence
from tests.fakes.byte_source import MemoryByteSource
from tests.unit.core.sources import headers

ARRI = b"ARRI\x12\x34\x56\x78" + bytes(4088)


def frame(name: str, data: bytes) -> SequenceFrame:
    _, reading = inspect_source(name=name, data=MemoryByteSource(data))
    assert reading is not None
    return SequenceFrame(name=name, form=reading.form, frame=reading.frame)


def dngs(*numbers: str, data: bytes | None = None) -> tuple[SequenceFrame, ...]:
    return tuple(frame(f"A001_{number}.dng", data or headers.dng()) for number in numbers)


def test_two_numbered_frames_with_a_mosaic_are_one_cinemadng_clip() -> None:
    assert detect_sequence(frames=dngs("000009", "000010")) == Detection(
        engine=Engine.RESOLVE,
        reason=DetectionReason.CAMERA_RAW,
        container="dng",
        codec="cinemadng",
        sample_entry=None,
        detail="A001_000009.dng to A001_000010.dng: container dng, codec cinemadng: camera RAW in 2 frames, proven by "
        "their bytes (two or more numbered frames, each a DNG (tag 50706) with a sensor mosaic (photometric 32803), "
        "all of one size and compression; one frame alone is a still).",
    )


def test_a_choice_of_frames_stands_for_all_of_them() -> None:
    found = detect_sequence(frames=dngs("000001", "000500", "100000"), total=100_000)
    assert (found.engine, found.codec) == (Engine.RESOLVE, "cinemadng")
    assert "A001_000001.dng to A001_100000.dng: " in found.detail
    assert "camera RAW in 100000 frames" in found.detail


def test_arriraw_frames_are_one_clip_and_one_frame_is_enough() -> None:
    for names in (("A.0001.ari",), ("A.0001.ari", "A.0002.ARI")):
        found = detect_sequence(frames=tuple(frame(name, ARRI) for name in names))
        assert (found.engine, found.codec, found.container) == (Engine.RESOLVE, "arriraw", "ari")


@pytest.mark.parametrize(
    ("frames", "reason", "said"),
    [
        pytest.param(
            dngs("1"), DetectionReason.STILL_PICTURE, "one DNG picture alone is a still and not a clip", id="one frame"
        ),
        pytest.param(
            dngs("0001", "0003"), DetectionReason.CONTRADICTION, "A001_0003.dng follows frame 1, so", id="a gap"
        ),
        pytest.param(
            dngs("0002", "0002"), DetectionReason.CONTRADICTION, "A001_0002.dng follows frame 2, so", id="a double"
        ),
        pytest.param(
            (frame("a1.dng", headers.dng()), frame("b2.dng", headers.dng())),
            DetectionReason.CONTRADICTION,
            "b2.dng has another name than the frames before it",
            id="two clips",
        ),
        pytest.param(
            (frame("a.dng", headers.dng()), frame("b.dng", headers.dng())),
            DetectionReason.CONTRADICTION,
            "a.dng has no frame number",
            id="no numbers",
        ),
        pytest.param(
            (frame("a1.dng", headers.dng()), frame("a2.dng", headers.dng(width=1280, height=720))),
            DetectionReason.CONTRADICTION,
            "a2.dng is 1280x720, compression JPEG among frames of 1920x1080, compression JPEG",
            id="two sizes",
        ),
        pytest.param(
            (frame("a1.dng", headers.dng()), frame("a2.dng", headers.dng(compression=1))),
            DetectionReason.CONTRADICTION,
            "a2.dng is 1920x1080, compression none among frames of 1920x1080, compression JPEG",
            id="two compressions",
        ),
        pytest.param(
            dngs("1", "2", data=headers.dng(photometric=34892)),
            DetectionReason.CONTRADICTION,
            "A001_1.dng holds no sensor mosaic (photometric 34892, expected 32803)",
            id="LinearRaw",
        ),
        pytest.param(
            dngs("1", "2", data=headers.dng(compression=9)),
            DetectionReason.CONTRADICTION,
            "A001_1.dng is compressed as 9, which is no compression of DNG",
            id="VC-5",
        ),
        pytest.param(
            dngs("1", "2", data=headers.dng(width=0)),
            DetectionReason.CONTRADICTION,
            "A001_1.dng states no width and height",
            id="no raster",
        ),
        pytest.param(
            (frame("a1.dng", headers.dng()), frame("a2.ari", ARRI)),
            DetectionReason.CONTRADICTION,
            "a2.ari is an ARRIRAW frame among frames that are not",
            id="two classes",
        ),
        pytest.param(
            (frame("a1.png", b"\x89PNG\r\n\x1a\n" + bytes(50)),) * 2,
            DetectionReason.CONTRADICTION,
            "a PNG picture is no frame of a camera RAW sequence",
            id="no RAW at all",
        ),
    ],
)
def test_frames_that_are_no_clip_are_refused_with_the_fact(
    frames: tuple[SequenceFrame, ...], reason: DetectionReason, said: str
) -> None:
    found = detect_sequence(frames=frames)
    assert (found.engine, found.reason, found.codec) == (None, reason, None)
    assert said in found.detail
    assert found.action


def test_frames_that_state_two_rates_are_refused() -> None:
    first, second = dngs("1", "2")
    assert first.frame is not None
    frames = (replace(first, frame=replace(first.frame, frame_rate=Fraction(24))), second)
    assert "states None frames a second and the first frame 24" in detect_sequence(frames=frames).detail


def test_no_frames_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        detect_sequence(frames=())


RATE = {50706: (4, 0x401), 51044: (10, 66), 262: (3, 32803), 256: (3, 640), 257: (4, 480)}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            headers.dng(thumbnail=True),
            DngFrame(photometric=32803, width=1920, height=1080, compression=7, frame_rate=None),
            id="mosaic in a sub-directory",
        ),
        pytest.param(
            headers.tiff({50706: (4, 0x401), 262: (3, 2)}, {262: (3, 2), 256: (4, 9)}, {262: (3, 32803), 256: (4, 8)}),
            DngFrame(photometric=32803, width=8, height=None, compression=None, frame_rate=None),
            id="mosaic in the second of two",
        ),
        pytest.param(
            headers.tiff({**RATE, 51044: (10, 74)}, extra=(24000).to_bytes(4, "little") + (1001).to_bytes(4, "little")),
            DngFrame(photometric=32803, width=640, height=480, compression=None, frame_rate=Fraction(24000, 1001)),
            id="with a frame rate",
        ),
        pytest.param(
            headers.tiff({**RATE, 51044: (10, 74)}, extra=(24).to_bytes(4, "little") + bytes(4)),
            DngFrame(photometric=32803, width=640, height=480, compression=None, frame_rate=None),
            id="a rate over zero",
        ),
        pytest.param(
            headers.tiff({50706: (4, 0x401), 330: (4, 99999), 262: (3, 1)}),
            DngFrame(photometric=1, width=None, height=None, compression=None, frame_rate=None),
            id="sub-directory beyond the end",
        ),
    ],
)
def test_what_a_dng_says_of_its_picture(data: bytes, expected: DngFrame) -> None:
    _, reading = inspect_source(name="a.dng", data=MemoryByteSource(data))
    assert reading is not None
    assert (reading.form, reading.frame) == (forms.DNG, expected)


def test_big_endian_is_read_the_same() -> None:
    picture = {256: (4, 1920), 257: (4, 1080), 259: (3, 7), 262: (3, 32803), 50706: (4, 1)}
    readings = [
        inspect_source(name="a.dng", data=MemoryByteSource(headers.tiff(picture, order=order)))[1]
        for order in ("little", "big")
    ]
    assert readings[0] == readings[1]
