"""Looks in planned commands: exact filters, in order, and refusals with their facts."""

import hashlib
from dataclasses import replace
from fractions import Fraction

import pytest

from proxx.core.facts import FieldOrder, MediaFacts, TimecodeFacts, VideoFacts
from proxx.core.look import Asset, Font, ImageMark, Look, Lut, Place, TextKind, TextMark
from proxx.core.plan import Plan, PlanInputs
from proxx.core.planner import PlanRefusedError, plan_clip
from proxx.core.profile import Profile
from proxx.core.roots import RootPath
from proxx.runtime.profile_files import builtin_library
from tests.fakes.media_facts import FACTS, VIDEO, facts_with, inputs_with

LIBRARY = builtin_library()
SCALER = "flags=bicubic+accurate_rnd+full_chroma_int+bitexact:interl=0"


def asset(name: str) -> Asset:
    return Asset(name=name, sha256=hashlib.sha256(name.encode()).hexdigest(), size_bytes=10)


def placeholder(name: str) -> str:
    return f"{{asset:{asset(name).sha256}}}"


FONT = Font(asset=asset("letters.ttf"), widest_permille=600)
LUT = Lut(
    asset=asset("house.cube"),
    dimensions=3,
    primaries="bt709",
    transfer="bt709",
    matrix="bt709",
    unstated_matrix=None,
)
IMAGE = ImageMark(
    asset=asset("logo.png"), width=300, height=200, place=Place.BOTTOM_RIGHT, width_permille=100, opacity_percent=60
)


def text_mark(kind: TextKind, place: Place = Place.BOTTOM, *, text: str = "", optional: bool = False) -> TextMark:
    return TextMark(kind=kind, text=text, place=place, height_permille=50, opacity_percent=100, optional=optional)


def look(*texts: TextMark, lut: Lut | None = None, image: ImageMark | None = None) -> Look:
    return Look(lut=lut, image=image, texts=texts, font=FONT if texts else None)


def profile(drawn: Look, name: str = "proxy_h264_low") -> Profile:
    found = LIBRARY.get(name)
    assert found is not None
    return replace(found, look=drawn, witness=False)


def inputs(
    drawn: Look, *, facts: MediaFacts = FACTS, name: str = "proxy_h264_low", source: str = "A001.mov", **more: str
) -> PlanInputs:
    made = inputs_with(profile=profile(drawn, name), facts=facts, **more)
    return replace(made, source=RootPath(root="media", path=f"day1/{source}"))


def plan(drawn: Look, **more: object) -> Plan:
    return plan_clip(inputs=inputs(drawn, **more))


def graph(planned: Plan) -> str:
    return planned.argv[planned.argv.index("-filter:v:0") + 1]


def refusal(drawn: Look, **more: object) -> tuple[str, str, str]:
    with pytest.raises(PlanRefusedError) as caught:
        plan(drawn, **more)
    (violation,) = caught.value.violations
    return violation.message.partition(": ")[2], violation.expected, violation.actual


def test_a_table_stands_between_two_scalers_before_the_bars() -> None:
    planned = plan(
        look(lut=LUT),
        facts=facts_with(video=replace(VIDEO, width=2048)),
        name="offline_h264_1920x1080",
        resolution="1920x1080",
    )
    assert graph(planned).split(",") == [
        f"scale=w=1920:h=1012:{SCALER}:in_range=tv:out_range=pc:in_color_matrix=bt709",
        "format=pix_fmts=rgb48le",
        f"lut3d=file={placeholder('house.cube')}:interp=tetrahedral",
        f"scale={SCALER}:in_range=pc:out_range=tv:out_color_matrix=bt709",
        "format=pix_fmts=yuv420p",
        "pad=width=1920:height=1080:x=0:y=34:color=black",
        "setsar=sar=1/1:max=2147483647",
        "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709",
    ]


def test_a_table_of_one_dimension_has_its_own_filter() -> None:
    assert f"lut1d=file={placeholder('house.cube')}:interp=linear" in graph(plan(look(lut=replace(LUT, dimensions=1))))


def test_alpha_goes_through_the_table_beside_the_colours() -> None:
    assert "format=pix_fmts=rgba64le" in graph(plan(look(lut=LUT), name="proxy_prores_4444"))


