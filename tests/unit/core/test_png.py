"""PNG images of looks."""

import pytest

from proxx.core.png import PngError, PngSize, read_png
from tests.fakes.assets import chunk, filled, png

red = filled(255, 0, 0, 255)
GOOD = png(width=3, height=2, pixel=red)
END = chunk(b"IEND", b"")


def test_an_image_has_the_size_of_its_header() -> None:
    assert read_png(GOOD) == PngSize(width=3, height=2)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "expected a PNG signature, got the bytes b''", id="empty"),
        pytest.param(b"GIF89a..", "expected a PNG signature, got the bytes b'GIF89a..'", id="another format"),
        pytest.param(GOOD[:30], "expected 13 bytes of chunk b'IHDR' at byte 8, got the end of the file", id="cut"),
        pytest.param(GOOD[: -len(END)], "expected a chunk at byte", id="no end"),
        pytest.param(GOOD[:8] + END, "expected the chunk IHDR of 13 bytes first, got b'IEND' of 0", id="no header"),
        pytest.param(GOOD[:33] + END, "expected a chunk IDAT, got none", id="no picture"),
        pytest.param(GOOD + b"x", "expected the end after IEND, got 1 bytes more", id="more than a picture"),
        pytest.param(
            GOOD[:20] + b"\1" + GOOD[21:],
            "expected a sound chunk b'IHDR' at byte 8, got one whose checksum does not hold",
            id="bit rot",
        ),
        pytest.param(
            GOOD[:33] + chunk(b"acTL", b"\0" * 8) + GOOD[33:],
            "expected a still picture, got an animation (chunk acTL)",
            id="animated",
        ),
        pytest.param(
            png(width=1, height=1, pixel=red, depth=16),
            "expected 8 bits a channel, grey, RGB, grey with alpha, RGB with alpha; got 16 bits and colour type 6",
            id="16 bits",
        ),
        pytest.param(
            png(width=1, height=1, pixel=red, colour=3),
            "expected 8 bits a channel, grey, RGB, grey with alpha, RGB with alpha; got 8 bits and colour type 3",
            id="palette",
        ),
        pytest.param(
            png(width=1, height=1, pixel=red, interlace=1),
            "expected no interlacing, got an interlaced picture",
            id="interlaced",
        ),
        pytest.param(
            png(width=4097, height=1, pixel=red), "expected sides of 1 to 4096 pixels, got 4097x1", id="too wide"
        ),
        pytest.param(png(width=0, height=1, pixel=red), "expected sides of 1 to 4096 pixels, got 0x1", id="no width"),
    ],
)
def test_what_is_no_sound_picture_is_refused_with_the_fact(data: bytes, reason: str) -> None:
    with pytest.raises(PngError) as caught:
        read_png(data)
    assert str(caught.value).startswith(reason)
