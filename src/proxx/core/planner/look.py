"""Looks: the filters that apply a colour table and draw image and texts, in that order (docs/adr/0017).

The table works on full-range RGB of 16 bits, after scaling and before padding, so that bars stay black. Image and texts
are drawn on the finished raster. Every format here was measured to give the same pixels on every CPU: FFmpeg's lut3d
does not on planar formats, where its result depends on fused multiply-add.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

from proxx.core.facts import VideoFacts
from proxx.core.look import ImageMark, Look, Lut, Place, TextKind, TextMark
from proxx.core.plan import PlanInputs, asset_placeholder
from proxx.core.planner.colour import MATRICES, SCALER_MATRIX, TABLE_MATRICES, Colour
from proxx.core.planner.filter_text import escape_filter_value
from proxx.core.planner.labels import Labels
from proxx.core.planner.picture import Picture
from proxx.core.planner.refusal import Refusals
from proxx.core.planner.timing import Timing
from proxx.core.rate import format_rate

OVERLAY_FORMATS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "yuv420p": ("yuv420", "yuva420p"),
        "yuv422p": ("yuv422", "yuva422p"),
        "yuv422p10le": ("yuv422p10", "yuva422p10le"),
    }
)
"""Pixel formats that FFmpeg's overlay draws on as they are: its word for each, and the image's format."""

SMALLEST_LETTERS = 9
"""Pixels of an em below which nobody reads a text."""

FRAME_DIGITS = 6
_MARGIN_PERMILLE = 30
_BOX_OPACITY_PERCENT = 60
_LEFT = (Place.TOP_LEFT, Place.BOTTOM_LEFT)
_RIGHT = (Place.TOP_RIGHT, Place.BOTTOM_RIGHT)
_ROWS = (
    (Place.TOP_LEFT, Place.TOP, Place.TOP_RIGHT),
    (Place.CENTRE,),
    (Place.BOTTOM_LEFT, Place.BOTTOM, Place.BOTTOM_RIGHT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLook:
    """What a look adds to the picture's filters. `colour` is the proxy's after the table.

    `table` stands between two scalers and is empty without a table; `table_format` is the format it works on.
    """

    colour: Colour
    table_format: str
    table: str
    marks: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a look is drawn over, and what its texts may say."""

    picture: Picture
    timing: Timing
    labels: Labels
    colour: Colour


def plan_look(*, inputs: PlanInputs, video: VideoFacts, shown: Shown, refusals: Refusals) -> PlannedLook:
    """Return the filters of the profile's look; without one, nothing is added. Notes why a look cannot be had."""
    look = inputs.profile.look
    warnings: list[str] = []
    if look is None:
        return PlannedLook(colour=shown.colour, table_format="", table="", marks=(), warnings=())
    colour, table = shown.colour, ""
    if look.lut is not None:
        colour = _colour(lut=look.lut, video=video, colour=colour, refusals=refusals)
        table = _table(look.lut)
        warnings.append(f"the look's table decides the colours: {colour.primaries}, {colour.transfer}, {colour.matrix}")
    marks: list[str] = []
    if look.image is not None:
        marks.append(_image(image=look.image, inputs=inputs, picture=shown.picture, colour=colour, refusals=refusals))
    marks += _texts(look=look, inputs=inputs, shown=shown, refusals=refusals, warnings=warnings)
    return PlannedLook(
        colour=colour,
        table_format="rgba64le" if "yuva" in inputs.profile.pixel_format else "rgb48le",
        table=table,
        marks=tuple(marks),
        warnings=tuple(warnings),
    )


def draws_marks(look: Look | None) -> bool:
    """Whether a look draws something that has an upright: the picture is then turned upright."""
    return look is not None and (look.image is not None or bool(look.texts))