def test_after_a_table_the_tags_are_those_that_it_states() -> None:
    video = replace(VIDEO, color_primaries="bt2020", color_transfer="smpte2084", color_matrix="bt2020nc", bit_depth=10)
    planned = plan(look(lut=LUT), facts=facts_with(video=video), name="proxy_prores_proxy")
    expected = planned.expected
    assert (expected.color_primaries, expected.color_transfer, expected.color_matrix) == ("bt709", "bt709", "bt709")
    assert ":in_color_matrix=bt2020," in graph(planned)
    assert ":out_color_matrix=bt709," in graph(planned)
    assert "the look's table decides the colours: bt709, bt709, bt709" in planned.warnings


@pytest.mark.parametrize(
    ("matrix", "unstated", "read_by"),
    [
        pytest.param(None, "smpte170m", "smpte170m", id="unstated"),
        pytest.param("unknown", "bt709", "bt709", id="stated as unknown"),
        pytest.param("bt2020nc", "bt709", "bt2020", id="what the source states counts"),
    ],
)
def test_a_profile_says_how_a_source_without_matrix_is_read(matrix: str | None, unstated: str, read_by: str) -> None:
    facts = facts_with(video=replace(VIDEO, color_matrix=matrix))
    planned = plan(look(lut=replace(LUT, unstated_matrix=unstated)), facts=facts)
    assert f":in_color_matrix={read_by}," in graph(planned)


@pytest.mark.parametrize(
    ("matrix", "refused"),
    [
        pytest.param(
            None,
            (
                "the look's table needs RGB; the source states no matrix coefficients, and the profile assumes none",
                "stated matrix coefficients",
                "none",
            ),
            id="unstated",
        ),
        pytest.param(
            "ictcp",
            (
                "the look's table needs RGB, and the source's matrix coefficients are not ones that can be undone",
                "bt2020nc, bt470bg, bt709, fcc, smpte170m, smpte240m",
                "ictcp",
            ),
            id="one that cannot be written",
        ),
        pytest.param(
            "bt2020c",
            (
                "the look's table needs RGB, and FFmpeg's scaler does not undo the source's matrix coefficients",
                "bt2020nc, bt470bg, bt709, fcc, smpte170m, smpte240m",
                "bt2020c",
            ),
            id="constant luminance",
        ),
    ],
)
def test_a_source_that_cannot_become_rgb_is_refused_under_a_table(
    matrix: str | None, refused: tuple[str, str, str]
) -> None:
    assert refusal(look(lut=LUT), facts=facts_with(video=replace(VIDEO, color_matrix=matrix))) == refused


