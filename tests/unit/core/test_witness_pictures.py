"""Thumbnails compared: what coding does to pictures passes, what faults do to them is measured."""

import random
from dataclasses import replace

import pytest

from proxx.core.witness import PictureWitness, Thumbnails, compare_pictures, thumbnail_raster

SIZE = Thumbnails(columns=8, rows=6, pairs=False)
FRAMES = 12


def moving(frame: int) -> bytes:
    """A bright bar that crosses a dark picture, two columns a frame."""
    rows = [[200 if (column - 2 * frame) % 8 < 3 else 40 for column in range(8)] for _ in range(6)]
    return bytes(value for row in rows for value in row) + bytes([110] * 12 + [140] * 12)


def coded(picture: bytes, seed: int) -> bytes:
    """The same picture after a lossy codec: every sample up to two levels off."""
    noise = random.Random(seed)
    return bytes(value + noise.randint(-2, 2) for value in picture)


PLANNED = [moving(frame) for frame in range(FRAMES)]
FOUND = [coded(picture, seed) for seed, picture in enumerate(PLANNED)]


def compared(found: list[bytes], *, planned: list[bytes] = PLANNED, size: Thumbnails = SIZE) -> PictureWitness:
    return compare_pictures(
        pairs=zip(planned, found, strict=False),
        planned=len(planned),
        found=len(found),
        thumbnails=size,
        least_motion=2.0,
    )


def test_a_faithful_proxy_differs_by_its_codings_noise_alone() -> None:
    report = compared(FOUND)

    assert (report.planned, report.found, report.moving) == (FRAMES, FRAMES, FRAMES - 1)
    assert report.difference < 2000
    assert report.cell <= 2
    assert report.contrast is not None
    assert abs(report.contrast - 1000) < 10
    assert report.slip < 100
    assert (report.weave, report.weave_frame, report.apart) == (None, None, None)


def test_equal_pictures_measure_nothing() -> None:
    assert compared(PLANNED) == PictureWitness(
        planned=FRAMES,
        found=FRAMES,
        difference=0,
        difference_frame=0,
        cell=0,
        cell_frame=0,
        contrast=1000,
        moving=FRAMES - 1,
        slip=0,
        slip_frame=0,
        apart=None,
        weave=None,
        weave_frame=None,
    )


def test_the_worst_frame_is_named() -> None:
    black = bytes(SIZE.size)
    report = compared([*FOUND[:7], black, *FOUND[8:]])

    assert (report.difference_frame, report.cell_frame, report.cell) == (7, 7, 200)
    assert report.difference > 80_000


@pytest.mark.parametrize(
    ("found", "frame"),
    [
        pytest.param([*FOUND[:4], *FOUND[5:9], FOUND[8], *FOUND[9:]], 4, id="one lost and another doubled"),
        pytest.param([*FOUND[:4], FOUND[5], FOUND[4], *FOUND[6:]], 4, id="two exchanged"),
        pytest.param([FOUND[0], *FOUND[:-1]], 1, id="all one late"),
    ],
)
def test_a_frame_that_shows_its_neighbour_lies_all_the_way_there(found: list[bytes], frame: int) -> None:
    report = compared(found)

    assert report.slip > 900
    assert report.slip_frame is not None
    assert report.slip_frame >= frame


def test_pictures_that_stand_still_have_no_order() -> None:
    still = [PLANNED[0]] * FRAMES
    report = compared([coded(picture, seed) for seed, picture in enumerate(still)], planned=still)

    assert (report.moving, report.slip, report.slip_frame) == (0, 0, None)


def test_a_change_of_range_is_a_change_of_contrast() -> None:
    full = [bytes(min(255, round((value - 16) * 255 / 219)) for value in picture) for picture in PLANNED]

    assert compared(full).contrast == 1162  # 255 / 219, rounded to whole levels


def test_a_flat_clip_says_nothing_of_contrast() -> None:
    grey = [bytes([128]) * SIZE.size] * FRAMES

    assert compared(grey, planned=grey).contrast is None


def test_what_one_side_lacks_is_counted_and_not_compared() -> None:
    report = compared(FOUND[:5])

    assert (report.planned, report.found) == (FRAMES, 5)
    assert report.difference < 2000


def test_nothing_to_compare_is_no_frame() -> None:
    report = compared([])

    assert (report.difference_frame, report.cell_frame, report.contrast) == (None, None, None)


PAIRS = replace(SIZE, pairs=True)


def woven(frame: int) -> bytes:
    """Every second row shows the bar where it is half a frame later."""
    rows = [[200 if (column - 2 * frame - row % 2) % 8 < 3 else 40 for column in range(8)] for row in range(6)]
    return bytes(value for row in rows for value in row) + bytes([110] * 12 + [140] * 12)


def stacked(whole: bytes, other: bytes) -> bytes:
    """Two thumbnails as one picture of twice the height."""
    planes = ((0, 48), (48, 60), (60, 72))
    return b"".join(whole[start:end] + other[start:end] for start, end in planes)


def test_a_pair_is_taken_apart_plane_by_plane() -> None:
    assert PAIRS.split(stacked(PLANNED[3], woven(3))) == (PLANNED[3], woven(3))


def test_a_proxy_of_whole_pictures_lies_off_the_way_to_woven_ones() -> None:
    planned = [stacked(PLANNED[frame], woven(frame)) for frame in range(FRAMES)]
    report = compared(FOUND, planned=planned, size=PAIRS)

    assert report.apart == FRAMES
    assert report.weave is not None
    assert report.weave < 100
    assert report.difference < 2000


def test_a_proxy_of_woven_fields_lies_all_the_way_there() -> None:
    planned = [stacked(PLANNED[frame], woven(frame)) for frame in range(FRAMES)]
    report = compared([coded(woven(frame), frame) for frame in range(FRAMES)], planned=planned, size=PAIRS)

    assert report.weave is not None
    assert report.weave > 900


def test_pairs_of_equal_pictures_say_that_nothing_made_them_whole() -> None:
    planned = [stacked(PLANNED[frame], PLANNED[frame]) for frame in range(FRAMES)]

    assert compared(FOUND, planned=planned, size=PAIRS).apart == 0


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        pytest.param(1920, 1080, (32, 18), id="high definition"),
        pytest.param(1080, 1920, (32, 18), id="upright"),
        pytest.param(160, 90, (32, 18), id="quarter of a quarter"),
        pytest.param(40, 22, (10, 4), id="no cell below four pixels"),
        pytest.param(2, 2, (2, 2), id="the smallest"),
    ],
)
def test_a_thumbnail_is_never_finer_than_four_pixels(width: int, height: int, expected: tuple[int, int]) -> None:
    assert thumbnail_raster(width=width, height=height) == expected
