"""Local paths in a plan's command."""

from pathlib import Path

from proxx.engine.argv import fill_placeholders


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
