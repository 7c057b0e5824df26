"""`.cube` tables, strictly read: what FFmpeg would misread, skip or cut is refused with its line.

Source of the format: Adobe, Cube LUT Specification 1.0. Source of the stricter rules: FFmpeg 5.1 reads keywords only
where they begin a line, ignores a domain that stands before the size, never subtracts DOMAIN_MIN, ignores what follows
the last row and cuts lines at 511 bytes; so a table's domain is 0 to 1 and its rows are exactly those it declares.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from proxx.core.quoting import quote

SIZES = {3: (2, 256), 1: (2, 65536)}
"""The least and the largest size by dimensions, as FFmpeg's lut3d and lut1d accept them."""

LONGEST_LINE = 250
LARGEST_VALUE = 1000.0
"""Beyond the range of a picture by far; FFmpeg's integers hold it."""

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_ROW = re.compile(rf"[ \t]*({_NUMBER})[ \t]+({_NUMBER})[ \t]+({_NUMBER})[ \t]*", re.ASCII)
_RANGE = re.compile(rf"[A-Z0-9_]+ +({_NUMBER})[ \t]+({_NUMBER})[ \t]*", re.ASCII)
_SIZE = re.compile(r"LUT_([13])D_SIZE +([1-9][0-9]{0,5})[ \t]*", re.ASCII)
_KEYWORD = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_DOMAIN = {"DOMAIN_MIN": 0.0, "DOMAIN_MAX": 1.0}
_RANGES = ("LUT_1D_INPUT_RANGE", "LUT_3D_INPUT_RANGE")


class CubeError(ValueError):
    """A table that cannot be used. The text names line, expected and actual."""

    def __init__(self, *, line: int, expected: str, actual: str) -> None:
        """Keep the three facts."""
        super().__init__(f"line {line}: expected {expected}, got {actual}")
        self.line = line
        self.expected = expected
        self.actual = actual


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """A sound table: `size` rows for 1 dimension, `size` to the power of three for 3."""

    dimensions: int
    size: int
    rows: int


def read_cube(data: bytes) -> Cube:
    """Return what table the bytes of a `.cube` file hold.

    Raises:
        CubeError: the first line that breaks a rule.
    """
    lines = _lines(data)
    found = _head(lines)
    wanted = found.size**found.dimensions
    last, rows = found.line, 0
    for last, text in lines:
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if rows == 0 and not text.startswith(_RANGES) and _declares(last, text):
            continue
        if rows == wanted:
            raise CubeError(line=last, expected=f"the end after {wanted} rows", actual=quote(text=text, limit=40))
        _check_row(last, text)
        rows += 1
    if rows < wanted:
        raise CubeError(line=last, expected=f"{wanted} rows", actual=f"{rows} rows at the end of the file")
    return Cube(dimensions=found.dimensions, size=found.size, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    line: int
    dimensions: int
    size: int


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(data.split(b"\n"), 1):
        line = raw.removesuffix(b"\r")
        if len(line) > LONGEST_LINE:
            raise CubeError(line=number, expected=f"at most {LONGEST_LINE} bytes", actual=f"{len(line)} bytes")
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            raise CubeError(line=number, expected="text in UTF-8", actual=f"the bytes {line[:20]!r}") from None
        if not text.replace("\t", "").isprintable():
            raise CubeError(line=number, expected="printable text", actual=quote(text=text, limit=40))
        yield number, text


def _head(lines: Iterator[tuple[int, str]]) -> _Head:
    number = 1
    for number, text in lines:
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        match = _SIZE.fullmatch(text)
        if match is not None:
            return _Head(line=number, dimensions=int(match[1]), size=_size(number, match))
        if not _declares(number, text):
            keywords = "TITLE, DOMAIN_MIN, DOMAIN_MAX, LUT_1D_SIZE or LUT_3D_SIZE before the first row"
            raise CubeError(line=number, expected=keywords, actual=quote(text=text, limit=40))
    raise CubeError(line=number, expected="LUT_1D_SIZE or LUT_3D_SIZE", actual="the end of the file")


def _size(number: int, match: re.Match[str]) -> int:
    dimensions, size = int(match[1]), int(match[2])
    least, largest = SIZES[dimensions]
    if not least <= size <= largest:
        raise CubeError(line=number, expected=f"a size of {least} to {largest}", actual=str(size))
    return size


def _declares(number: int, text: str) -> bool:
    """Whether the line is a sound declaration other than the size; False for what is none at all."""
    match = _KEYWORD.match(text)
    keyword = match[0] if match is not None else ""
    if keyword == "TITLE":
        return True
    if keyword in _DOMAIN:
        wanted = _DOMAIN[keyword]
        values = _ROW.fullmatch(text[len(keyword) :])
        if values is None or text[len(keyword)] != " " or any(float(value) != wanted for value in values.groups()):
            expected = f"{keyword} {wanted:.0f} {wanted:.0f} {wanted:.0f}: FFmpeg honours no other domain"
            raise CubeError(line=number, expected=expected, actual=quote(text=text, limit=40))
        return True
    if keyword in _RANGES:
        limits = _RANGE.fullmatch(text)
        if limits is None or (float(limits[1]), float(limits[2])) != (0.0, 1.0):
            expected = f"{keyword} 0 1: FFmpeg honours no other range"
            raise CubeError(line=number, expected=expected, actual=quote(text=text, limit=40))
        return True
    return False


def _check_row(number: int, text: str) -> None:
    match = _ROW.fullmatch(text)
    if match is None:
        raise CubeError(line=number, expected="three finite numbers", actual=quote(text=text, limit=40))
    for value in match.groups():
        if abs(float(value)) > LARGEST_VALUE:
            raise CubeError(
                line=number, expected=f"numbers from -{LARGEST_VALUE:.0f} to {LARGEST_VALUE:.0f}", actual=value
            )
