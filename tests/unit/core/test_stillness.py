"""What counts as a black picture."""

import pytest

from proxx.core.stillness import is_black


@pytest.mark.parametrize(
    ("luma", "black"),
    [
        pytest.param(bytes([16] * 144), True, id="black"),
        pytest.param(bytes([16] * 143 + [32]), True, id="nearly black"),
        pytest.param(bytes([16] * 143 + [33]), False, id="one place is lit"),
        pytest.param(b"", False, id="nothing is known"),
    ],
)
def test_a_picture_is_black_where_no_place_is_lit(luma: bytes, black: bool) -> None:
    assert is_black(luma=luma) is black
