"""Profile files: read exactly, refused with every problem at once."""

from fractions import Fraction

import pytest

from proxx.core.asset_files import NoAssetFiles
from proxx.core.canonical import digest
from proxx.core.detection import Engine
from proxx.core.plain import to_plain
from proxx.core.profile import AudioRecipe, Fit, Interlaced, Profile, Tracks, VariableRate
from proxx.core.profile_reader import read_profile
from proxx.core.table_reader import ProfileError, load_table

GOOD = """
name = "site_h264"
version = 3
description = "Site H.264"
engine = "ffmpeg"
codec = "h264"
codec_aliases = []
containers = ["mp4", "mov"]
resolutions = ["half", "1280x720"]
default_resolution = "half"
fit = "pad"
frame_rates = ["24000/1001", "25/1"]
variable_rate = "keep"
interlaced = "deinterlace"
encoder = "libx264"
pixel_format = "yuv420p"
arguments = ["-crf", "23"]
threads = 1
witness = false
intra_only = false
timeout_seconds = 600
stall_seconds = 60

[[audio]]
containers = ["mp4", "mov"]
codec = "aac"
arguments = ["-b:a", "128k"]
sample_rate = 48000
tracks = "keep"
"""
RESOLVE = """
name = "raw_prores"
version = 1
description = "RAW to ProRes"
engine = "resolve"
codec = "prores_proxy"
codec_aliases = []
containers = ["mov"]
resolutions = ["same"]
default_resolution = "same"
fit = "pad"
frame_rates = []
intra_only = true
timeout_seconds = "none"
stall_seconds = 300

[render]
preset = "raw_prores"
preset_sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
format = "mov"
codec = "ProRes422P"
mode = "individual_clips"
timecode = "source"
VideoQuality = "0"
AudioCodec = "lpcm"
AudioBitDepth = "24"
AudioSampleRate = "48000"

[render.project]
colorScienceMode = "davinciYRGB"
"""


def read(text: str, origin: str) -> Profile:
    return read_profile(table=load_table(text=text, origin=origin), origin=origin, assets=NoAssetFiles())


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as caught:
        read(text, "p.toml")
    return caught.value.problems


def test_an_ffmpeg_profile_is_read_whole_and_its_digest_covers_everything_else() -> None:
    profile = read(GOOD, "site_h264.toml")
    plain = to_plain(profile)
    del plain["digest"]
    assert profile == Profile(
        name="site_h264",
        version=3,
        description="Site H.264",
        variant_of="",
        variant="",
        engine=Engine.FFMPEG,
        codec="h264",
        codec_aliases=(),
        containers=("mp4", "mov"),
        resolutions=("half", "1280x720"),
        default_resolution="half",
        fit=Fit.PAD,
        frame_rates=(Fraction(24000, 1001), Fraction(25)),
        variable_rate=VariableRate.KEEP,
        interlaced=Interlaced.DEINTERLACE,
        encoder="libx264",
        pixel_format="yuv420p",
        arguments=("-crf", "23"),
        threads=1,
        intra_only=False,
        audio=(
            AudioRecipe(
                containers=("mp4", "mov"),
                codec="aac",
                arguments=("-b:a", "128k"),
                sample_rate=48000,
                tracks=Tracks.KEEP,
            ),
        ),
        look=None,
        witness=False,
        picture_checks=None,
        timeout_seconds=600,
        stall_seconds=60,
        render={},
        digest=digest(plain),
    )


def test_a_resolve_profile_has_render_settings_and_no_ffmpeg_fields() -> None:
    profile = read(RESOLVE, "raw_prores.toml")
    assert (profile.engine, profile.timeout_seconds, profile.render, profile.threads, profile.encoder) == (
        Engine.RESOLVE,
        None,
        {
            "AudioBitDepth": "24",
            "AudioCodec": "lpcm",
            "AudioSampleRate": "48000",
            "VideoQuality": "0",
            "codec": "ProRes422P",
            "format": "mov",
            "mode": "individual_clips",
            "preset": "raw_prores",
            "preset_sha256": "0123456789abcdef" * 4,
            "project.colorScienceMode": "davinciYRGB",
            "timecode": "source",
        },
        0,
        "",
    )


