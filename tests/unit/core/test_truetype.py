"""TrueType fonts of looks."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxx.core.truetype import FontError, FontMetrics, read_font
from tests.fakes.assets import FONT
from tools.make_font import build, read_drawing

DRAWN = read_drawing("0041 0042\n" + "..... .....\n" * 9)


def test_the_shipped_font_has_every_ascii_character_at_one_width() -> None:
    assert read_font(FONT) == FontMetrics(widest_permille=600)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "expected a TrueType font with outlines, got the bytes b''", id="empty"),
        pytest.param(
            b"OTTO" + FONT[4:], "expected a TrueType font with outlines, got the bytes b'OTTO'", id="OpenType"
        ),
        pytest.param(FONT[:14], "a table ends before what it declares", id="cut in the directory"),
        pytest.param(
            FONT[:20000],
            "expected 27916 bytes of table b'glyf' at byte 304, got the end of the file",
            id="cut in a table",
        ),
        pytest.param(FONT.replace(b"glyf", b"glyg", 1), "expected the tables cmap, glyf, head", id="no outlines"),
        pytest.param(
            build({ord("A"): DRAWN[0x41], ord("B"): DRAWN[0x42]} | {0x43: ("#####",) * 9}),
            "expected every printable ASCII character, missing:  !",
            id="three letters only",
        ),
    ],
)
def test_a_font_that_cannot_write_is_refused_with_the_fact(data: bytes, reason: str) -> None:
    with pytest.raises(FontError) as caught:
        read_font(data)
    assert str(caught.value).startswith(reason)


@given(place=st.integers(0, len(FONT) - 1), byte=st.integers(0, 255), length=st.integers(0, len(FONT)))
def test_a_damaged_font_is_read_or_refused_and_nothing_else(place: int, byte: int, length: int) -> None:
    damaged = (FONT[:place] + bytes([byte]) + FONT[place + 1 :])[:length]
    with contextlib.suppress(FontError):
        assert read_font(damaged).widest_permille >= 0
