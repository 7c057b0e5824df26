"""Audio tracks of planned proxies: every track, in order, labelled as far as the container can."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import AudioFacts
from proxx.core.plan import ExpectedAudio, Plan
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.profile import Profile, Tracks
from tests.fakes.media_facts import STEREO, facts_with, inputs_with
from tests.fakes.plain_library import plain_library

LIBRARY = plain_library()
AAC, OPUS, MXF, MOV = (
    ("proxy_h264_low", "mp4"),
    ("proxy_vp9_low", "webm"),
    ("proxy_dnxhr_lb", "mxf"),
    ("proxy_prores_proxy", "mov"),
)


def plan(*audio: AudioFacts, kind: tuple[str, str] = MOV, **changes: object) -> Plan:
    profile = LIBRARY.get(kind[0])
    assert profile is not None
    facts = facts_with(audio=audio, **changes)
    return plan_clip(inputs=inputs_with(profile=profile, facts=facts, container=kind[1]))


def mono(name: str) -> Profile:
    profile = LIBRARY.get(name)
    assert profile is not None
    return replace(profile, audio=tuple(replace(each, tracks=Tracks.MONO) for each in profile.audio))


MONO_MXF, MONO_MOV, MONO_AAC = mono("proxy_dnxhr_lb"), mono("proxy_prores_proxy"), mono("proxy_h264_low")
MONO_MXF = replace(MONO_MXF, containers=("mxf",))


def plan_with(profile: Profile, *audio: AudioFacts) -> Plan:
    return plan_clip(inputs=inputs_with(profile=profile, facts=facts_with(audio=audio)))


def track(channels: int, layout: str | None, index: int = 1) -> AudioFacts:
    return replace(STEREO, channels=channels, layout=layout, stream_index=index)


def test_every_track_is_mapped_in_the_order_of_the_source() -> None:
    planned = plan(*(track(1, "mono", index) for index in (3, 1, 7)))
    maps = [planned.argv[at + 1] for at, word in enumerate(planned.argv) if word == "-map"]
    assert maps == ["0:0", "0:3", "0:1", "0:7"]
    wanted = ExpectedAudio(codec="pcm_s24le", channels=1, layout="mono", sample_rate=48000, duration=Fraction(4))
    assert planned.expected.audio == (wanted, wanted, wanted)


@pytest.mark.parametrize(
    ("kind", "channels", "layout", "filters", "measured"),
    [
        pytest.param(MOV, 6, "5.1(side)", "", "5.1(side)", id="PCM in MOV keeps any layout"),
        pytest.param(MOV, 12, None, "", None, id="PCM keeps discrete channels"),
        pytest.param(MXF, 2, "stereo", "", None, id="MXF states no layout"),
        pytest.param(AAC, 2, "stereo", "", "stereo", id="AAC stereo"),
        pytest.param(
            AAC, 6, "5.1(side)", ",channelmap=map=0|1|2|3|4|5:channel_layout=5.1", "5.1", id="AAC has 5.1 by one name"
        ),
        pytest.param(
            AAC, 4, None, ",channelmap=map=0|1|2|3:channel_layout=quad", "quad", id="AAC names four discrete channels"
        ),
        pytest.param(
            AAC,
            8,
            None,
            ",channelmap=map=0|1|2|3|4|5|6|7:channel_layout=octagonal",
            None,
            id="AAC without a low-frequency channel, which would be filtered",
        ),
        pytest.param(
            OPUS, 6, "5.1(side)", ",channelmap=map=0|1|2|3|4|5:channel_layout=5.1", "5.1", id="Opus has 5.1 by one name"
        ),
        pytest.param(OPUS, 5, None, "", None, id="Opus keeps discrete channels"),
    ],
)
def test_channels_keep_their_order_and_as_much_of_their_layout_as_codec_and_container_hold(
    kind: tuple[str, str], channels: int, layout: str | None, filters: str, measured: str | None
) -> None:
    planned = plan(track(channels, layout), kind=kind)
    expected = planned.expected.audio[0]
    assert (expected.channels, expected.layout) == (channels, measured)
    chain = planned.argv[planned.argv.index("-filter:a:0") + 1]
    resample = "aresample=osr=48000:async=1:min_hard_comp=0.02:first_pts=0"
    ending = ",apad=whole_len=192000,atrim=end_sample=192000" if kind is MXF else ""
    assert chain == f"{resample}{filters}{ending}"


@pytest.mark.parametrize(
    ("kind", "layout", "ending"),
    [
        pytest.param(MONO_MXF, None, ",apad=whole_len=192000,atrim=end_sample=192000", id="PCM in MXF"),
        pytest.param(MONO_MOV, "mono", "", id="PCM in MOV"),
        pytest.param(MONO_AAC, "mono", "", id="AAC in MP4"),
    ],
)
def test_mono_makes_a_track_of_every_channel_of_every_track_in_order(
    kind: Profile, layout: str | None, ending: str
) -> None:
    stereo, surround = track(2, "stereo", 1), track(6, "5.1(side)", 4)
    audio = (replace(stereo, language="fra"), track(1, "mono", 2), replace(surround, duration=Fraction(3)))
    planned = plan_with(kind, *audio)
    maps = [planned.argv[at + 1] for at, word in enumerate(planned.argv) if word == "-map"]
    assert maps == ["0:0", "0:1", "0:1", "0:2", *["0:4"] * 6]
    resample = "aresample=osr=48000:async=1:min_hard_comp=0.02:first_pts=0"
    takes = [planned.argv[planned.argv.index(f"-filter:a:{number}") + 1] for number in range(9)]
    picked = [f"{resample},channelmap=map={channel}:channel_layout=mono{ending}" for channel in range(6)]
    assert takes[:2] == picked[:2]
    assert takes[3:] == picked
    assert takes[2].startswith(f"{resample}{ending}")
    lengths = [Fraction(4)] * 9 if ending else [*[Fraction(4)] * 3, *[Fraction(3)] * 6]
    assert [(each.channels, each.layout, each.duration) for each in planned.expected.audio] == [
        (1, layout, length) for length in lengths
    ]
    languages = [word for word in planned.argv if word == "language=fra"]
    assert len(languages) == (0 if ending else 2)
    said = [warning for warning in planned.warnings if "mono tracks" in warning]
    assert said == [
        "audio track 1: its 2 channels become 2 mono tracks, in their order",
        "audio track 3: its 6 channels become 6 mono tracks, in their order",
    ]


@pytest.mark.parametrize("kind", [MOV, AAC, MXF, OPUS], ids=["mov", "mp4", "mxf", "webm"])
def test_mono_tracks_stay_mono_tracks(kind: tuple[str, str]) -> None:
    planned = plan(*(track(1, "mono", index) for index in (1, 2, 3, 4)), kind=kind)
    assert [each.channels for each in planned.expected.audio] == [1, 1, 1, 1]


def test_channels_that_no_layout_of_the_codec_holds_are_kept_as_mono_tracks() -> None:
    assert len(plan_with(MONO_AAC, track(7, "6.1")).expected.audio) == 7


def test_more_tracks_than_anybody_reads_are_refused() -> None:
    with pytest.raises(PlanRefusedError, match="it has too many audio tracks") as caught:
        plan_with(MONO_MXF, track(32, None, 1), track(31, None, 2))
    assert (caught.value.violations[0].expected, caught.value.violations[0].actual) == ("at most 62", "63")
    assert len(plan_with(MONO_MXF, track(31, None, 1), track(31, None, 2)).expected.audio) == 62


def test_opus_writes_discrete_channels_as_discrete_channels() -> None:
    planned = plan(track(5, None), kind=OPUS)
    assert planned.argv[planned.argv.index("-mapping_family:a:0") + 1] == "255"


@pytest.mark.parametrize(
    ("audio", "kind", "reason"),
    [
        pytest.param(replace(STEREO, codec="qclp"), MOV, "codec that cannot be read", id="unknown codec"),
        pytest.param(replace(STEREO, channels=0), MOV, "states no channels", id="no channels"),
        pytest.param(track(7, "6.1"), AAC, "7 channels (6.1), which aac cannot hold", id="6.1 in AAC"),
        pytest.param(track(12, None), AAC, "12 channels (discrete channels)", id="12 discrete channels in AAC"),
        pytest.param(track(65, None), MOV, "65 channels", id="more channels than any recorder has"),
    ],
)
def test_a_track_that_would_be_lost_or_changed_is_refused(
    audio: AudioFacts, kind: tuple[str, str], reason: str
) -> None:
    with pytest.raises(PlanRefusedError) as caught:
        plan(STEREO, audio, kind=kind)
    (violation,) = caught.value.violations
    assert "audio track 2" in violation.message
    assert reason in violation.message


def test_a_track_that_the_file_does_not_describe_is_refused_and_not_left_out() -> None:
    with pytest.raises(PlanRefusedError, match="does not describe every audio track, and none is left out"):
        plan(STEREO, other_streams=("data:tmcd", "audio:unknown"))


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        pytest.param(Fraction(0), Fraction(4), Fraction(4), id="together"),
        pytest.param(Fraction(1, 2), Fraction(3), Fraction(7, 2), id="late sound is preceded by silence"),
        pytest.param(Fraction(-1, 2), Fraction(4), Fraction(7, 2), id="early sound is cut"),
        pytest.param(None, Fraction(4), Fraction(4), id="no start stated"),
        pytest.param(Fraction(0), None, None, id="no length stated"),
    ],
)
def test_lengths_count_from_the_first_picture(
    start: Fraction | None, length: Fraction | None, expected: Fraction | None
) -> None:
    planned = plan(replace(STEREO, start_time=start, duration=length))
    assert planned.expected.audio[0].duration == expected


def test_in_mxf_sound_is_as_long_as_the_picture_and_a_cut_is_said() -> None:
    planned = plan(replace(STEREO, duration=Fraction(6)), kind=MXF)
    assert planned.expected.audio[0].duration == Fraction(4)
    assert "audio track 1: 6.000 s are cut to the picture's length" in planned.warnings


@pytest.mark.parametrize(
    ("language", "kind", "written", "said"),
    [
        pytest.param("fra", MOV, True, False, id="MOV carries it"),
        pytest.param("fra", MXF, False, True, id="MXF does not"),
        pytest.param("fr-CA", MOV, False, True, id="no three-letter code"),
        pytest.param("x=1\n", MOV, False, True, id="no code at all"),
        pytest.param(None, MXF, False, False, id="none"),
    ],
)
def test_a_language_is_carried_or_its_loss_is_said(
    language: str | None, kind: tuple[str, str], written: bool, said: bool
) -> None:
    planned = plan(replace(STEREO, language=language), kind=kind)
    assert (f"language={language}" in planned.argv) is written
    assert ("audio track 1: its language is not carried" in planned.warnings) is said


def test_a_source_without_sound_has_a_proxy_without_sound() -> None:
    planned = plan()
    assert planned.expected.audio == ()
    assert not [word for word in planned.argv if word.startswith(("-c:a", "-b:a", "-filter:a"))]
