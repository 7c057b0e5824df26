"""The `[look]` table of profiles and variants: read exactly, refused with file and key."""

import hashlib

import pytest

from proxx.core.asset_files import AssetFiles
from proxx.core.look import Asset, Font, ImageMark, Look, Lut, Place, TextKind, TextMark
from proxx.core.profile import Profile
from proxx.core.profile_reader import read_profile
from proxx.core.table_reader import ProfileError, load_table
from tests.fakes.assets import FONT, MemoryAssets, cube, filled, inverting, png
from tests.unit.core.test_profile_reader import GOOD, RESOLVE

LOGO = png(width=4, height=2, pixel=filled(255, 0, 0, 128))
CUBE = cube(inverting, size=2)
FILES = MemoryAssets(logo_png=LOGO, house_cube=CUBE, letters_ttf=FONT)
LOOK = """
[look]
font = "letters.ttf"

[look.lut]
file = "house.cube"
primaries = "bt709"
transfer = "bt709"
matrix = "bt709"
unstated_matrix = "refuse"

[look.image]
file = "logo.png"
place = "bottom_right"
width_permille = 120
opacity_percent = 60

[[look.text]]
kind = "timecode"
place = "bottom"
height_permille = 70
opacity_percent = 100
optional = true

[[look.text]]
kind = "text"
text = "DRAFT"
place = "centre"
height_permille = 45
opacity_percent = 50
"""


