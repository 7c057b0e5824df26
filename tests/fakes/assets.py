"""The files of looks, for tests: those that are shipped, and files made of bytes."""

import hashlib
import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import proxx.profiles
from proxx.core.asset_files import AssetError

DIRECTORY = Path(proxx.profiles.__file__).parent / "assets"
FONT = (DIRECTORY / "proxx_mono.ttf").read_bytes()
SHIPPED_ASSETS: Mapping[str, Path] = {
    hashlib.sha256(path.read_bytes()).hexdigest(): path for path in DIRECTORY.iterdir() if path.is_file()
}
"""Where each shipped file lies, by its sha256."""


class MemoryAssets:
    """Implements proxx.core.asset_files.AssetFiles."""

    def __init__(self, **files: bytes) -> None:
        """Take files by name; `logo_png` is the file `logo.png`."""
        self.files = {".".join(name.rsplit("_", 1)): data for name, data in files.items()}

    def read(self, *, name: str, limit_bytes: int) -> bytes:
        if name not in self.files:
            raise AssetError(f"there is no {name}")
        if len(self.files[name]) > limit_bytes:
            raise AssetError(f"{name} is too large")
        return self.files[name]


Colour = tuple[float, float, float]


def cube(function: Callable[[Colour], Colour], *, size: int = 5) -> bytes:
    """Return a table of three dimensions that applies a function of red, green and blue, 0 to 1."""
    steps = [index / (size - 1) for index in range(size)]
    rows = (function((red, green, blue)) for blue in steps for green in steps for red in steps)
    return f"LUT_3D_SIZE {size}\n".encode() + b"".join(b"%.6f %.6f %.6f\n" % row for row in rows)


def inverting(colour: Colour) -> Colour:
    """Return the complement."""
    return 1 - colour[0], 1 - colour[1], 1 - colour[2]


def png(*, width: int, height: int, pixel: Callable[[int, int], tuple[int, int, int, int]], **header: int) -> bytes:
    """Return a PNG of red, green, blue and alpha; `header` overrides depth, colour or interlace."""
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    fields = {"depth": 8, "colour": 6, "interlace": 0, **header}
    first = struct.pack(">IIBBBBB", width, height, fields["depth"], fields["colour"], 0, 0, fields["interlace"])
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, body) for kind, body in ((b"IHDR", first), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def filled(*channels: int) -> Callable[[int, int], tuple[int, int, int, int]]:
    """Return the pixels of one colour: red, green, blue, alpha."""
    red, green, blue, alpha = channels

    def pixel(x: int, y: int) -> tuple[int, int, int, int]:
        return red, green, blue, alpha

    return pixel


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
