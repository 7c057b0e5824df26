"""`.cube` tables: read as FFmpeg reads them, and refused where it would misread them."""

import pytest

from proxx.core.cube import Cube, CubeError, read_cube
from tests.fakes.assets import cube, inverting

CURVE = b'TITLE "a curve"\n\n# comment\nLUT_1D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1.0 1.0 1.0\n0 0 0\n 1 .5 1e0\n'


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(cube(inverting, size=2), Cube(dimensions=3, size=2, rows=8), id="three dimensions"),
        pytest.param(CURVE, Cube(dimensions=1, size=2, rows=2), id="one dimension, with everything it may say"),
        pytest.param(CURVE.replace(b"\n", b"\r\n"), Cube(dimensions=1, size=2, rows=2), id="line ends of Windows"),
        pytest.param(CURVE.rstrip(), Cube(dimensions=1, size=2, rows=2), id="no line end at the end"),
        pytest.param(CURVE + b"\n# end\n\n", Cube(dimensions=1, size=2, rows=2), id="comments after the rows"),
        pytest.param(
            b"LUT_3D_INPUT_RANGE 0.0 1.0\n" + cube(inverting, size=2),
            Cube(dimensions=3, size=2, rows=8),
            id="range of Resolve before the size",
        ),
        pytest.param(
            CURVE.replace(b"0 0 0\n 1", b"-0.25 0 2\n 1"), Cube(dimensions=1, size=2, rows=2), id="beyond 0..1"
        ),
    ],
)
def test_a_sound_table_is_read(data: bytes, found: Cube) -> None:
    assert read_cube(data) == found


ROWS = "three finite numbers"
KEYWORDS = "TITLE, DOMAIN_MIN, DOMAIN_MAX, LUT_1D_SIZE or LUT_3D_SIZE before the first row"


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        pytest.param(CURVE, b"", "line 1: expected LUT_1D_SIZE or LUT_3D_SIZE, got the end of the file", id="empty"),
        pytest.param(b"LUT_1D_SIZE 2", b"LUT_1D_SIZE 1", "line 4: expected a size of 2 to 65536, got 1", id="size 1"),
        pytest.param(
            b"LUT_1D_SIZE 2", b"LUT_3D_SIZE 257", "line 4: expected a size of 2 to 256, got 257", id="size 257"
        ),
        pytest.param(
            b"LUT_1D_SIZE 2", b"LUT_1D_SIZE 02", f'line 4: expected {KEYWORDS}, got "LUT_1D_SIZE 02"', id="octal size"
        ),
        pytest.param(
            b"LUT_1D_SIZE 2",
            b" LUT_1D_SIZE 2",
            f'line 4: expected {KEYWORDS}, got " LUT_1D_SIZE 2"',
            id="indented size",
        ),
        pytest.param(b"LUT_1D_SIZE 2\n", b"", f'line 6: expected {KEYWORDS}, got "0 0 0"', id="no size"),
        pytest.param(
            b"DOMAIN_MIN 0 0 0",
            b"DOMAIN_MIN 0 0 0.1",
            'line 5: expected DOMAIN_MIN 0 0 0: FFmpeg honours no other domain, got "DOMAIN_MIN 0 0 0.1"',
            id="another domain",
        ),
        pytest.param(
            b"DOMAIN_MAX 1.0 1.0 1.0",
            b"DOMAIN_MAX",
            'line 6: expected DOMAIN_MAX 1 1 1: FFmpeg honours no other domain, got "DOMAIN_MAX"',
            id="a domain without numbers",
        ),
        pytest.param(
            b"# comment",
            b"LUT_1D_INPUT_RANGE 0 2",
            'line 3: expected LUT_1D_INPUT_RANGE 0 1: FFmpeg honours no other range, got "LUT_1D_INPUT_RANGE 0 2"',
            id="another range",
        ),
        pytest.param(
            b"DOMAIN_MIN 0 0 0",
            b"LUT_3D_INPUT_RANGE 0 1",
            f'line 5: expected {ROWS}, got "LUT_3D_INPUT_RANGE 0 1"',
            id="a range after the size",
        ),
        pytest.param(b"1 .5 1e0", b"1 .5", f'line 8: expected {ROWS}, got " 1 .5"', id="two numbers"),
        pytest.param(b"1 .5 1e0", b"1 .5 1 1", f'line 8: expected {ROWS}, got " 1 .5 1 1"', id="four numbers"),
        pytest.param(b"1 .5 1e0", b"1 .5 nan", f'line 8: expected {ROWS}, got " 1 .5 nan"', id="not a number"),
        pytest.param(b"1 .5 1e0", b"1 .5 inf", f'line 8: expected {ROWS}, got " 1 .5 inf"', id="infinite"),
        pytest.param(b"1 .5 1e0", b"1 .5 0x1p3", f'line 8: expected {ROWS}, got " 1 .5 0x1p3"', id="hexadecimal"),
        pytest.param(b"1 .5 1e0", b"1,5 1 1", f'line 8: expected {ROWS}, got " 1,5 1 1"', id="decimal comma"),
        pytest.param(
            b"1 .5 1e0", b"1 .5 1e4", "line 8: expected numbers from -1000 to 1000, got 1e4", id="beyond all pictures"
        ),
        pytest.param(
            b" 1 .5 1e0\n", b"", "line 8: expected 2 rows, got 1 rows at the end of the file", id="a row short"
        ),
        pytest.param(
            b" 1 .5 1e0\n", b"1 1 1\n1 1 1\n", 'line 9: expected the end after 2 rows, got "1 1 1"', id="a row too many"
        ),
        pytest.param(
            b" 1 .5 1e0\n",
            b"TITLE 1 1\n1 1 1\n",
            f'line 8: expected {ROWS}, got "TITLE 1 1"',
            id="a title among the rows",
        ),
        pytest.param(
            b"# comment", b"# \xff", "line 3: expected text in UTF-8, got the bytes b'# \\xff'", id="no UTF-8"
        ),
        pytest.param(b"# comment", b"# \x00", 'line 3: expected printable text, got "# \\u0000"', id="a NUL"),
        pytest.param(b"TITLE", b"\xef\xbb\xbfTITLE", 'line 1: expected printable text, got "\\ufeffTITLE', id="a mark"),
        pytest.param(b"# comment", b"#" * 251, "line 3: expected at most 250 bytes, got 251 bytes", id="a long line"),
    ],
)
def test_a_table_that_ffmpeg_would_misread_is_refused_with_line_expected_and_actual(
    old: bytes, new: bytes, refusal: str
) -> None:
    assert old in CURVE
    with pytest.raises(CubeError) as caught:
        read_cube(CURVE.replace(old, new))
    assert str(caught.value).startswith(refusal)
