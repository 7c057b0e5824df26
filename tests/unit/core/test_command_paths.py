"""Local paths in a plan's command."""

from pathlib import Path

import pytest

from proxx.core.command_paths import fill_placeholders


def fill(*argv: str) -> tuple[str, ...]:
    return fill_placeholders(
        argv=argv, tool="/opt/ffmpeg", source=Path("/m/{output} in.mov"), output=Path("/m/out.mov")
    )


def test_paths_take_the_places_of_the_placeholders_as_files() -> None:
    assert fill("ffmpeg", "-i", "file:{source}", "-f", "mov", "file:{output}") == (
        "/opt/ffmpeg",
        "-i",
        "file:/m/{output} in.mov",
        "-f",
        "mov",
        "file:/m/out.mov",
    )


def test_a_placeholder_without_a_protocol_gets_one() -> None:
    assert fill("ffmpeg", "{source}", "{output}") == ("/opt/ffmpeg", "file:/m/{output} in.mov", "file:/m/out.mov")


def test_metadata_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    assert fill("ffmpeg", "reel_name={source}", "x{output}", "file:file:{source}") == (
        "/opt/ffmpeg",
        "reel_name={source}",
        "x{output}",
        "file:file:{source}",
    )


SHA = "0123456789abcdef" * 4
HOSTILE = Path("/it's: a [dir], with; a\\ tail/x.cube")


@pytest.mark.parametrize("option", ["-filter:v:0", "-filter_complex"])
def test_files_of_a_look_take_their_places_inside_filters_escaped_for_both_parsers(option: str) -> None:
    filled = fill_placeholders(
        argv=("ffmpeg", option, f"scale,lut3d=file={{asset:{SHA}}}:interp=tetrahedral"),
        tool="ffmpeg",
        source=Path("/in"),
        output=Path("/out"),
        assets={SHA: HOSTILE},
    )
    assert filled[2] == (r"scale,lut3d=file=/it\\\'s\\: a \[dir\]\, with\; a\\\\ tail/x.cube:interp=tetrahedral")


def test_a_file_of_a_look_is_put_nowhere_but_into_filters() -> None:
    word = f"reel_name={{asset:{SHA}}}"
    assert fill("ffmpeg", "-metadata", word) == ("/opt/ffmpeg", "-metadata", word)


def test_a_command_without_the_file_that_it_needs_is_not_run() -> None:
    with pytest.raises(KeyError, match=SHA):
        fill("ffmpeg", "-filter:v:0", f"lut3d=file={{asset:{SHA}}}")


def test_the_files_of_the_witness_lie_beside_the_output() -> None:
    assert fill("ffmpeg", "-f", "s16le", "file:{witness}-sound.12") == (
        *("/opt/ffmpeg", "-f", "s16le", "file:/m/out.mov.witness-sound.12"),
    )


def test_a_name_that_no_witness_has_stays_as_it_is() -> None:
    words = ("file:{witness}", "file:{witness}-../x", "{witness}-pictures", "x=file:{witness}-pictures")
    assert fill("ffmpeg", *words)[1:] == words


def test_paths_behind_tee_are_escaped_for_it() -> None:
    tee = "[f=mov]file:{output}|[f=streamhash]file:{witness}-packets"
    hostile = Path("/m/a|b [c]'d\\e/Ü.mov")
    assert fill_placeholders(
        argv=("ffmpeg", "-f", "tee", tee), tool="ffmpeg", source=Path("/m/in.mov"), output=hostile
    )[-1] == (
        "[f=mov]file\\:/m/a\\|b\\ \\[c\\]\\'d\\\\e/\\Ü.mov"
        "|[f=streamhash]file\\:/m/a\\|b\\ \\[c\\]\\'d\\\\e/\\Ü.mov.witness-packets"
    )


def test_a_word_that_looks_like_one_behind_tee_stays_as_it_is() -> None:
    assert fill("ffmpeg", "-metadata", "[f=mov]file:{output}")[-1] == "[f=mov]file:{output}"