def _colour(*, lut: Lut, video: VideoFacts, colour: Colour, refusals: Refusals) -> Colour:
    """Return how the picture is read for the table, and what the table says of the result."""
    stated = colour.matrix
    if stated is None and video.color_matrix not in (None, "unknown", "unspecified", "reserved", *MATRICES):
        refusals.add(
            "the look's table needs RGB, and the source's matrix coefficients are not ones that can be undone",
            expected=", ".join(sorted(TABLE_MATRICES)),
            actual=str(video.color_matrix),
        )
    elif stated is None and lut.unstated_matrix is None:
        refusals.add(
            "the look's table needs RGB; the source states no matrix coefficients, and the profile assumes none",
            expected="stated matrix coefficients",
            actual="none",
        )
    elif stated is not None and stated not in TABLE_MATRICES:
        refusals.add(
            "the look's table needs RGB, and FFmpeg's scaler does not undo the source's matrix coefficients",
            expected=", ".join(sorted(TABLE_MATRICES)),
            actual=stated,
        )
    matrix = stated if stated is not None else lut.unstated_matrix
    return replace(
        colour,
        primaries=lut.primaries,
        transfer=lut.transfer,
        matrix=lut.matrix,
        scaler_in_matrix=SCALER_MATRIX[matrix or lut.matrix],
        scaler_out_matrix=SCALER_MATRIX[lut.matrix],
    )


def _table(lut: Lut) -> str:
    file = asset_placeholder(lut.asset.sha256)
    return f"lut1d=file={file}:interp=linear" if lut.dimensions == 1 else f"lut3d=file={file}:interp=tetrahedral"


