"""Looks drawn by the real FFmpeg: what the planned filters draw is looked at, pixel by pixel."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from proxx.core.facts import TimecodeFacts
from proxx.core.look import Lut, Place, TextKind
from proxx.core.rate import nominal_rate
from proxx.core.timecode import Timecode
from tests.fakes.media_facts import VIDEO, facts_with
from tests.media.easel import BLACK, HEIGHT, WIDTH, Easel, frames, image, look, lut, pixels, small, text_mark

pytestmark = [
    pytest.mark.media,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]


@pytest.fixture
def easel(tmp_path: Path) -> Easel:
    return Easel(tmp_path / "assets")


def patches() -> Iterator[tuple[int, tuple[int, int, int]]]:
    """Eight patches of 40 pixels: where each one's middle is, and its colour."""
    colours = [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
        (0, 0, 0),
        (128, 128, 128),
        (200, 60, 20),
        (20, 90, 180),
    ]
    return ((40 * index + 20, colour) for index, colour in enumerate(colours))


def patched() -> str:
    """A picture of the patches in limited-range BT.709."""
    boxes = ",".join(
        f"drawbox=x={middle - 20}:y=0:w=40:h=ih:t=fill:color=0x{red:02X}{green:02X}{blue:02X}"
        for middle, (red, green, blue) in patches()
    )
    to_yuv = "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=yuv444p"
    return f"{BLACK}:r=25,format=gbrp,{boxes},{to_yuv}"


def near(found: tuple[int, int, int], wanted: tuple[int, int, int], tolerance: int = 4) -> bool:
    return all(abs(one - two) <= tolerance for one, two in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("table", "profile"),
    [
        pytest.param(lut("invert.cube"), "proxy_h264_low", id="3 dimensions, 8 bits"),
        pytest.param(lut("invert.cube"), "proxy_prores_proxy", id="3 dimensions, 10 bits"),
        pytest.param(lut("invert.cube"), "proxy_prores_4444", id="3 dimensions, with alpha"),
        pytest.param(lut("curve.cube", 1), "proxy_prores_proxy", id="1 dimension"),
    ],
)
def test_an_inverting_table_gives_the_complement_of_every_colour(easel: Easel, table: Lut, profile: str) -> None:
    found = pixels(patched(), easel.graph(look(table=table), profile=profile))
    shown = {middle: found[middle, 90] for middle, _ in patches()}
    wrong = {
        middle: (shown[middle], colour)
        for middle, colour in patches()
        if not near(shown[middle], (255 - colour[0], 255 - colour[1], 255 - colour[2]))
    }
    assert wrong == {}


def test_a_table_that_changes_nothing_changes_nothing(easel: Easel) -> None:
    found = pixels(patched(), easel.graph(look(table=lut("identity.cube")), profile="proxy_prores_4444"))
    assert {middle: found[middle, 90] for middle, colour in patches() if not near(found[middle, 90], colour, 1)} == {}


def test_bars_stay_black_under_an_inverting_table(easel: Easel) -> None:
    facts = facts_with(video=replace(VIDEO, width=WIDTH, height=120))
    graph = easel.graph(
        look(table=lut("invert.cube")), facts=facts, profile="offline_h264_1920x1080", resolution="1920x1080"
    )
    found = pixels(f"color=black:s={WIDTH}x120:r=25,format=yuv420p", graph, width=1920)
    assert [found[960, line] for line in (0, 10, 1079)] == [(0, 0, 0)] * 3
    assert near(found[960, 540], (255, 255, 255))


@pytest.mark.parametrize("profile", ["proxy_h264_low", "proxy_prores_proxy"])
def test_an_image_lies_at_its_place_and_nowhere_else(easel: Easel, profile: str) -> None:
    found = pixels(f"{BLACK}:r=25,format=yuv420p", easel.graph(look(mark=image()), profile=profile))
    red = {place for place, colour in found.items() if near(colour, (255, 0, 0), 12)}
    drawn = {place for place, colour in found.items() if not near(colour, (0, 0, 0))}
    # 200 permille of 320 pixels, shape 2:1, 3 % from the edges, on even pixels
    inside = {(x, y) for x in range(246, 310) for y in range(142, 174)}
    assert {(x, y) for x, y in inside if 248 <= x < 308 and 144 <= y < 172} <= red <= inside
    assert drawn <= {(x, y) for x in range(240, 316) for y in range(136, 180)}


