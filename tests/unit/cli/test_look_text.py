"""`proxx profiles show` says what a profile draws, from which files."""

from proxx.cli.look_text import look_lines
from proxx.core.look import Asset, Font, ImageMark, Look, Lut, Place, TextKind, TextMark

SHA = "ab" * 32


def asset(name: str) -> Asset:
    return Asset(name=name, sha256=SHA, size_bytes=7)


def text_mark(kind: TextKind, *, text: str = "", optional: bool = False) -> TextMark:
    return TextMark(kind=kind, text=text, place=Place.BOTTOM, height_permille=70, opacity_percent=90, optional=optional)


def test_every_part_of_a_look_is_a_line_with_its_file() -> None:
    look = Look(
        lut=Lut(
            asset=asset("house.cube"),
            dimensions=3,
            primaries="bt709",
            transfer="bt709",
            matrix="bt709",
            unstated_matrix=None,
        ),
        image=ImageMark(
            asset=asset("logo.png"), width=30, height=20, place=Place.TOP, width_permille=120, opacity_percent=60
        ),
        texts=(
            text_mark(TextKind.TIMECODE),
            text_mark(TextKind.TIMECODE, optional=True),
            text_mark(TextKind.CLIP_NAME),
            text_mark(TextKind.TEXT, text="DRAFT"),
        ),
        font=Font(asset=asset("letters.ttf"), widest_permille=600),
    )
    assert look_lines(look) == [
        (
            "look.lut",
            f"house.cube (sha256 {SHA}, 7 bytes): 3D, gives primaries bt709, transfer bt709, matrix bt709; "
            "sources without a stated matrix are refused",
        ),
        ("look.image", f"logo.png (sha256 {SHA}, 7 bytes): top, 30x20, 120/1000 of the width, opacity 60 %"),
        ("look.text", "timecode, bottom, 70/1000 of the height, opacity 90 %, sources without one are refused"),
        ("look.text", "timecode, bottom, 70/1000 of the height, opacity 90 %, left out where there is none"),
        ("look.text", "clip name, bottom, 70/1000 of the height, opacity 90 %"),
        ("look.text", '"DRAFT", bottom, 70/1000 of the height, opacity 90 %'),
        ("look.font", f"letters.ttf (sha256 {SHA}, 7 bytes)"),
    ]


def test_a_profile_that_draws_nothing_says_so() -> None:
    assert look_lines(None) == [("look", "-")]
