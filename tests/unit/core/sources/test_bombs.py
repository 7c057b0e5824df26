"""What a few bytes may claim: each limit of docs/LIMITS.md, at it and beyond it."""

import struct
from array import array
from collections.abc import Callable
from fractions import Fraction

import pytest

from proxx.core.sources import (
    avi,
    isobmff_notes,
    isobmff_tags,
    matroska_limits,
    sound_limits,
    time_limits,
)
from proxx.core.sources.detect import detect
from proxx.core.sources.packet_log import TrackExtent
from proxx.core.sources.sound_limits import refuse_sound, refuse_sounds
from proxx.core.sources.source_refusal import SourceRefusal
from proxx.core.sources.time_limits import refuse_time
from proxx.core.violation import ViolationCode
from tests.fakes.byte_source import MemoryByteSource
from tests.hostile_media import ebml, riff
from tests.hostile_media.iso import box, full

MILLISECOND = Fraction(1, 1000)
LIMIT = ViolationCode.LIMIT_EXCEEDED


@pytest.mark.parametrize(
    ("times", "refusal"),
    [
        pytest.param([0], None, id="one picture"),
        pytest.param([0, 600_000], None, id="ten minutes between two"),
        pytest.param(
            [0, 600_001],
            SourceRefusal(
                code=LIMIT,
                clause="two of its pictures that follow each other are apart by 600 s; the limit is 600 s",
                expected="at most 600 s",
                actual="600 s",
            ),
            id="a millisecond more",
        ),
        pytest.param([600_000 * n for n in range(289)], None, id="48 hours"),
        pytest.param(
            [600_000 * n for n in range(290)],
            SourceRefusal(
                code=LIMIT,
                clause="its pictures span 173400 s; the limit is 172800 s",
                expected="at most 172800 s",
                actual="173400 s",
            ),
            id="more than 48 hours",
        ),
    ],
)
def test_pictures_far_apart_are_refused(times: list[int], refusal: SourceRefusal | None) -> None:
    assert refuse_time(times=array("q", times), time_base=MILLISECOND) == refusal


def test_one_picture_that_lasts_for_hours_is_refused() -> None:
    assert refuse_time(times=[0], time_base=MILLISECOND, rate=Fraction(1, 600)) is None
    refusal = refuse_time(times=[0], time_base=MILLISECOND, rate=Fraction(1, 3600))
    assert refusal is not None
    assert refusal.clause == "its picture lasts 3600 s; the limit is 600 s"


def test_more_pictures_a_second_than_any_camera_makes_are_refused() -> None:
    times = range(100)
    assert refuse_time(times=times, time_base=Fraction(1, time_limits.FASTEST_RATE)) is None
    assert refuse_time(times=times, time_base=Fraction(1, 10**9)) == SourceRefusal(
        code=LIMIT,
        clause="it shows 1000000000 pictures a second; the limit is 10000",
        expected="at most 10000 pictures a second",
        actual="1000000000",
    )


def extent(*packets: tuple[int, int]) -> TrackExtent:
    made = TrackExtent()
    for time, length in packets:
        made.add({"pts": str(time), "duration": str(length)})
    return made


def sound(
    *packets: tuple[int, int], rate: int = 48_000, channels: int = 2, start: Fraction | None = Fraction(0)
) -> str | None:
    stream = {
        "index": 3,
        "codec_type": "audio",
        "sample_rate": str(rate),
        "channels": channels,
        "time_base": f"1/{1000}",
    }
    refusal = refuse_sound(stream=stream, extent=extent(*packets), picture_start=start)
    assert refusal == refuse_sounds(streams=[stream], extents={3: extent(*packets)}, picture_start=start)
    return refusal.clause if refusal is not None else None


@pytest.mark.parametrize(
    ("rate", "channels", "said"),
    [
        (768_000, 64, None),
        (1_000, 1, None),
        (999, 1, "the sound in stream 3 has 999 samples a second; the limit is 1000 to 768000"),
        (768_001, 1, "the sound in stream 3 has 768001 samples a second; the limit is 1000 to 768000"),
        (48_000, 65, "the sound in stream 3 has 65 channels; the limit is 64"),
    ],
)
def test_rates_and_channels_have_limits(rate: int, channels: int, said: str | None) -> None:
    assert sound((0, 20), rate=rate, channels=channels) == said


def test_sound_as_long_as_the_longest_clip_is_taken() -> None:
    limit = time_limits.LONGEST_SPAN_SECONDS * 1000
    assert sound((0, limit)) is None
    said = "the sound in stream 3 spans 172800 s; the limit is 172800 s"
    assert sound((0, limit + 1)) == said


def test_a_hole_is_measured_by_what_fills_it() -> None:
    most = sound_limits.MOST_FILLED_SAMPLES // (48 * 2)
    assert sound((0, 20), (20 + most, 20)) is None
    said = "a hole of 1399 s in the sound of stream 3 takes 134304192 samples to fill; the limit is 134217728"
    assert sound((0, 20), (1_399_022, 20)) == said
    assert sound((1_399_002, 20)) == said
    assert sound((1_399_002, 20), start=Fraction(1_399)) is None


# What the readers of the bytes count


def said_of(name: str, data: bytes) -> str:
    return detect(name=name, data=MemoryByteSource(data)).detail


