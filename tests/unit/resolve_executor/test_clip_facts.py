"""What Resolve says of a clip becomes facts, or a violation that names the key."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.facts import AudioFacts, FieldOrder, MediaFacts, PartIdentity, SourceIdentity, TimecodeFacts, VideoFacts
from proxx.core.rate import HALF_RATES, NTSC_RATES, WHOLE_RATES
from proxx.core.roots import RootPath
from proxx.core.sources.source_timecode import has_timecode
from proxx.core.steps import InspectWork
from proxx.core.timecode import Timecode, frames_per_day
from proxx_resolve_executor.clip_facts import clip_facts
from proxx_resolve_executor.host_port import InspectedClip

WORK = InspectWork(
    clip_index=3,
    source=RootPath(root="media", path="day1/A001_C002_1120AB.R3D"),
    identity=SourceIdentity(
        path="day1/A001_C002_1120AB.R3D", size_bytes=9_000_000, mtime_ns=7, inode=9, edge_sha256="e" * 64
    ),
    container="r3d",
    codec="redcode",
)
# The keys and spellings of recorded dumps (reference on Resolve scripting, section 4).
PROPERTIES = {
    "Audio Bit Depth": "24",
    "Audio Ch": "4",
    "Audio Codec": "Linear PCM",
    "Bit Depth": "16",
    "Drop frame": "0",
    "Duration": "00:00:04:04",
    "FPS": "23.976",
    "Format": "R3D",
    "Frames": "100",
    "H-FLIP": "Off",
    "PAR": "Square",
    "Reel Name": "A001_C002_1120AB",
    "Resolution": "8192x4320",
    "Sample Rate": "48000",
    "Start TC": "10:11:12:13",
    "Type": "Video + Audio",
}
TRACKS = {
    "1": {"channel_idx": [1, 2], "mute": False, "type": "Stereo"},
    "2": {"channel_idx": [3], "mute": False, "type": "Mono"},
    "3": {"channel_idx": [4], "mute": True, "type": "Mono"},
}
NO_SOUND = {"embedded_audio_channels": 0, "linked_audio": {}, "track_mapping": {}}
RATE = Fraction(24000, 1001)


def mapping(channels: int = 4, tracks: object = TRACKS, **more: object) -> str:
    return json.dumps({"embedded_audio_channels": channels, "linked_audio": {}, "track_mapping": tracks, **more})


def clip(*, audio: str | None = None, without: str = "", **changes: str) -> InspectedClip:
    named = {key.replace("_", " "): value for key, value in changes.items()}
    properties = {key: value for key, value in {**PROPERTIES, **named}.items() if key != without}
    return InspectedClip(properties=properties, audio_mapping=mapping() if audio is None else audio)


def facts_of(found: InspectedClip) -> MediaFacts:
    report = clip_facts(work=WORK, clip=found, sequence=False)
    assert (report.violations, report.facts is None) == ((), False)
    assert report.facts is not None
    return report.facts


def track(number: int, channels: int, layout: str | None) -> AudioFacts:
    return AudioFacts(
        stream_index=number,
        codec="pcm",
        channels=channels,
        layout=layout,
        sample_rate=48000,
        bits_per_sample=24,
        start_time=None,
        duration=None,
        language=None,
    )


def test_a_whole_dump_becomes_whole_facts() -> None:
    assert facts_of(clip()) == MediaFacts(
        container="r3d",
        size_bytes=9_000_000,
        duration=100 / RATE,
        video=VideoFacts(
            stream_index=0,
            codec="redcode",
            sample_entry="",
            profile=None,
            width=8192,
            height=4320,
            pixel_aspect=Fraction(1),
            pixel_format=None,
            bit_depth=16,
            has_alpha=False,
            field_order=FieldOrder.PROGRESSIVE,
            rotation=0,
            mirrored=False,
            color_range=None,
            color_primaries=None,
            color_transfer=None,
            color_matrix=None,
            frame_rate=RATE,
            constant_frame_rate=True,
            time_base=1 / RATE,
            frame_count=100,
            declared_frame_count=None,
            start_time=None,
            duration=100 / RATE,
            intra_only=None,
        ),
        audio=(track(1, 2, "stereo"), track(2, 1, "mono"), track(3, 1, "mono")),
        timecode=TimecodeFacts(label="10:11:12:13", drop_frame=False, rate=RATE, origin="resolve"),
        reel_name="A001_C002_1120AB",
        other_streams=(),
        warnings=(),
    )


@pytest.mark.parametrize(
    ("key", "value", "actual"),
    [
        pytest.param("FPS", "23,976", '"23,976"', id="rate with a comma"),
        pytest.param("FPS", "", '""', id="rate empty"),
        pytest.param("FPS", "-24", '"-24"', id="rate below zero"),
        pytest.param("FPS", "1e3", '"1e3"', id="rate with an exponent"),
        pytest.param("FPS", "nan", '"nan"', id="rate that is no number"),
        pytest.param("Frames", "0", '"0"', id="no frames"),
        pytest.param("Frames", "12.5", '"12.5"', id="half a frame"),
        pytest.param("Frames", "百", '"百"', id="frames in other digits"),
        pytest.param("Resolution", "8K", '"8K"', id="raster as a name"),
        pytest.param("Resolution", "0x1080", '"0x1080"', id="raster without width"),
        pytest.param("PAR", "正方形", '"正方形"', id="translated pixel aspect"),
        pytest.param("PAR", "0", '"0"', id="pixel aspect of zero"),
        pytest.param("Bit Depth", "16 Bit", '"16 Bit"', id="depth with a word"),
        pytest.param("Drop frame", "Aus", '"Aus"', id="translated flag"),
        pytest.param("Start TC", "10:11:12:24", '"10:11:12:24"', id="frame 24 of 24"),
        pytest.param("Start TC", "10:11:12;13", '"10:11:12;13"', id="drop-frame against the flag"),
        pytest.param("Audio Ch", "2", '"2"', id="channels against the mapping"),
        pytest.param("Sample Rate", "48 kHz", '"48 kHz"', id="sample rate with a word"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_key(key: str, value: str, actual: str) -> None:
    report = clip_facts(work=WORK, clip=clip(**{key.replace(" ", "_"): value}), sequence=False)

    assert report.facts is None
    assert [(item.field, item.actual) for item in report.violations] == [("sources[3]", actual)]
    assert f'"A001_C002_1120AB.R3D": Resolve\'s clip property {key!r} is {actual}' in report.violations[0].message


@pytest.mark.parametrize("key", ["FPS", "Frames", "Resolution"])
def test_what_is_missing_is_named(key: str) -> None:
    report = clip_facts(work=WORK, clip=clip(without=key), sequence=False)

    assert (report.facts, [item.actual for item in report.violations]) == (None, ["missing"])


def test_every_wrong_key_is_named_at_once() -> None:
    report = clip_facts(work=WORK, clip=clip(FPS="?", Frames="?", Resolution="?", PAR="?"), sequence=False)

    assert [item.message.split("property ")[1].split(" is")[0] for item in report.violations] == [
        "'FPS'",
        "'Frames'",
        "'Resolution'",
        "'PAR'",
    ]


@pytest.mark.parametrize("key", ["PAR", "Bit Depth", "Reel Name", "Start TC", "Drop frame", "Audio Ch"])
def test_what_a_clip_need_not_state_may_be_missing(key: str) -> None:
    assert facts_of(clip(without=key)) is not None


@pytest.mark.parametrize(
    ("rate", "label", "flag", "expected"),
    [
        pytest.param("29.97", "01:00:00;02", "1", ("01:00:00;02", True), id="drop-frame, marked"),
        pytest.param("29.97", "01:00:00:02", "1", ("01:00:00;02", True), id="drop-frame by the flag"),
        pytest.param("59.94", "00:59:59:59", "0", ("00:59:59:59", False), id="not drop-frame at 59.94"),
        pytest.param("25.0", "23:59:59:24", "", ("23:59:59:24", False), id="no flag"),
    ],
)
def test_timecode_is_read_with_its_flag(rate: str, label: str, flag: str, expected: tuple[str, bool]) -> None:
    found = facts_of(clip(FPS=rate, Start_TC=label, Drop_frame=flag)).timecode

    assert found is not None
    assert (found.label, found.drop_frame) == expected


def test_a_rate_without_timecode_has_none_and_a_warning() -> None:
    facts = facts_of(clip(FPS="90.0"))

    assert facts.timecode is None
    assert facts.warnings == ("timecode at 90/1 fps, a rate that has none by standard; it is not used",)


@pytest.mark.parametrize(
    ("audio", "expected"),
    [
        pytest.param(NO_SOUND, (), id="no sound"),
        pytest.param(
            json.loads(mapping(6, {"1": {"channel_idx": [1, 2, 3, 4, 5, 6], "type": "5.1"}})),
            (track(1, 6, "5.1"),),
            id="surround",
        ),
        pytest.param(
            json.loads(mapping(2, {"1": {"channel_idx": [1, 2], "type": "ステレオ"}})),
            (track(1, 2, None),),
            id="a translated type is discrete channels",
        ),
        pytest.param(
            {
                **NO_SOUND,
                "embedded_audio_channels": 11,
                "track_mapping": {
                    str(number): {"channel_idx": [number], "type": "Adaptive 1"} for number in (10, 2, 11, 1)
                },
            },
            tuple(track(number, 1, "mono") for number in range(1, 5)),
            id="tracks in the order of their numbers",
        ),
    ],
)  # fmt: skip
def test_audio_tracks_are_those_of_the_mapping(audio: dict[str, object], expected: tuple[AudioFacts, ...]) -> None:
    assert facts_of(clip(audio=json.dumps(audio), without="Audio Ch")).audio == expected


@pytest.mark.parametrize(
    ("audio", "key"),
    [
        ("", "GetAudioMapping"),
        ("[]", "GetAudioMapping"),
        ("[" * 100_000, "GetAudioMapping"),
        (mapping(channels=-1), "GetAudioMapping embedded_audio_channels"),
        (mapping(tracks={}), "GetAudioMapping track_mapping"),
        (mapping(tracks=[]), "GetAudioMapping track_mapping"),
        (mapping(tracks={"one": {}}), "GetAudioMapping track_mapping"),
        (mapping(tracks={"1": {"channel_idx": [], "type": "Mono"}}), "GetAudioMapping track 1 channel_idx"),
        (mapping(tracks={"1": {"channel_idx": [1]}}), "GetAudioMapping track 1 type"),
    ],
    ids=[
        "empty",
        "a list",
        "deep",
        "negative",
        "no tracks",
        "tracks as a list",
        "named track",
        "no channel",
        "no type",
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_by_its_key(audio: str, key: str) -> None:
    report = clip_facts(work=WORK, clip=clip(audio=audio), sequence=False)

    assert report.facts is None
    assert [item.message.split("property ")[1].split(" is ")[0] for item in report.violations] == [repr(key)]


def test_linked_audio_is_a_warning() -> None:
    facts = facts_of(clip(audio=mapping(linked_audio={"1": {"path": "/x.wav"}})))

    assert facts.warnings == ("the clip has audio of other files linked to it in Resolve; only its own is counted",)


@pytest.mark.parametrize(("frames", "whole"), [("3", True), ("2", False)], ids=["all", "one frame not seen"])
def test_a_sequence_has_as_many_frames_as_files(frames: str, whole: bool) -> None:
    parts = tuple(
        PartIdentity(path=f"seq/A_{number:04d}.dng", size_bytes=5, mtime_ns=1, inode=number, edge_sha256="1" * 64)
        for number in range(1, 4)
    )
    work = replace(WORK, identity=replace(WORK.identity, parts=parts), container="dng", codec="cinemadng")

    report = clip_facts(
        work=work, clip=clip(Frames=frames, audio=json.dumps(NO_SOUND), without="Audio Ch"), sequence=True
    )

    assert (report.facts is not None) is whole
    assert [item.expected for item in report.violations] == ([] if whole else ["the 3 frame files of the clip"])


def test_an_unknown_codec_has_an_unknown_field_order() -> None:
    report = clip_facts(work=replace(WORK, codec="xyz"), clip=clip(), sequence=False)

    assert report.facts is not None
    assert report.facts.video is not None
    assert report.facts.video.field_order is FieldOrder.UNKNOWN


@pytest.mark.parametrize("reel", ["A\u202e001", "R" * 300], ids=["turns the text round", "too long"])
def test_a_hostile_reel_name_is_dropped_with_a_warning(reel: str) -> None:
    facts = facts_of(clip(Reel_Name=reel))

    assert facts.reel_name is None
    assert len(facts.warnings) == 1
    assert "\u202e" not in facts.warnings[0]


RATES = st.sampled_from([*map(Fraction, WHOLE_RATES), *HALF_RATES, *NTSC_RATES])


@given(rate=RATES, digits=st.sampled_from([2, 3, None]))
def test_every_rate_of_the_table_survives_resolves_spelling(rate: Fraction, digits: int | None) -> None:
    spelt = str(float(rate) if digits is None else round(float(rate), digits))

    facts = facts_of(clip(FPS=spelt, without="Start TC"))

    assert facts.video is not None
    assert facts.video.frame_rate == rate


@given(rate=RATES.filter(lambda rate: has_timecode(rate=rate)), data=st.data())
def test_every_timecode_survives(rate: Fraction, data: st.DataObject) -> None:
    drop = rate in (Fraction(30000, 1001), Fraction(60000, 1001)) and data.draw(st.booleans())
    frames = data.draw(st.integers(0, frames_per_day(rate=rate, drop_frame=drop) - 1))
    start = Timecode(frames=frames, rate=rate, drop_frame=drop)

    found = facts_of(clip(FPS=str(float(rate)), Start_TC=start.label, Drop_frame=str(int(drop)))).timecode

    assert found == TimecodeFacts(label=start.label, drop_frame=drop, rate=rate, origin="resolve")


@given(
    properties=st.dictionaries(st.sampled_from(sorted(PROPERTIES)), st.text(max_size=30)), audio=st.text(max_size=60)
)
def test_whatever_resolve_says_is_facts_or_violations(properties: dict[str, str], audio: str) -> None:
    report = clip_facts(work=WORK, clip=InspectedClip(properties=properties, audio_mapping=audio), sequence=False)

    assert (report.facts is None) == bool(report.violations)
    assert all(item.message.isprintable() for item in report.violations)
