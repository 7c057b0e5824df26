"""Text for people."""

import pytest

from proxx.cli.text import display_width, plural, seconds_text, size_text, table


def test_a_table_aligns_columns_and_drops_trailing_blanks():
    assert table(headers=("CLIP", "OUTPUT"), rows=[("0", "a"), ("1000000", "b")]) == [
        "CLIP     OUTPUT",
        "0        a",
        "1000000  b",
    ]


def test_a_table_writes_out_what_a_terminal_would_act_on():
    assert table(headers=("NAME",), rows=[("\x1b]0;owned\x07",)]) == ["NAME", "\\x1b]0;owned\\x07"]


def test_wide_characters_take_two_columns_and_combining_ones_none():
    assert (display_width("日本"), display_width("e\u0301"), display_width("abc")) == (4, 1, 3)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        pytest.param(None, "-", id="unknown"),
        pytest.param(4.24, "4.2 s", id="seconds"),
        pytest.param(185.0, "3 min 05 s", id="minutes"),
        pytest.param(7620.0, "2 h 07 min", id="hours"),
    ],
)
def test_durations_are_written_for_people(seconds, text):
    assert seconds_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        pytest.param(None, "-", id="unknown"),
        pytest.param(0, "0 B", id="nothing"),
        pytest.param(1536, "1.5 KiB", id="kibibytes"),
        pytest.param(5 * 1024**4, "5.0 TiB", id="tebibytes"),
    ],
)
def test_sizes_are_written_for_people(size, text):
    assert size_text(size) == text


def test_a_noun_takes_its_plural():
    assert (plural(1, "clip"), plural(2, "clip")) == ("1 clip", "2 clips")
