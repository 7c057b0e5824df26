"""The `[look]` table of a profile or a variant, strictly read, with the files that it names."""

import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from proxx.core.asset_files import (
    LARGEST_CUBE_BYTES,
    LARGEST_FONT_BYTES,
    LARGEST_PNG_BYTES,
    AssetError,
    AssetFiles,
    check_asset_name,
)
from proxx.core.cube import CubeError, read_cube
from proxx.core.look import Asset, Font, ImageMark, Look, Lut, Place, TextKind, TextMark
from proxx.core.planner.colour import PRIMARIES, TABLE_MATRICES, TRANSFERS
from proxx.core.planner.look import OVERLAY_FORMATS
from proxx.core.png import PngError, read_png
from proxx.core.quoting import quote
from proxx.core.table_reader import TableReader
from proxx.core.truetype import FontError, read_font

REFUSE = "refuse"
"""What `unstated_matrix` says where sources that state no matrix are refused."""

LONGEST_TEXT = 64
_PARTS = ("lut", "image", "text", "font")
_LUT_KEYS = ("file", "primaries", "transfer", "matrix", "unstated_matrix")
_IMAGE_KEYS = ("file", "place", "width_permille", "opacity_percent")
_TEXT_KEYS = ("kind", "place", "height_permille", "opacity_percent")
_OWN_KEYS = {TextKind.TEXT: ("text",), TextKind.TIMECODE: ("optional",)}


Content = TypeVar("Content")


def read_look(*, table: TableReader, assets: AssetFiles, pixel_format: str) -> Look | None:
    """Return the look of a profile's or variant's table, None where it has none. Problems go to `table`.

    `assets` are the files that it may name, `pixel_format` is the proxy's.
    """
    value = table.typed("look", dict, "a table")
    if not isinstance(value, dict):
        return None
    reader = _LookReader(origin=f"{table.origin}: look", table=value, assets=assets)
    look = reader.look(pixel_format)
    table.problems += reader.problems
    return look


class _LookReader(TableReader):
    def __init__(self, *, origin: str, table: Mapping[str, object], assets: AssetFiles) -> None:
        super().__init__(origin=origin, table=table)
        self._assets = assets

    def look(self, pixel_format: str) -> Look:
        self.check_keys((), optional=_PARTS)
        if not set(self.table) & set(_PARTS[:3]):
            self.problem("look", "draws nothing: expected lut, image or text")
        texts = tuple(self._text(number, item) for number, item in self.tables("text"))
        image = self._image(pixel_format)
        self._check_places((*texts, *((image,) if image is not None else ())))
        return Look(lut=self._lut(), image=image, texts=texts, font=self._font(texts))

    def _lut(self) -> Lut | None:
        inner = self._part("lut", _LUT_KEYS)
        if inner is None:
            return None
        asset, cube = inner.asset("file", ".cube", LARGEST_CUBE_BYTES, read_cube)
        unstated = inner.word("unstated_matrix", (*sorted(TABLE_MATRICES), REFUSE))
        lut = Lut(
            asset=asset,
            dimensions=cube.dimensions if cube is not None else 0,
            primaries=inner.word("primaries", sorted(PRIMARIES)),
            transfer=inner.word("transfer", sorted(TRANSFERS)),
            matrix=inner.word("matrix", sorted(TABLE_MATRICES)),
            unstated_matrix=None if unstated == REFUSE else unstated,
        )
        self.problems += inner.problems
        return lut

    def _image(self, pixel_format: str) -> ImageMark | None:
        inner = self._part("image", _IMAGE_KEYS)
        if inner is None:
            return None
        if pixel_format and pixel_format not in OVERLAY_FORMATS:
            inner.problem(
                "file",
                f"FFmpeg lays no image over {pixel_format} pictures; expected one of {', '.join(OVERLAY_FORMATS)}",
            )
        asset, size = inner.asset("file", ".png", LARGEST_PNG_BYTES, read_png)
        image = ImageMark(
            asset=asset,
            width=size.width if size is not None else 1,
            height=size.height if size is not None else 1,
            place=inner.place(),
            width_permille=inner.count("width_permille", least=1, most=1000),
            opacity_percent=inner.count("opacity_percent", least=1, most=100),
        )
        self.problems += inner.problems
        return image

    def _text(self, number: int, item: Mapping[str, object]) -> TextMark:
        inner = _LookReader(origin=f"{self.origin}: text[{number}]", table=item, assets=self._assets)
        kind = TextKind(inner.choice("kind", TextKind.TEXT))
        inner.check_keys((*_TEXT_KEYS, *(_OWN_KEYS.get(kind, ()) if "kind" in item else ())))
        text = inner.text("text") if kind is TextKind.TEXT else ""
        if len(text) > LONGEST_TEXT or not all(" " <= character <= "~" for character in text):
            inner.problem("text", f"expected 1 to {LONGEST_TEXT} printable ASCII characters, got {quote(text=text)}")
        mark = TextMark(
            kind=kind,
            text=text,
            place=inner.place(),
            height_permille=inner.count("height_permille", least=5, most=500),
            opacity_percent=inner.count("opacity_percent", least=1, most=100),
            optional=inner.flag("optional") if kind is TextKind.TIMECODE else False,
        )
        self.problems += inner.problems
        return mark

    def _font(self, texts: tuple[TextMark, ...]) -> Font | None:
        if "font" not in self.table:
            if texts:
                self.problem("font", "required key is missing: texts need a font")
            return None
        if not texts:
            self.problem("font", "no text uses it")
        asset, metrics = self.asset("font", ".ttf", LARGEST_FONT_BYTES, read_font)
        return Font(asset=asset, widest_permille=metrics.widest_permille if metrics is not None else 0)

    def _part(self, key: str, keys: tuple[str, ...]) -> "_LookReader | None":
        value = self.typed(key, dict, "a table")
        if not isinstance(value, dict):
            return None
        inner = _LookReader(origin=f"{self.origin}.{key}", table=value, assets=self._assets)
        inner.check_keys(keys)
        return inner

    def place(self) -> Place:
        return Place(self.choice("place", Place.CENTRE))

    def asset(
        self, key: str, suffix: str, limit_bytes: int, read: Callable[[bytes], Content]
    ) -> tuple[Asset, Content | None]:
        """Return the file that a key names, and what it holds; None, and a problem, where it cannot be used."""
        name = self.text(key)
        nothing = Asset(name=name, sha256="", size_bytes=0)
        if not name:
            return nothing, None
        try:
            check_asset_name(name=name, suffix=suffix)
            data = self._assets.read(name=name, limit_bytes=limit_bytes)
            content = read(data)
        except (AssetError, CubeError, PngError, FontError) as error:
            named = "" if isinstance(error, AssetError) else f"{quote(text=name)}: "
            self.problem(key, f"{named}{error}")
            return nothing, None
        return Asset(name=name, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data)), content

    def _check_places(self, marks: tuple[TextMark | ImageMark, ...]) -> None:
        places = [mark.place for mark in marks]
        for place in sorted({place for place in places if places.count(place) > 1}):
            self.problem("place", f"{place.value} is taken twice; each mark has a place of its own")