def test_white_space_and_comments_do_not_reach_the_digest_and_a_changed_argument_does() -> None:
    plain = read(GOOD, "a").digest
    assert read("# note\n" + GOOD.replace("= ", "=   "), "b").digest == plain
    assert read(GOOD.replace('"23"', '"24"'), "c").digest != plain


def test_every_problem_of_a_file_is_listed_with_file_and_key() -> None:
    text = (
        GOOD.replace("version = 3", "version = true")
        .replace('fit = "pad"\n', "")
        .replace("threads = 1", "threads = 0\ncolour = 1")
        .replace('"aac"', "7")
        .replace('"1280x720"', '"1280x721"')
    )
    assert problems(text) == (
        "p.toml: colour: unknown key",
        "p.toml: fit: required key is missing",
        "p.toml: version: expected a whole number, got true",
        "p.toml: resolutions: expected WxH, same, half, quarter or WIDTHxHEIGHT (both even, 16 to 16384); "
        'got "1280x721"',
        "p.toml: threads: expected at least 1, got 0",
        "p.toml: audio[0]: codec: expected a string, got the number 7",
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param('"libx264"', '""', "encoder: must not be empty", id="empty encoder"),
        pytest.param(
            '"site_h264"',
            '"Site H264"',
            'name: expected 1 to 64 of a-z 0-9 _ . - (first a letter or digit), got "Site H264"',
            id="name with a space",
        ),
        pytest.param(
            '"ffmpeg"', '"handbrake"', 'engine: expected ffmpeg or resolve, got the string "handbrake"', id="engine"
        ),
        pytest.param(
            '["mp4", "mov"]\nresolutions',
            '["mp4", "mxf"]\nresolutions',
            'containers: expected words of mp4, mov, mkv, got "mxf"',
            id="container that the codec may not go into",
        ),
        pytest.param(
            'default_resolution = "half"',
            'default_resolution = "same"',
            'default_resolution: "same" is not among the profile\'s resolutions',
            id="default outside the resolutions",
        ),
        pytest.param(
            '"25/1"',
            '"25"',
            'frame_rates: expected rates like "24000/1001" or "25/1", got "25"',
            id="rate that is no fraction",
        ),
        pytest.param(
            '["-crf", "23"]',
            '["-crf"]',
            "arguments: expected pairs of option and value, got 1 strings",
            id="half a pair",
        ),
        pytest.param(
            '["-crf", "23"]',
            '["-i", "/etc/passwd"]',
            'arguments: "-i" is written by the planner alone',
            id="an input of its own",
        ),
        pytest.param(
            '["-crf", "23"]', '["crf", "23"]', 'arguments: expected an option like -crf, got "crf"', id="no option"
        ),
        pytest.param(
            "timeout_seconds = 600",
            "timeout_seconds = 0",
            'timeout_seconds: expected a whole number above 0, or "none"; got the number 0',
            id="no time at all",
        ),
        pytest.param(
            'containers = ["mp4", "mov"]\ncodec',
            'containers = ["mp4"]\ncodec',
            "audio: exactly one recipe must serve mov, found 0",
            id="a container without audio recipe",
        ),
        pytest.param(
            "stall_seconds = 60",
            "stall_seconds = 60\nrender = {}",
            "render: unknown key for this engine",
            id="render settings for ffmpeg",
        ),
        pytest.param('["half", "1280x720"]', '["half", "half"]', 'resolutions: names "half" twice', id="a word twice"),
    ],
)
def test_an_illegal_value_is_refused_by_its_key(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new))
    assert f"p.toml: {problem}" in found


def test_text_that_is_not_toml_is_refused_with_the_place() -> None:
    assert problems("name = \n")[0].startswith("p.toml: not TOML: Invalid value (at line 1, column 8)")


def test_a_number_of_thousands_of_digits_is_refused_as_text_that_is_not_toml() -> None:
    assert problems(f"name = {'9' * 5000}\n")[0].startswith("p.toml: not TOML: ")
