"""A profile's look for people: one line for each thing that is drawn, each with its file and digest."""

from proxx.core.look import Asset, ImageMark, Look, Lut, TextKind, TextMark


def look_lines(look: Look | None) -> list[tuple[str, str]]:
    """Return pairs of a word and what it stands for; one pair, `look` and a dash, where nothing is drawn."""
    if look is None:
        return [("look", "-")]
    lines = [] if look.lut is None else [("look.lut", _lut(look.lut))]
    lines += [] if look.image is None else [("look.image", _image(look.image))]
    lines += [("look.text", _text(mark)) for mark in look.texts]
    return lines + ([] if look.font is None else [("look.font", _file(look.font.asset))])


def _lut(lut: Lut) -> str:
    reads = f"read as {lut.unstated_matrix}" if lut.unstated_matrix is not None else "refused"
    gives = f"gives primaries {lut.primaries}, transfer {lut.transfer}, matrix {lut.matrix}"
    return f"{_file(lut.asset)}: {lut.dimensions}D, {gives}; sources without a stated matrix are {reads}"


def _image(image: ImageMark) -> str:
    size = f"{image.width}x{image.height}, {image.width_permille}/1000 of the width"
    return f"{_file(image.asset)}: {image.place.value}, {size}, opacity {image.opacity_percent} %"


def _text(mark: TextMark) -> str:
    words = [f'"{mark.text}"' if mark.kind is TextKind.TEXT else mark.kind.value.replace("_", " ")]
    words.append(f"{mark.place.value}, {mark.height_permille}/1000 of the height, opacity {mark.opacity_percent} %")
    if mark.kind is TextKind.TIMECODE:
        words.append("left out where there is none" if mark.optional else "sources without one are refused")
    return ", ".join(words)


def _file(asset: Asset) -> str:
    return f"{asset.name} (sha256 {asset.sha256}, {asset.size_bytes} bytes)"
