"""No name or label of a stranger becomes an option, a protocol, a pattern or a filter: properties of whole commands."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proxx.core.command_paths import fill_placeholders
from proxx.core.plan import Plan
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS, inputs_with
from tests.hostile_media.names import NAMES

LIBRARY = builtin_library()
PROFILES = ("proxy_h264_low_burnin", "proxy_prores_proxy", "proxy_dnxhr_lb")
SOUND = "A001.mov"
PLAIN_REEL = "A001R2EC"
PLACED = ("fontsize", "boxborderw", "x", "y")
# What an ordinary file system takes as one name: everything but "/" and NUL, up to 255 bytes.
FILE_NAMES = (
    st.lists(
        st.text(st.characters(exclude_characters="/\0", codec="utf-8"), max_size=6)
        | st.sampled_from(list("\\'\":;,[]=|%{}$()<>*?-\n\r\t \x1b\u202e"))
        | st.sampled_from(
            ["file:", "concat:", "pipe:", "{source}", "{output}", "{asset:", "%{n}", "-y", "tee", "text="]
        ),
        max_size=20,
    )
    .map("".join)
    .filter(lambda name: name not in ("", ".", ".."))
)


def planned(profile_name: str, *, source: str = SOUND, reel: str | None = PLAIN_REEL) -> Plan:
    profile = LIBRARY.get(profile_name)
    assert profile is not None
    inputs = inputs_with(profile=profile, facts=replace(FACTS, reel_name=reel))
    return plan_clip(inputs=replace(inputs, source=RootPath(root="media", path=f"day1/{source}")))


def filled(plan: Plan, *, source: str = SOUND, output: str = "proxy.mov") -> tuple[str, ...]:
    return fill_placeholders(
        argv=plan.argv,
        tool="ffmpeg",
        source=PurePosixPath("/media/day1", source),
        output=PurePosixPath("/media/out/.proxx", output),
        assets={match: PurePosixPath("/cache", match) for match in _ASSETS.findall(" ".join(plan.argv))},
    )


_ASSETS = re.compile(r"\{asset:([0-9a-f]{64})\}")


def filters(graph: str) -> list[tuple[str, dict[str, str]]]:
    """The filters of a graph with their options, read as FFmpeg's two parsers read them."""
    found = []
    for text in split(graph, ",;"):
        body = re.sub(r"^(\[[^]]*\])+", "", text.strip())
        body = re.sub(r"(?<!\\)(\[[^]]*\])+$", "", body)
        name, _, options = body.partition("=")
        pairs = [unescape_once(part) for part in split(unescape_once(options), ":")]
        found.append((name, dict(pair.partition("=")[::2] for pair in pairs)))
    return found


def split(text: str, separators: str) -> list[str]:
    """Cut where a separator stands that neither a backslash nor quotes protect."""
    parts, current, place, quoted = [], "", 0, False
    while place < len(text):
        character = text[place]
        if character == "\\" and not quoted and place + 1 < len(text):
            current, place = current + text[place : place + 2], place + 2
            continue
        quoted ^= character == "'"
        if character in separators and not quoted:
            parts, current = [*parts, current], ""
        else:
            current += character
        place += 1
    return [*parts, current]


def unescape_once(text: str) -> str:
    """Take one level of backslashes and quotes away (libavutil's av_get_token, white space apart)."""
    made, place, quoted = "", 0, False
    while place < len(text):
        character = text[place]
        if character == "'":
            quoted = not quoted
        elif character == "\\" and not quoted and place + 1 < len(text):
            place += 1
            made += text[place]
        else:
            made += character
        place += 1
    return made


def graphs(argv: tuple[str, ...]) -> list[str]:
    return [value for option, value in pairwise(argv) if option.startswith("-filter")]


def with_examples(test: Callable[..., None]) -> Callable[..., None]:
    for name in NAMES:
        if name.isprintable():
            test = example(name=name)(test)
    return test


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=40)
@given(name=FILE_NAMES)
def test_the_name_of_a_source_is_one_word_behind_file_and_an_absolute_path(profile: str, name: str) -> None:
    usual = filled(planned(profile))
    argv = filled(planned(profile, source=name), source=name)
    assert len(argv) == len(usual)
    for word, plain, option in zip(argv, usual, ("", *usual), strict=False):
        if option == "-i":
            assert word == f"file:/media/day1/{name}"
        elif not option.startswith("-filter"):
            assert word == plain


@with_examples
@settings(max_examples=40)
@given(name=FILE_NAMES)
def test_a_burnt_in_name_is_the_text_of_one_filter_and_changes_nothing_else(name: str) -> None:
    usual, argv = filled(planned(PROFILES[0])), filled(planned(PROFILES[0], source=name), source=name)
    readable = "".join(character if " " <= character <= "~" else "?" for character in name)
    changed = 0
    for graph, plain in zip(graphs(argv), graphs(usual), strict=True):
        for (kind, options), (plain_kind, plain_options) in zip(filters(graph), filters(plain), strict=True):
            assert kind == plain_kind
            assert options.keys() == plain_options.keys()
            different = {key for key in options if options[key] != plain_options[key]}
            if plain_options.get("text") == SOUND:
                changed += 1
                assert kind == "drawtext"
                assert options["text"] == readable
                assert options["expansion"] == "none"
                # The size follows the length of the text, and the places follow the size.
                assert different <= {"text", *PLACED}
                assert all(re.fullmatch(r"[0-9a-z_()/-]+", options[key]) for key in PLACED)
            else:
                assert different == set()
    assert changed == 1


@pytest.mark.parametrize("profile", PROFILES[1:])
@settings(max_examples=40)
@given(reel=FILE_NAMES)
def test_a_reel_name_is_the_value_of_one_metadata_word(profile: str, reel: str) -> None:
    usual = filled(planned(profile))
    argv = filled(planned(profile, reel=reel))
    place = usual.index(f"reel_name={PLAIN_REEL}")
    if reel.isprintable():
        assert argv[place] == f"reel_name={reel}"
        assert (*argv[:place], *argv[place + 1 :]) == (*usual[:place], *usual[place + 1 :])
    else:
        assert argv == (*usual[: place - 1], *usual[place + 1 :])


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=40)
@given(name=FILE_NAMES)
def test_the_name_of_an_output_is_read_back_whole_behind_tee(profile: str, name: str) -> None:
    argv = filled(planned(profile), output=name)
    usual = filled(planned(profile))
    assert len(argv) == len(usual)
    word, plain = (words[words.index("tee") + 1] for words in (argv, usual))
    outputs, plain_outputs = split(word, "|"), split(plain, "|")
    assert len(outputs) == len(plain_outputs) == 2
    for output, other in zip(outputs, plain_outputs, strict=True):
        options, plain_options = output.partition("]file")[0], other.partition("]file")[0]
        assert options == plain_options
    assert unescape_once(outputs[0].partition("]")[2]) == f"file:/media/out/.proxx/{name}"
