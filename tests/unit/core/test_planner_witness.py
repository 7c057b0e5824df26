"""The witness in the plan: what is added to the command, and what is not."""

from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import FieldOrder, MediaFacts
from proxx.core.plan import ExpectedWitness, Plan
from proxx.core.planner import plan_clip
from proxx.core.profile import Profile
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS, STEREO, VIDEO, facts_with, inputs_with

MONO = replace(STEREO, channels=1, layout="mono", stream_index=2)


def profile_named(name: str) -> Profile:
    profile = builtin_library().get(name)
    assert profile is not None
    return profile


def planned(
    name: str, container: str, *, facts: MediaFacts = FACTS, resolution: str = "same", witness: bool = True
) -> Plan:
    profile = replace(profile_named(name), witness=witness)
    return plan_clip(inputs=inputs_with(profile=profile, facts=facts, container=container, resolution=resolution))


def graph(plan: Plan) -> list[str]:
    return plan.argv[plan.argv.index("-filter_complex") + 1].split(";")


def tee(plan: Plan) -> str:
    return plan.argv[plan.argv.index("tee") + 1]


def test_the_picture_is_split_before_anything_is_done_to_it() -> None:
    head, split, made, seen = graph(planned("proxy_h264_low", "mp4", resolution="half"))

    assert head == "sws_flags=bicubic+accurate_rnd+full_chroma_int+bitexact"
    assert split == "[0:0]split[made][seen]"
    assert made.startswith("[made]scale=w=960:h=540:")
    assert made.endswith("[picture]")
    assert seen == (
        "[seen]scale=w=32:h=18:flags=area+accurate_rnd+full_chroma_int+bitexact:interl=0:in_range=tv:out_range=tv"
        ":in_color_matrix=bt709:out_color_matrix=bt709,format=pix_fmts=yuv420p[witness]"
    )


def test_the_encoders_way_is_that_of_a_command_without_a_witness() -> None:
    plain = planned("proxy_h264_low", "mp4", resolution="half", witness=False)
    _, _, made, _ = graph(planned("proxy_h264_low", "mp4", resolution="half"))

    assert made == f"[made]{plain.argv[plain.argv.index('-filter:v:0') + 1]}[picture]"


def test_frames_that_are_dropped_or_repeated_are_so_on_both_ways() -> None:
    profile = profile_named("proxy_h264_low")
    inputs = inputs_with(profile=profile, container="mp4", fps=Fraction(24000, 1001))
    _, split, _, _ = graph(plan_clip(inputs=inputs))

    assert split == "[0:0]settb=expr=1/25,fps=fps=24000/1001:start_time=0:round=near,split[made][seen]"


def test_fields_that_become_whole_are_seen_woven_too() -> None:
    facts = facts_with(video=replace(VIDEO, field_order=FieldOrder.TOP_FIRST))
    plan = planned("proxy_h264_low", "mp4", facts=facts)

    assert plan.expected.witness == ExpectedWitness(
        columns=32, rows=18, left=0, top=0, width=1920, height=1080, pairs=True
    )
    _, raw, fields, _, seen, woven, both = graph(plan)
    assert raw == "[0:0]split[raw][fields]"
    assert fields == "[fields]bwdif=mode=send_frame:parity=tff:deint=all,split[made][seen]"
    assert seen.removeprefix("[seen]").removesuffix("[thumbnail]") == woven.removeprefix("[raw]").removesuffix(
        "[woven]"
    )
    assert both == "[thumbnail][woven]vstack[witness]"


def test_bars_are_left_out_of_the_thumbnails() -> None:
    portrait = facts_with(video=replace(VIDEO, width=1080, height=1920))
    plan = planned("offline_h264_1920x1080", "mp4", facts=portrait, resolution="1920x1080")

    assert plan.expected.witness == ExpectedWitness(
        columns=32, rows=18, left=656, top=0, width=608, height=1080, pairs=False
    )


@pytest.mark.parametrize(
    ("name", "container", "expected"),
    [
        pytest.param(
            "proxy_prores_proxy",
            "mov",
            "[f=mov:fflags=+bitexact:video_track_timescale=10000:movie_timescale=10000:write_tmcd=1]file:{output}"
            "|[f=streamhash:hash=murmur3]file:{witness}-packets",
            id="mov",
        ),
        pytest.param(
            "proxy_h264_low",
            "mkv",
            "[f=matroska:fflags=+bitexact]file:{output}"
            "|[f=streamhash:hash=murmur3:bsfs/v=filter_units=remove_types=7-8]file:{witness}-packets",
            id="mkv, without the parameter sets that the container keeps apart",
        ),
        pytest.param(
            "proxy_dnxhr_lb",
            "mxf",
            "[f=mxf:fflags=+bitexact]file:{output}|[f=streamhash:hash=murmur3]file:{witness}-packets",
            id="mxf",
        ),
    ],
)
def test_every_packet_goes_into_the_proxy_and_into_a_hash(name: str, container: str, expected: str) -> None:
    assert tee(planned(name, container)) == expected