def movie(*, edits: int = 0, tags: bytes = b"", reference: bytes = b"", flags: int = 1) -> bytes:
    table = full(b"elst", struct.pack(">I", edits), struct.pack(">Iii", 1, 0, 1 << 16) * edits)
    entry = box(b"avc1", bytes(78))
    media = box(
        b"minf",
        box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", reference, flags=flags))),
        box(b"stbl", full(b"stsd", struct.pack(">I", 1), entry), full(b"stsz", struct.pack(">II", 1, 1))),
    )
    track = box(b"trak", box(b"edts", table), box(b"mdia", full(b"hdlr", bytes(4), b"vide", bytes(12)), media), tags)
    header = full(b"mvhd", struct.pack(">III", 0, 0, 1000), bytes(84))
    return box(b"ftyp", b"qt  ", bytes(4)) + box(b"moov", header, track, tags) + box(b"mdat", bytes(8))


def user_data(count: int) -> bytes:
    return box(b"udta", box(b"\xa9nam", bytes(8)) * count)


def listed(count: int) -> bytes:
    return box(
        b"udta", full(b"meta", full(b"hdlr", bytes(4), b"mdir", bytes(12)), box(b"ilst", box(b"\xa9nam") * count))
    )


def keyed(count: int) -> bytes:
    return box(b"meta", full(b"hdlr", bytes(4), b"mdta", bytes(12)), full(b"keys", struct.pack(">I", count)))


EDITS, TAGS = isobmff_notes.MOST_EDITS, isobmff_tags.MOST_TAGS


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(movie(edits=EDITS), "", id="edits at the limit"),
        pytest.param(movie(edits=EDITS + 1), "has an edit list of 10001 entries; the limit is 10000", id="edits"),
        pytest.param(movie(tags=user_data(TAGS)), "", id="user data at the limit"),
        pytest.param(movie(tags=user_data(TAGS + 1)), "holds 1001 tags or more; the limit is 1000", id="user data"),
        pytest.param(movie(tags=listed(TAGS + 1)), "holds 1001 tags or more; the limit is 1000", id="list of tags"),
        pytest.param(movie(tags=keyed(2**32 - 1)), "holds 4294967295 tags or more; the limit is 1000", id="keys"),
        pytest.param(movie(tags=box(b"udta", b"\0\0\0\3nonsense")), "", id="damaged user data is passed over"),
        pytest.param(movie(reference=b"file:///etc/passwd\0"), "", id="a reference that says it is this file"),
        pytest.param(movie(reference=b"\0" * 8, flags=0), "", id="a reference without flag that names nothing"),
        pytest.param(
            movie(reference=b"file:///etc/passwd\0", flags=0),
            "keeps the media of a track in another file (data reference url ), which is never opened",
            id="a reference to another file",
        ),
    ],
)
def test_a_movie_has_limits(data: bytes, said: str) -> None:
    detail = said_of("a.mov", data)
    assert said in detail
    assert ("the limit" in detail or "another file" in detail) == bool(said)


def matroska(*beside: bytes, sought: bytes = b"") -> bytes:
    track = ebml.h264_track(private=bytes(7))
    seek = ebml.element(0x4DBB, ebml.element(0x53AC, sought)) if sought else b""
    head = [ebml.element(0x114D9B74, seek)] if seek else []
    return ebml.matroska(*head, ebml.element(ebml.TRACKS, track), *beside, ebml.cluster(0))


@pytest.mark.parametrize(
    ("identity", "limit", "what"),
    [
        (ebml.TAGS, matroska_limits.MOST_TAG_BYTES, "tags"),
        (ebml.CHAPTERS, matroska_limits.MOST_CHAPTER_BYTES, "chapters"),
    ],
)
def test_what_a_matroska_file_keeps_beside_its_media_has_limits(identity: int, limit: int, what: str) -> None:
    assert "the limit" not in said_of("a.mkv", matroska(ebml.element(identity, bytes(limit))))
    said = f"keeps {limit + 1} bytes of {what}; the limit is {limit} bytes"
    assert said in said_of("a.mkv", matroska(ebml.element(identity, bytes(limit + 1))))


def test_tags_behind_the_media_are_found_where_the_seek_head_says() -> None:
    tags = ebml.element(ebml.TAGS, bytes(matroska_limits.MOST_TAG_BYTES + 1))
    place = len(matroska(sought=bytes(4))) - len(ebml.head()) - 12
    data = matroska(sought=place.to_bytes(4, "big"))
    body = data[len(ebml.head()) + 12 :]
    assert "the limit" in said_of("a.mkv", ebml.head() + ebml.element(ebml.SEGMENT, body, tags))


def notes(count: int, *, inside: Callable[..., bytes] = riff.listing) -> bytes:
    video = riff.stream(
        kind=b"vids", handler=b"MJPG", scale=1, rate=25, length=1, form=riff.bitmap(width=8, height=8, code=b"MJPG")
    )
    body = b"AVI " + riff.listing(b"hdrl", video) + inside(b"INFO", bytes(count)) + riff.listing(b"movi")
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_notes_of_an_avi_file_have_a_limit() -> None:
    limit = avi.MOST_NOTE_BYTES
    assert "the limit" not in said_of("a.avi", notes(limit - 4))
    assert f"holds {limit + 1} bytes of notes (INFO); the limit is {limit} bytes" in said_of("a.avi", notes(limit - 3))