def test_an_image_is_scaled_multiplied_by_alpha_and_lies_over_every_frame() -> None:
    planned = plan(look(image=IMAGE), name="proxy_prores_proxy")
    marks = graph(planned).partition("null[look_picture];")[2]
    assert marks == (
        f"movie=filename={placeholder('logo.png')}:format_name=png_pipe:dec_threads=1,"
        f"scale={SCALER},format=pix_fmts=gbrap,premultiply=inplace=1,"
        f"scale=w=192:h=128:{SCALER},format=pix_fmts=gbrap,unpremultiply=inplace=1,"
        f"scale={SCALER},format=pix_fmts=rgba,colorchannelmixer=aa=0.6,"
        f"scale={SCALER}:in_range=pc:out_range=tv:out_color_matrix=bt709,"
        "format=pix_fmts=yuva422p10le,settb=expr=1,setpts=expr=-86400[look_image];"
        "[look_picture][look_image]overlay=x=1670:y=920:eval=init:format=yuv422p10:alpha=straight"
        ":eof_action=repeat:repeatlast=1:shortest=0,format=pix_fmts=yuv422p10le,"
        "setsar=sar=1/1:max=2147483647,"
        "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    )


def test_an_image_keeps_its_shape_on_pixels_that_are_not_square() -> None:
    facts = facts_with(video=replace(VIDEO, width=1440, pixel_aspect=Fraction(4, 3)))
    assert "scale=w=144:h=128:" in graph(plan(look(image=IMAGE), facts=facts))


@pytest.mark.parametrize(
    ("place", "corner"),
    [
        pytest.param(Place.TOP_LEFT, "overlay=x=58:y=32:", id="top left"),
        pytest.param(Place.TOP, "overlay=x=864:y=32:", id="top"),
        pytest.param(Place.TOP_RIGHT, "overlay=x=1670:y=32:", id="top right"),
        pytest.param(Place.CENTRE, "overlay=x=864:y=476:", id="centre"),
        pytest.param(Place.BOTTOM_LEFT, "overlay=x=58:y=920:", id="bottom left"),
        pytest.param(Place.BOTTOM, "overlay=x=864:y=920:", id="bottom"),
        pytest.param(Place.BOTTOM_RIGHT, "overlay=x=1670:y=920:", id="bottom right"),
    ],
)
def test_every_place_is_a_place(place: Place, corner: str) -> None:
    assert corner in graph(plan(look(image=replace(IMAGE, place=place))))


def test_a_timecode_counts_from_the_proxy_s_own_label_at_its_own_rate() -> None:
    rate = Fraction(30000, 1001)
    video = replace(VIDEO, frame_rate=rate, time_base=Fraction(1, 30000))
    label = TimecodeFacts(label="23:59:59;20", drop_frame=True, rate=rate, origin="tmcd")
    planned = plan(look(text_mark(TextKind.TIMECODE)), facts=facts_with(video=video, timecode=label))
    assert (
        f"drawtext=fontfile={placeholder('letters.ttf')}:ft_load_flags=no_hinting:expansion=none"
        r":timecode=23\\:59\\:59\;20:timecode_rate=30000/1001:tc24hmax=1"
        ":fontsize=54:fontcolor=0xFFFFFFFF:box=1:boxcolor=0x00000099:boxborderw=13"
        ":x=(w-text_w)/2:y=h-text_h-45,"
    ) in graph(planned)


@pytest.mark.parametrize(
    ("changes", "facts", "refused"),
    [
        pytest.param(
            {},
            replace(FACTS, timecode=None),
            (
                "its look burns in the timecode, and there is no start timecode that the proxy carries",
                "a start timecode at a constant frame rate",
                "no timecode, constant 25/1 frames a second",
            ),
            id="no timecode",
        ),
        pytest.param(
            {},
            facts_with(video=replace(VIDEO, constant_frame_rate=False)),
            (
                "its look burns in the timecode, and the source's frame rate varies, and a label counts frames of "
                "one rate",
                "a start timecode at a constant frame rate",
                "10:00:00:00, variable 25/1 frames a second",
            ),
            id="variable rate",
        ),
        pytest.param(
            {"fps": Fraction(24000, 1001)},
            replace(
                FACTS, timecode=TimecodeFacts(label="10:00:00:07", drop_frame=False, rate=Fraction(25), origin="tmcd")
            ),
            (
                "its look burns in the timecode, and there is no start timecode that the proxy carries",
                "a start timecode at a constant frame rate",
                "no timecode, constant 24000/1001 frames a second",
            ),
            id="a label that has no counterpart at the rate asked for",
        ),
    ],
)
def test_where_no_label_is_certain_the_timecode_is_refused_or_left_out_and_said(
    changes: dict[str, Fraction], facts: MediaFacts, refused: tuple[str, str, str]
) -> None:
    assert refusal(look(text_mark(TextKind.TIMECODE)), facts=facts, **changes) == refused
    planned = plan(look(text_mark(TextKind.TIMECODE, optional=True)), facts=facts, **changes)
    why = refused[0].removeprefix("its look burns in the timecode, and ")
    assert "drawtext" not in graph(planned)
    assert f"no timecode is burnt in: {why}" in planned.warnings


@pytest.mark.parametrize(
    ("name", "option"),
    [
        pytest.param("A001_C003.mov", "text=A001_C003.mov:", id="plain"),
        pytest.param("%{n} %{pts} 100%.mov", "text=%{n} %{pts} 100%.mov:", id="expansions are off"),
        pytest.param("it's 'x'.mov", r"text=it\\\'s \\\'x\\\'.mov:", id="quotes"),
        pytest.param("a:b,c;d[e]=f.mov", r"text=a\\:b\,c\;d\[e\]=f.mov:", id="separators"),
        pytest.param("a\\b.mov", r"text=a\\\\b.mov:", id="backslash"),
        pytest.param("Été 東京.mov", "text=?t? ??.mov:", id="not in ASCII"),
        pytest.param("a\nb\tc\x7f.mov", "text=a?b?c?.mov:", id="control characters"),
        pytest.param("\u202emov.exe", "text=?mov.exe:", id="right to left"),
        pytest.param("{asset:" + "0" * 64 + "}", r"text={asset\\:" + "0" * 64 + "}:", id="looks like a placeholder"),
    ],
)
def test_a_clip_name_is_drawn_as_it_is_in_ascii(name: str, option: str) -> None:
    drawn = graph(plan(look(text_mark(TextKind.CLIP_NAME)), source=name))
    assert f":ft_load_flags=no_hinting:expansion=none:{option}" in drawn


def test_frame_numbers_have_one_width() -> None:
    drawn = graph(plan(look(text_mark(TextKind.FRAME_NUMBER))))
    assert r":expansion=normal:text=%{eif\\:n\\:d\\:6}:" in drawn
    long = facts_with(video=replace(VIDEO, frame_count=1_000_001))
    assert r"text=%{eif\\:n\\:d\\:7}:" in graph(plan(look(text_mark(TextKind.FRAME_NUMBER)), facts=long))


@pytest.mark.parametrize(
    ("texts", "sizes"),
    [
        pytest.param([("x" * 10, Place.TOP)], [54], id="a short text has the size asked for"),
        pytest.param([("x" * 64, Place.TOP)], [43], id="alone in its row: the whole row"),
        pytest.param([("x" * 64, Place.TOP_LEFT), ("y", Place.TOP_RIGHT)], [21, 54], id="two corners: half each"),
        pytest.param([("x" * 64, Place.TOP_LEFT), ("y", Place.TOP)], [14, 54], id="beside the middle: a third"),
        pytest.param([("x" * 64, Place.TOP), ("y", Place.BOTTOM)], [43, 54], id="rows do not share"),
    ],
)
def test_a_text_that_would_be_wider_than_its_room_is_drawn_smaller(
    texts: list[tuple[str, Place]], sizes: list[int]
) -> None:
    drawn = look(*(text_mark(TextKind.TEXT, place, text=text) for text, place in texts))
    found = [int(part.partition(":")[0]) for part in graph(plan(drawn)).split(":fontsize=")[1:]]
    assert found == sizes


def test_a_text_too_small_to_read_is_said() -> None:
    facts = facts_with(video=replace(VIDEO, width=64, height=64))
    assert (
        "the burnt-in text is 3 pixels high: too small to read"
        in plan(look(text_mark(TextKind.TEXT, text="DRAFT")), facts=facts).warnings
    )


def turned(video: VideoFacts) -> MediaFacts:
    return facts_with(video=replace(video, rotation=90))


def test_what_has_an_upright_is_drawn_on_upright_pixels() -> None:
    kept = plan(look(lut=LUT), facts=turned(VIDEO), container="mov")
    assert (kept.expected.rotation, kept.expected.width) == (90, 1920)
    made = plan(look(text_mark(TextKind.CLIP_NAME)), facts=turned(VIDEO), container="mov")
    assert (made.expected.rotation, made.expected.width, made.expected.height) == (0, 1080, 1920)


def test_fields_become_whole_pictures_under_a_look() -> None:
    video = replace(VIDEO, field_order=FieldOrder.TOP_FIRST)
    planned = plan(look(text_mark(TextKind.CLIP_NAME)), facts=facts_with(video=video))
    assert graph(planned).startswith("bwdif=")
    assert planned.expected.field_order is FieldOrder.PROGRESSIVE


def test_a_look_is_drawn_in_order_table_image_texts() -> None:
    drawn = graph(
        plan(look(text_mark(TextKind.CLIP_NAME), text_mark(TextKind.TIMECODE, Place.TOP), lut=LUT, image=IMAGE))
    )
    places = [drawn.index(word) for word in ("lut3d=", "overlay=", "A001.mov", "timecode=")]
    assert places == sorted(places)


def test_another_file_of_the_same_name_is_another_plan() -> None:
    other = replace(LUT, asset=replace(LUT.asset, sha256="0" * 64))
    assert plan(look(lut=LUT)).digest != plan(look(lut=other)).digest


def test_a_witness_sees_what_the_look_drew() -> None:
    watched = replace(profile(look(text_mark(TextKind.CLIP_NAME))), witness=True)
    argv = plan_clip(inputs=inputs_with(profile=watched)).argv
    drawn = argv[argv.index("-filter_complex") + 1]
    assert drawn.index("drawtext=") < drawn.index("split")


@pytest.mark.parametrize(
    "image",
    [
        replace(IMAGE, place=Place.TOP_LEFT, width_permille=1000),
        replace(IMAGE, place=Place.BOTTOM_RIGHT, width_permille=1000),
        replace(IMAGE, width=200, height=2000, width_permille=300),
    ],
    ids=["as wide as the picture, on the left", "on the right", "taller than the picture"],
)
def test_an_image_that_the_frame_would_cut_off_is_refused(image: ImageMark) -> None:
    with pytest.raises(PlanRefusedError) as caught:
        plan(look(image=image))
    assert "the look's image does not lie within the picture" in str(caught.value)