@pytest.mark.parametrize(
    ("container", "flags"),
    [
        pytest.param("mov", "+bitexact+global_header", id="mov keeps parameter sets in its header"),
        pytest.param("mxf", "+bitexact", id="mxf does not"),
    ],
)
def test_what_ffmpeg_sets_by_itself_for_one_container_is_said_for_tee(container: str, flags: str) -> None:
    argv = planned("proxy_dnxhr_lb", container).argv
    assert (argv[argv.index("-flags:v") + 1], argv[argv.index("-flags:a") + 1]) == (flags, flags)


def test_lossless_sound_is_hashed_and_lossy_sound_kept_at_a_low_rate() -> None:
    facts = facts_with(audio=(STEREO, MONO))
    exact, lossy = planned("proxy_prores_proxy", "mov", facts=facts), planned("proxy_h264_low", "mp4", facts=facts)
    filters = "aresample=osr=48000:async=1:min_hard_comp=0.02:first_pts=0"

    assert exact.argv[-26:] == (
        *("-c:v:0", "rawvideo", "-f", "rawvideo", "file:{witness}-pictures"),
        *("-map", "0:1", "-filter:a:0", filters, "-c:a:0", "pcm_s24le", "-ar:a:0", "48000"),
        *("-map", "0:2", "-filter:a:1", filters, "-c:a:1", "pcm_s24le", "-ar:a:1", "48000"),
        *("-f", "streamhash", "-hash", "murmur3", "file:{witness}-samples"),
    )
    assert lossy.argv[-18:] == (
        *("-map", "0:1", "-filter:a:0", f"{filters},aresample=osr=4000"),
        *("-c:a:0", "pcm_s16le", "-f", "s16le", "file:{witness}-sound.0"),
        *("-map", "0:2", "-filter:a:0", f"{filters},aresample=osr=4000"),
        *("-c:a:0", "pcm_s16le", "-f", "s16le", "file:{witness}-sound.1"),
    )


def test_without_a_witness_there_is_one_output() -> None:
    plan = planned("proxy_h264_low", "mp4", witness=False)

    assert plan.argv[-3:] == ("-f", "mp4", "file:{output}")
    assert not any("{witness}" in word for word in plan.argv)
    assert plan.expected.witness is None


@pytest.mark.parametrize(
    ("name", "container", "codec_profile", "pixel_format", "brand"),
    [
        pytest.param("proxy_prores_proxy", "mov", "Proxy", "yuv422p10le", "qt", id="ProRes Proxy"),
        pytest.param("proxy_prores_4444", "mov", "4444", "yuva444p12le", "qt", id="ProRes 4444 decodes to 12 bits"),
        pytest.param("proxy_dnxhr_sq", "mxf", "DNXHR SQ", "yuv422p", None, id="DNxHR SQ in MXF"),
        pytest.param("proxy_h264_low", "mp4", "High", "yuv420p", "isom", id="H.264 in MP4"),
        pytest.param("proxy_h265_low", "mkv", "Main", "yuv420p", "matroska", id="H.265 in Matroska"),
        pytest.param("proxy_vp9_low", "webm", "Profile 0", "yuv420p", "webm", id="VP9 in WebM"),
        pytest.param("proxy_av1_low", "mp4", "Main", "yuv420p", "isom", id="AV1 in MP4"),
    ],
)
def test_flavour_pixels_and_brand_are_expected(
    name: str, container: str, codec_profile: str, pixel_format: str, brand: str | None
) -> None:
    expected = planned(name, container).expected
    assert (expected.codec_profile, expected.pixel_format, expected.brand) == (codec_profile, pixel_format, brand)


def test_a_flavour_that_no_table_knows_is_not_asked_for() -> None:
    profile = replace(profile_named("proxy_h264_low"), arguments=("-profile:v", "high422"))
    plan = plan_clip(inputs=inputs_with(profile=profile, container="mp4"))
    assert plan.expected.codec_profile is None


def test_colour_that_the_source_does_not_state_must_stay_unstated() -> None:
    untagged = facts_with(video=replace(VIDEO, color_primaries=None, color_transfer=None, color_matrix=None))
    assert planned("proxy_h264_low", "mp4").expected.unstated == ()
    assert planned("proxy_h264_low", "mp4", facts=untagged).expected.unstated == (
        *("color_primaries", "color_transfer", "color_matrix"),
    )
    assert planned("proxy_dnxhr_lb", "mov", facts=untagged).expected.unstated == ("color_primaries", "color_transfer")
