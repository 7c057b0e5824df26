"""Every class of the matrices by its own synthetic header, and the same answer whatever ffprobe is installed."""

import json
from pathlib import Path

import pytest

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.ffprobe_facts import choose_video
from proxx.core.sources.matrix import matrix_rows
from proxx.core.sources.raw_matrix import raw_rows, unproven_rows
from proxx.core.sources.witness import contradiction
from tests.unit.core.sources import headers
from tests.unit.core.sources import media_bytes as made
from tests.unit.core.sources.headers import HEADERS, VERSIONS, Header

SAID = json.loads(Path(__file__).with_name("ffprobe_said.json").read_text(encoding="utf-8"))
EACH = pytest.mark.parametrize("header", HEADERS, ids=[header.title for header in HEADERS])


def _document(version: str, header: Header) -> values.Record | None:
    """What ffprobe of that version printed, None where it could not open the file."""
    answer = SAID[version]["answers"][header.title]
    if "error" in answer:
        return None
    streams = [{**stream, "index": index} for index, stream in enumerate(answer["streams"])]
    return {"format": {"format_name": answer["format_name"]}, "streams": streams}


def _contradiction(detection: Detection, document: values.Record) -> str:
    video = choose_video(document=document)
    return contradiction(detection=detection, document=document, video=video) if video is not None else ""


@EACH
def test_a_header_is_of_its_class(header: Header) -> None:
    found = made.detected(header.name, header.data)
    assert (found.engine, found.reason, found.codec) == (header.engine, header.reason, header.codec), found.detail


@EACH
def test_no_ffprobe_from_5_to_8_contradicts_what_was_accepted(header: Header) -> None:
    found = made.detected(header.name, header.data)
    documents = {version: _document(version, header) for version in VERSIONS}
    clauses = {version: _contradiction(found, said) for version, said in documents.items() if said is not None}
    assert found.engine is None or clauses == dict.fromkeys(clauses, "")


def test_the_record_has_every_header_and_version_and_says_how_it_was_made() -> None:
    titles = [header.title for header in HEADERS]
    assert {version: list(said["answers"]) for version, said in SAID.items()} == dict.fromkeys(VERSIONS, titles)
    made_by = [SAID[version]["made_by"] for version in VERSIONS]
    assert [said.startswith("the program ffprobe") for said in made_by] == [True, True, *[False] * 5]
    assert all("libraries in PyAV" in said for said in made_by[2:])


def test_every_class_has_a_header_that_proves_it() -> None:
    proven = {header.codec for header in HEADERS if header.reason is DetectionReason.CAMERA_RAW}
    assert proven == {row.codec for row in raw_rows()} - {"cinemadng"}
    standard = {header.codec for header in HEADERS if header.engine is Engine.FFMPEG}
    assert standard == {row.codec for row in matrix_rows()}
    rejected = " ".join(header.title for header in HEADERS if header.reason is not DetectionReason.CAMERA_RAW)
    for name in ("ARRICORE", ".arx", "KRW", "V-RAW", "RMF", "ZRAW", "GoPro", "VC-5", "Phantom", "Cintel", "Magic"):
        assert name in rejected
        assert name in " ".join(f"{row.name} {row.told_by}" for row in unproven_rows())


def test_the_traps_are_what_the_record_says_they_are() -> None:
    names = {
        title: [SAID[version]["answers"][title]["streams"][0].get("codec_name") for version in VERSIONS]
        for title in ("REDCODE version 1", "CinemaDNG frame alone", "ProRes RAW", "VC-5 of a sensor mosaic")
    }
    assert names == {
        "REDCODE version 1": ["jpeg2000"] * 7,
        "CinemaDNG frame alone": ["tiff"] * 7,
        "ProRes RAW": [None] * 5 + ["prores_raw"] * 2,
        "VC-5 of a sensor mosaic": ["cfhd"] * 7,
    }


def _said(codec: str | None, form: str = "mov,mp4,m4a,3gp,3g2,mj2") -> values.Record:
    stream = {"index": 0, "codec_type": "video", **({"codec_name": codec} if codec is not None else {})}
    return {"format": {"format_name": form}, "streams": [stream]}