def test_half_an_opacity_is_half_a_colour(easel: Easel) -> None:
    found = pixels(
        f"{BLACK}:r=25,format=yuv420p", easel.graph(look(mark=image(opacity=50)), profile="proxy_prores_proxy")
    )
    assert near(found[280, 158], (128, 0, 0), 6)


def test_a_text_stands_on_its_box_inside_the_picture(easel: Easel) -> None:
    found = pixels(
        "color=gray:s=320x180:r=25,format=yuv420p", easel.graph(look(text_mark(TextKind.TEXT, text="##########")))
    )
    bright = [place for place, colour in found.items() if near(colour, (255, 255, 255), 8)]
    left, right = min(x for x, _ in bright), max(x for x, _ in bright)
    top, bottom = min(y for _, y in bright), max(y for _, y in bright)
    assert abs((left + right) / 2 - 160) <= 2
    assert (100 <= right - left <= 125, 10 <= bottom - top <= 16, top >= 150, bottom <= 175) == (True, True, True, True)
    assert found[left - 3, (top + bottom) // 2][0] < 80
    assert near(found[160, 20], (128, 128, 128), 3)


RATES = [
    pytest.param("23:59:59:20", Fraction(24000, 1001), False, id="23.976 over midnight"),
    pytest.param("00:59:59:20", Fraction(25), False, id="25"),
    pytest.param("01:00:59:20", Fraction(30000, 1001), False, id="29.97 without drop-frame"),
    pytest.param("01:00:59:20", Fraction(30000, 1001), True, id="29.97 drop-frame over a minute that drops"),
    pytest.param("01:09:59:20", Fraction(30000, 1001), True, id="29.97 drop-frame over a tenth minute"),
    pytest.param("23:59:59:20", Fraction(30000, 1001), True, id="29.97 drop-frame over midnight"),
    pytest.param("01:00:59:50", Fraction(60000, 1001), True, id="59.94 drop-frame over a minute that drops"),
    pytest.param("01:09:59:50", Fraction(60000, 1001), True, id="59.94 drop-frame over a tenth minute"),
    pytest.param("23:59:59:50", Fraction(60000, 1001), True, id="59.94 drop-frame over midnight"),
    pytest.param("10:00:00:49", Fraction(50), False, id="50"),
    pytest.param("10:00:00:95", Fraction(120000, 1001), True, id="119.88 drop-frame into three digits"),
]


def shown_as(timecode: Timecode) -> str:
    """Above 100 frames a second FFmpeg writes every frame number in three digits."""
    head, frame = timecode.label[:9], timecode.label[9:]
    return f"{head}{frame:>03}" if timecode.rate > 100 else timecode.label


@pytest.mark.parametrize(("label", "rate", "drop"), RATES)
def test_every_frame_shows_the_label_that_timecode_arithmetic_gives_it(
    easel: Easel, label: str, rate: Fraction, drop: bool
) -> None:
    start = Timecode.parse(label=label, rate=rate, drop_frame=drop)
    count = nominal_rate(rate=rate) // 2
    facts = small(timecode=TimecodeFacts(label=start.label, drop_frame=drop, rate=rate, origin="tmcd"))
    video = facts.video
    assert video is not None
    facts = replace(facts, video=replace(video, frame_rate=rate, time_base=1 / rate))
    drawn = easel.graph(look(text_mark(TextKind.TIMECODE)), facts=facts)
    picked = sorted({0, 1, 4, 5, 9, 10, count - 1})
    before, _, after = drawn.partition("drawtext=")
    plain = ",".join(
        easel.reference(shown_as(start.plus(frames=frame)), drawn=drawn, size=20, frame=frame) for frame in picked
    )
    expected = frames(BLACK, f"{before}{plain},{after.partition(',')[2]}", rate=str(rate), count=count)
    found = frames(BLACK, drawn, rate=str(rate), count=count)
    assert [found[frame] for frame in picked] == [expected[frame] for frame in picked]
    assert len(set(found)) == count


def test_frame_numbers_count_from_zero_in_six_digits(easel: Easel) -> None:
    drawn = easel.graph(look(text_mark(TextKind.FRAME_NUMBER)))
    before, _, after = drawn.partition("drawtext=")
    plain = ",".join(easel.reference(f"{frame:06d}", drawn=drawn, size=20, frame=frame) for frame in range(12))
    expected = frames(BLACK, f"{before}{plain},{after.partition(',')[2]}", count=12)
    assert frames(BLACK, drawn, count=12) == expected


NAMES = [
    pytest.param("%{n}.mov", "%{n}.mov", id="an expansion"),
    pytest.param("%{pts:hms} %d 100%.mov", "%{pts:hms} %d 100%.mov", id="more expansions"),
    pytest.param("it's 'so'.mov", "it's 'so'.mov", id="quotes"),
    pytest.param("a:b,c;d[e]=f.mov", "a:b,c;d[e]=f.mov", id="separators"),
    pytest.param("\\\\n \\a.mov", "\\\\n \\a.mov", id="backslashes"),
    pytest.param(" lead trail ", " lead trail ", id="spaces at the ends"),
    pytest.param("a\nb.mov", "a?b.mov", id="a line break"),
    pytest.param("\u00c9t\u00e9 \u6771.mov", "?t? ?.mov", id="not in ASCII"),
    pytest.param("\u202egpj.mov", "?gpj.mov", id="right to left"),
    pytest.param("{asset:" + "0" * 20 + "}", "{asset:" + "0" * 20 + "}", id="a placeholder"),
    pytest.param('$(id);`id`|&<>"!#*?', '$(id);`id`|&<>"!#*?', id="what a shell would like"),
]


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_a_hostile_name_is_drawn_letter_by_letter(easel: Easel, name: str, shown: str) -> None:
    drawn = easel.graph(look(text_mark(TextKind.CLIP_NAME)), name=name)
    size = int(drawn.partition(":fontsize=")[2].partition(":")[0])
    before, _, after = drawn.partition("drawtext=")
    rest = after[after.index(":y=") :].partition(",")[2]
    plain = easel.reference(shown, drawn=drawn, size=size)
    assert frames(BLACK, drawn) == frames(BLACK, f"{before}{plain},{rest}")
    assert frames(BLACK, drawn) != frames(BLACK, f"{before}{rest}")


@pytest.mark.parametrize(
    "directory",
    [
        pytest.param("a:b", id="colon"),
        pytest.param("it's", id="quote"),
        pytest.param("[x],;=", id="separators"),
        pytest.param("b\\n", id="backslash"),
        pytest.param(" a  ", id="spaces"),
        pytest.param("%{n}\u00e9\n", id="expansion, accent, line break"),
    ],
)
def test_files_are_found_whatever_their_directory_is_called(tmp_path: Path, directory: str) -> None:
    drawn = look(text_mark(TextKind.TEXT, text="x"), table=lut("warm.cube"), mark=image())
    plain, hostile = Easel(tmp_path / "plain"), Easel(tmp_path / directory)
    source = f"testsrc2=s={WIDTH}x{HEIGHT}"
    assert frames(source, hostile.graph(drawn)) == frames(source, plain.graph(drawn))


LEVELS = (("0", 1), ("sse4.2", 2), ("avx2", 1), ("avx2+fma3", 2), ("all", 2))
"""FFmpeg's -cpuflags and -filter_threads: no SIMD, x86-64-v2, AVX2, with fused multiply-add, all of this CPU."""


@pytest.mark.parametrize("profile", ["proxy_h264_low", "proxy_prores_proxy"])
def test_a_look_is_the_same_on_every_cpu_and_any_number_of_threads(easel: Easel, profile: str) -> None:
    drawn = easel.graph(
        look(
            text_mark(TextKind.TIMECODE),
            text_mark(TextKind.CLIP_NAME, Place.TOP_LEFT),
            table=lut("warm.cube"),
            mark=image("ghost.png", opacity=70),
        ),
        profile=profile,
        resolution="half",
    )
    source = f"testsrc2=s={WIDTH}x{HEIGHT}"
    made = {
        (flags, threads): frames(source, drawn, before=("-cpuflags", flags, "-filter_threads", str(threads)), count=4)
        for flags, threads in LEVELS
    }
    assert len({tuple(found) for found in made.values()}) == 1, made
