"""The font of the burn-ins is exactly what its drawing gives."""

import pytest

from tools.make_font import DRAWING, FONT, build, contours, read_drawing


def test_the_font_in_the_package_is_built_from_its_drawing_bit_for_bit() -> None:
    assert build(read_drawing(DRAWING.read_text(encoding="ascii"))) == FONT.read_bytes()


def test_every_printable_ascii_character_is_drawn_and_no_two_are_alike() -> None:
    glyphs = read_drawing(DRAWING.read_text(encoding="ascii"))
    assert sorted(glyphs) == list(range(0x20, 0x7F))
    assert len(set(glyphs.values())) == len(glyphs)


def test_dots_become_rectangles_and_corners_that_touch_are_joined() -> None:
    glyph = ("##...", "..#..", *(".....",) * 7)
    assert contours(glyph) == (
        ((0, 600), (0, 700), (200, 700), (200, 600)),
        ((200, 500), (200, 600), (300, 600), (300, 500)),
        ((200, 600), (200, 650), (250, 600)),
        ((200, 600), (200, 550), (150, 600)),
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("0041\n" + ".....\n" * 8, id="a line short"),
        pytest.param("0041 0042\n" + ".....\n" * 9, id="a glyph short"),
        pytest.param("0041\n" + "....\n" * 9, id="too narrow"),
        pytest.param("0041\n" + "..x..\n" * 9, id="another character"),
    ],
)
def test_a_drawing_that_is_not_whole_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="0041"):
        read_drawing(text)