@pytest.mark.parametrize(
    ("data", "name", "document", "expected"),
    [
        pytest.param(
            made.iso_file(b"brvl"),
            "a.braw",
            _said("h264"),
            "the bytes say codec braw (brvl) and ffprobe says h264",
            id="RAW that ffprobe takes for a standard codec",
        ),
        pytest.param(
            made.iso_file(b"aprn"),
            "a.mov",
            _said("prores"),
            "the bytes say codec prores_raw (aprn) and ffprobe says prores",
            id="ProRes RAW taken for ProRes",
        ),
        pytest.param(
            headers.red(1),
            "a.r3d",
            _said("jpeg2000", "mov,mp4"),
            "the bytes say container r3d and ffprobe reads it as mov,mp4",
            id="another container",
        ),
        pytest.param(made.iso_file(b"brvl"), "a.braw", _said("braw"), "", id="a name of a later ffprobe: our own word"),
        pytest.param(made.iso_file(b"brvl"), "a.braw", _said("bmdraw"), "", id="a name that no table has"),
        pytest.param(made.iso_file(b"brvl"), "a.braw", _said("jpeg2000"), "", id="a coding that RAW is built on"),
        pytest.param(made.iso_file(b"brvl"), "a.braw", _said(None), "", id="no name"),
        pytest.param(made.iso_file(b"zzzz"), "a.mov", _said("h264"), "", id="nothing of ours to contradict"),
        pytest.param(
            made.iso_file(b"avc1"),
            "a.mov",
            _said("hevc"),
            "the bytes say codec h264 (avc1) and ffprobe says hevc",
            id="two standard codecs",
        ),
    ],
)
def test_a_second_witness_contradicts_only_with_a_name_that_excludes_ours(
    data: bytes, name: str, document: values.Record, expected: str
) -> None:
    assert _contradiction(made.detected(name, data), document) == expected


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("A001.braw", "which is Blackmagic RAW"),
        ("A001.R3D", "which is REDCODE"),
        ("A001.ari", "which is ARRIRAW"),
        ("A001.CRM", "which is Canon Cinema RAW Light"),
        ("A001.nev", "which is Nikon N-RAW"),
    ],
)
@pytest.mark.parametrize(
    ("data", "form"),
    [
        (made.iso_file(b"avc1"), "a QuickTime or ISO media file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG picture"),
        (made.mxf_file(made.descriptor(0x28, container=made.label("0d010301020f0100"))), "an MXF file"),
        (b"OggS" + bytes(60), "an Ogg file"),
    ],
    ids=["H.264", "PNG", "MXF", "Ogg"],
)
def test_a_name_that_claims_camera_raw_over_other_bytes_is_a_contradiction(
    name: str, said: str, data: bytes, form: str
) -> None:
    found = made.detected(name, data)
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)
    assert f"the bytes are those of {form}" in found.detail
    assert said in found.detail


def test_two_camera_raw_classes_in_one_file_are_a_contradiction() -> None:
    found = made.detected("A001.mov", made.iso_file(b"aprn", b"brvl"))
    assert (found.engine, found.reason) == (None, DetectionReason.CONTRADICTION)
    assert "is camera RAW (prores_raw) and another is another class of it (braw)" in found.detail


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("REDCODE, marks of two versions", "without its second mark (R1 at byte 10 behind RED1, R2 behind RED2)"),
        ("ARRIRAW frame, reversed order", "begins with ARRI and without the 12345678h of an ARRIRAW frame"),
        ("compressed .arx", "the reversed order and the header of .arx are not confirmed"),
        ("Nikon, NCDT and no NRAW", "no NRAW at byte 4 of the first sample, so nothing proves N-RAW"),
        ("Nikon, NRAW under avc1", "its samples begin like Nikon N-RAW (NRAW) and its sample entry says h264"),
        ("Canon, another brand", "nothing else proves a Canon Cinema RAW Light clip (brand crx, CanonCRM)"),
        ("Kinefinity KRW", "(Kinefinity KRW: no marker of its bytes is confirmed)"),
        ("LinearRaw DNG", "it holds LinearRaw and no sensor mosaic"),
        ("CinemaDNG frame with a thumbnail", "it may be a frame of a CinemaDNG clip"),
    ],
)
def test_a_near_miss_names_the_fact_that_is_missing(title: str, said: str) -> None:
    header = next(header for header in HEADERS if header.title == title)
    assert said in made.detected(header.name, header.data).detail


def test_half_a_signature_does_not_hide_a_format_that_is_found_further_in() -> None:
    mxf = made.mxf_file(made.descriptor(0x28, container=made.label("0d010301020f0100")), run_in=b"ARRI" + bytes(40))
    assert made.detected("a.mxf", mxf).codec == "h264"