def asset(name: str, data: bytes) -> Asset:
    return Asset(name=name, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


def read(text: str, assets: AssetFiles = FILES) -> Profile:
    return read_profile(table=load_table(text=text, origin="p.toml"), origin="p.toml", assets=assets)


def problems(text: str, assets: AssetFiles = FILES) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as caught:
        read(text, assets)
    return caught.value.problems


def test_a_whole_look_is_read_with_its_files() -> None:
    assert read(GOOD + LOOK).look == Look(
        lut=Lut(
            asset=asset("house.cube", CUBE),
            dimensions=3,
            primaries="bt709",
            transfer="bt709",
            matrix="bt709",
            unstated_matrix=None,
        ),
        image=ImageMark(
            asset=asset("logo.png", LOGO),
            width=4,
            height=2,
            place=Place.BOTTOM_RIGHT,
            width_permille=120,
            opacity_percent=60,
        ),
        texts=(
            TextMark(
                kind=TextKind.TIMECODE,
                text="",
                place=Place.BOTTOM,
                height_permille=70,
                opacity_percent=100,
                optional=True,
            ),
            TextMark(
                kind=TextKind.TEXT,
                text="DRAFT",
                place=Place.CENTRE,
                height_permille=45,
                opacity_percent=50,
                optional=False,
            ),
        ),
        font=Font(asset=asset("letters.ttf", FONT), widest_permille=600),
    )


def test_a_profile_without_a_look_has_none() -> None:
    assert read(GOOD).look is None


def test_a_file_of_other_bytes_makes_another_profile() -> None:
    files = MemoryAssets(logo_png=LOGO, house_cube=CUBE + b"# one comment more\n", letters_ttf=FONT)
    assert read(GOOD + LOOK, files).digest != read(GOOD + LOOK).digest


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            'font = "letters.ttf"', "", "look: font: required key is missing: texts need a font", id="no font"
        ),
        pytest.param(
            '"letters.ttf"',
            '"logo.png"',
            'look: font: expected a name that ends with .ttf, got "logo.png"',
            id="suffix",
        ),
        pytest.param(
            '"house.cube"',
            '"../house.cube"',
            "look.lut: file: expected a plain file name, 1 to 128 of A-Z a-z 0-9 _ . - (first a letter or digit), "
            'got "../house.cube"',
            id="a path in place of a name",
        ),
        pytest.param('"house.cube"', '"other.cube"', "look.lut: file: there is no other.cube", id="a missing file"),
        pytest.param('primaries = "bt709"\n', "", "look.lut: primaries: required key is missing", id="no primaries"),
        pytest.param(
            'matrix = "bt709"\nun',
            'matrix = "bt2020c"\nun',
            'look.lut: matrix: expected one of bt2020nc, bt470bg, bt709, fcc, smpte170m, smpte240m, got "bt2020c"',
            id="a matrix that the scaler does not make",
        ),
        pytest.param("120", "1001", "look.image: width_permille: expected at most 1000, got 1001", id="too wide"),
        pytest.param(
            "percent = 60", "percent = 0", "look.image: opacity_percent: expected at least 1, got 0", id="unseen"
        ),
        pytest.param(
            "optional = true\n", "", "look: text[0]: optional: required key is missing", id="timecode: or what"
        ),
        pytest.param(
            '"DRAFT"\n', '"DRAFT"\noptional = true\n', "look: text[1]: optional: unknown key", id="optional text"
        ),
        pytest.param(
            '"DRAFT"',
            '"Entwürf"',
            'look: text[1]: text: expected 1 to 64 printable ASCII characters, got "Entwürf"',
            id="a text that is not ASCII",
        ),
        pytest.param(
            '"text"\ntext',
            '"clip_name"\ntext',
            "look: text[1]: text: unknown key",
            id="a text of its own for a clip name",
        ),
        pytest.param(
            '"bottom"',
            '"bottom_right"',
            "look: place: bottom_right is taken twice; each mark has a place of its own",
            id="two marks in one place",
        ),
        pytest.param(
            '"centre"', '"middle"', "look: text[1]: place: expected one of top_left, top,", id="no such place"
        ),
        pytest.param("[look]", "[look]\nblur = 1", "look: blur: unknown key", id="a key that there is not"),
        pytest.param(
            'pixel_format = "yuv420p"',
            'pixel_format = "yuva444p10le"',
            "look.image: file: FFmpeg lays no image over yuva444p10le pictures; expected one of yuv420p, yuv422p, "
            "yuv422p10le",
            id="an image over a format that FFmpeg would convert",
        ),
    ],
)
def test_a_wrong_look_is_refused_by_its_key(old: str, new: str, problem: str) -> None:
    assert old in GOOD + LOOK
    found = problems((GOOD + LOOK).replace(old, new))
    assert len(found) == 1
    assert found[0].startswith(f"p.toml: {problem}")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        pytest.param(
            {"house.cube": b"LUT_3D_SIZE 2\n0 0 0\n"},
            'look.lut: file: "house.cube": line 3: expected 8 rows, got 1 rows at the end of the file',
            id="table",
        ),
        pytest.param(
            {"logo.png": LOGO[:20]},
            "look.image: file: \"logo.png\": expected 13 bytes of chunk b'IHDR' at byte 8, got the end of the file",
            id="image",
        ),
        pytest.param(
            {"letters.ttf": b"wOFF"},
            "look: font: \"letters.ttf\": expected a TrueType font with outlines, got the bytes b'wOFF'",
            id="font",
        ),
    ],
)
def test_a_malformed_file_is_refused_with_its_name_and_the_fact(files: dict[str, bytes], problem: str) -> None:
    given = MemoryAssets()
    given.files = {**FILES.files, **files}
    assert problems(GOOD + LOOK, given) == (f"p.toml: {problem}",)


def test_a_look_that_draws_nothing_is_refused() -> None:
    assert problems(GOOD + "[look]\n") == ("p.toml: look: look: draws nothing: expected lut, image or text",)


def test_a_font_that_no_text_uses_is_refused() -> None:
    text = GOOD + LOOK.replace("[[look.text]]", "[[look.nothing]]")
    assert "p.toml: look: font: no text uses it" in problems(text)


def test_a_resolve_profile_has_no_look() -> None:
    assert problems(RESOLVE + LOOK) == ("p.toml: look: unknown key for this engine",)


def test_the_files_of_a_look_are_listed_once_each_by_digest() -> None:
    look = read(GOOD + LOOK).look
    assert look is not None
    assert [found.name for found in look.assets] == [
        found.name
        for found in sorted(
            (asset("house.cube", CUBE), asset("logo.png", LOGO), asset("letters.ttf", FONT)),
            key=lambda found: found.sha256,
        )
    ]
