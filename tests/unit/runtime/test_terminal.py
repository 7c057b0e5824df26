import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.runtime.terminal import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("A001C002.mov", "A001C002.mov", id="plain name"),
        pytest.param("Größe 東京.mov", "Größe 東京.mov", id="letters of any script"),
        pytest.param("\x1b[2Jgone", "\\x1b[2Jgone", id="escape sequence"),
        pytest.param("a\r\nb", "a\\r\\nb", id="line breaks"),
        pytest.param("\x9b31m", "\\x9b31m", id="eight-bit control"),
        pytest.param("exe\u202egpj", "exe\\u202egpj", id="reordering character"),
        pytest.param("caf\udce9", "caf\\udce9", id="byte that is no UTF-8"),
        pytest.param("a\x7f", "a\\x7f", id="delete"),
    ],
)
def test_what_a_terminal_would_act_on_is_escaped(text, shown):
    assert printable(text) == shown


def test_characters_to_keep_are_kept():
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.text())
def test_no_control_or_format_character_is_left(text):
    assert {unicodedata.category(character) for character in printable(text)}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