def _image(*, image: ImageMark, inputs: PlanInputs, picture: Picture, colour: Colour, refusals: Refusals) -> str:
    """Return the graph that lays the image over the picture.

    The image is scaled with its colours multiplied by alpha, so that what hides under transparent pixels does not
    bleed into its edges; every change of format has a scaler of its own, with the flags that make it exact. Its one
    frame is stamped a day before time 0, so that it lies over every picture.
    """
    word, with_alpha = OVERLAY_FORMATS[inputs.profile.pixel_format]
    width = max(2, _share(picture.width, image.width_permille) // 2 * 2)
    aspect = picture.pixel_aspect or Fraction(1)
    height = max(2, round(Fraction(width * image.height, image.width) * aspect) // 2 * 2)
    scaler = "flags=bicubic+accurate_rnd+full_chroma_int+bitexact:interl=0"
    opacity = f"colorchannelmixer=aa={image.opacity_percent / 100}," if image.opacity_percent < 100 else ""
    x, y = _corner(place=image.place, picture=picture, width=width, height=height)
    if min(x, y) < 0 or x + width > picture.width or y + height > picture.height:
        refusals.add(
            "the look's image does not lie within the picture",
            expected=f"within {picture.width}x{picture.height}",
            actual=f"{width}x{height} at {x},{y}",
        )
    return (
        "null[look_picture];"
        f"movie=filename={asset_placeholder(image.asset.sha256)}:format_name=png_pipe:dec_threads=1,"
        f"scale={scaler},format=pix_fmts=gbrap,premultiply=inplace=1,"
        f"scale=w={width}:h={height}:{scaler},format=pix_fmts=gbrap,unpremultiply=inplace=1,"
        f"scale={scaler},format=pix_fmts=rgba,{opacity}"
        f"scale={scaler}:in_range=pc:out_range=tv:out_color_matrix={colour.scaler_out_matrix},"
        f"format=pix_fmts={with_alpha},settb=expr=1,setpts=expr=-86400[look_image];"
        f"[look_picture][look_image]overlay=x={x}:y={y}:eval=init:format={word}:alpha=straight"
        ":eof_action=repeat:repeatlast=1:shortest=0,"
        f"format=pix_fmts={inputs.profile.pixel_format}"
    )


def _corner(*, place: Place, picture: Picture, width: int, height: int) -> tuple[int, int]:
    side, edge = _share(picture.width, _MARGIN_PERMILLE), _share(picture.height, _MARGIN_PERMILLE)
    row = next(number for number, places in enumerate(_ROWS) if place in places)
    x = (picture.width - width) // 2
    x = side if place in _LEFT else picture.width - width - side if place in _RIGHT else x
    y = (edge, (picture.height - height) // 2, picture.height - height - edge)[row]
    return x // 2 * 2, y // 2 * 2


def _texts(*, look: Look, inputs: PlanInputs, shown: Shown, refusals: Refusals, warnings: list[str]) -> tuple[str, ...]:
    taken = {mark.place for mark in look.texts}
    filters = []
    for mark in look.texts:
        says = _says(mark=mark, inputs=inputs, shown=shown, refusals=refusals, warnings=warnings)
        if says is None or look.font is None:
            continue
        options, characters = says
        picture = shown.picture
        room = _room(mark.place, taken, picture.width)
        largest = room * 1000 // (characters * look.font.widest_permille)
        size = max(1, min(_share(picture.height, mark.height_permille), largest))
        if size < SMALLEST_LETTERS:
            warnings.append(
                f"the burnt-in {mark.kind.value.replace('_', ' ')} is {size} pixels high: too small to read"
            )
        filters.append(_text_filter(mark=mark, options=options, size=size, look=look, picture=picture))
    return tuple(filters)


def _says(
    *, mark: TextMark, inputs: PlanInputs, shown: Shown, refusals: Refusals, warnings: list[str]
) -> tuple[str, int] | None:
    """Return the drawtext options that say what the mark says, and how many characters that is at most."""
    if mark.kind is TextKind.TIMECODE:
        label = _start_label(mark=mark, shown=shown, refusals=refusals, warnings=warnings)
        if label is None:
            return None
        rate = f"timecode_rate={shown.timing.rate.numerator}/{shown.timing.rate.denominator}:tc24hmax=1"
        return f"expansion=none:timecode={escape_filter_value(label)}:{rate}", len(label) + (shown.timing.rate > 100)
    if mark.kind is TextKind.FRAME_NUMBER:
        digits = max(FRAME_DIGITS, len(str(shown.timing.frame_count - 1)))
        return f"expansion=normal:text={escape_filter_value(f'%{{eif:n:d:{digits}}}')}", digits
    text = mark.text if mark.kind is TextKind.TEXT else inputs.source.name
    readable = "".join(character if " " <= character <= "~" else "?" for character in text)
    return f"expansion=none:text={escape_filter_value(readable)}", len(readable)


def _start_label(*, mark: TextMark, shown: Shown, refusals: Refusals, warnings: list[str]) -> str | None:
    """Return the proxy's own start label; None, said or refused, where no frame has one."""
    label = shown.labels.timecode
    if label is not None and shown.timing.constant:
        return label
    if label is None:
        why = "there is no start timecode that the proxy carries"
    else:
        why = "the source's frame rate varies, and a label counts frames of one rate"
    if mark.optional:
        warnings.append(f"no timecode is burnt in: {why}")
        return None
    refusals.add(
        f"its look burns in the timecode, and {why}",
        expected="a start timecode at a constant frame rate",
        actual=f"{label or 'no timecode'}, {'constant' if shown.timing.constant else 'variable'} "
        f"{format_rate(rate=shown.timing.rate)} frames a second",
    )
    return None


def _room(place: Place, taken: set[Place], width: int) -> int:
    """Return how wide a text may be, in pixels: the texts of a row share it, and none reaches into another."""
    row = next(places for places in _ROWS if place in places)
    neighbours = [other for other in row if other in taken]
    parts = 1 if len(neighbours) == 1 else 2 if set(neighbours) == {row[0], row[-1]} else 3
    return max(1, width * (1000 - 4 * _MARGIN_PERMILLE) // 1000 // parts)


def _text_filter(*, mark: TextMark, options: str, size: int, look: Look, picture: Picture) -> str:
    border = max(1, size // 4)
    side = _share(picture.width, _MARGIN_PERMILLE) + border
    edge = _share(picture.height, _MARGIN_PERMILLE) + border
    row = next(number for number, places in enumerate(_ROWS) if mark.place in places)
    x = str(side) if mark.place in _LEFT else f"w-text_w-{side}" if mark.place in _RIGHT else "(w-text_w)/2"
    y = (str(edge), "(h-text_h)/2", f"h-text_h-{edge}")[row]
    font = asset_placeholder(look.font.asset.sha256) if look.font is not None else ""
    ink, box = (_alpha(percent * mark.opacity_percent) for percent in (100, _BOX_OPACITY_PERCENT))
    return (
        f"drawtext=fontfile={font}:ft_load_flags=no_hinting:{options}:fontsize={size}"
        f":fontcolor=0xFFFFFF{ink}:box=1:boxcolor=0x000000{box}:boxborderw={border}:x={x}:y={y}"
    )


def _alpha(per_ten_thousand: int) -> str:
    return f"{(per_ten_thousand * 255 + 5000) // 10000:02X}"


def _share(length: int, permille: int) -> int:
    return (length * permille + 500) // 1000
