"""Text inside descriptions of filters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.plan import ASSET_PLACEHOLDER, asset_placeholder
from proxx.core.planner.filter_text import escape_filter_value

SPACE = " \n\t\r"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        pytest.param("clip.mov", "clip.mov", id="plain"),
        pytest.param("a:b", r"a\\:b", id="colon"),
        pytest.param("it's", r"it\\\'s", id="quote"),
        pytest.param("a\\b", r"a\\\\b", id="backslash"),
        pytest.param("[a],b;c", r"\[a\]\,b\;c", id="brackets, comma, semicolon"),
        pytest.param("100% {n}", "100% {n}", id="nothing for either parser"),
        pytest.param(" a ", "\\\\ a\\\\\\ ", id="white space at the ends"),
    ],
)
def test_each_level_of_escaping_is_written(text: str, escaped: str) -> None:
    assert escape_filter_value(text) == escaped


def unescaped(text: str, terminators: str) -> tuple[str, str]:
    """Read one token as FFmpeg's av_get_token documents it: returns the token and what follows."""
    rest, token, solid = text.lstrip(SPACE), "", 0
    while rest and rest[0] not in terminators:
        if rest[0] == "\\" and len(rest) > 1:
            token, rest = token + rest[1], rest[2:]
            solid = len(token)
        elif rest[0] == "'":
            inside, _, rest = rest[1:].partition("'")
            token += inside
            solid = len(token)
        else:
            token, rest = token + rest[0], rest[1:]
    return token[:solid] + token[solid:].rstrip(SPACE), rest


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_both_parsers_give_the_text_back_and_stop_nowhere_inside(text: str) -> None:
    options, rest = unescaped(f"text={escape_filter_value(text)}:x=1,next", "[],;")
    assert rest == ",next"
    value, after = unescaped(options.removeprefix("text="), ":")
    assert (value, after) == (text, ":x=1")


@given(st.text(st.sampled_from("{asset:}0123456789abcdef\\'"), min_size=1))
def test_no_stranger_s_text_becomes_a_placeholder(text: str) -> None:
    assert not ASSET_PLACEHOLDER.search(escape_filter_value(text))


def test_the_placeholder_is_found_by_its_pattern() -> None:
    match = re.search(ASSET_PLACEHOLDER, f"lut3d=file={asset_placeholder('0' * 64)}:interp=tetrahedral")
    assert match is not None
    assert match[1] == "0" * 64
