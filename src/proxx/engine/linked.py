"""Which libraries an FFmpeg program loads on this host, by the host's own loader; `ffmpeg -version` names none."""

import hashlib
import re
import struct
from dataclasses import dataclass
from pathlib import Path

ELF_MAGIC = b"\x7fELF"
HEADER_BYTES = 64
FARTHEST = 2**62
"""Beyond any file, and within what a seek takes."""

LARGEST_TABLE = 4096
PT_INTERP = 3

_OWN = ("avcodec", "avfilter", "avformat", "avutil", "swresample", "swscale")
_CODECS = ("SvtAv1Enc", "aom", "dav1d", "kvazaar", "mp3lame", "openh264", "opus", "rav1e", "vorbis", "vorbisenc")
_MORE_CODECS = ("vpx", "x264", "x265")
_TEXT = ("fontconfig", "freetype", "fribidi", "harfbuzz")
_BASE = ("c", "m", "mvec", "stdc++")
CONTENT_LIBRARIES = frozenset(f"lib{name}" for name in (*_OWN, *_CODECS, *_MORE_CODECS, *_TEXT, *_BASE))
"""Whose code can touch a byte of a proxy: FFmpeg's own, codecs, what draws text, and the C library's mathematics."""

_LOADED = re.compile(r"(?P<name>\S+) => (?P<path>/\S.*?|not found)(?: \(0x[0-9a-f]+\))?")


class NotElfError(ValueError):
    """The program is no ELF file: a script, or a program of another kind of system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElfProgram:
    """An ELF file. `loader` is the program that loads its libraries; None for a static one."""

    loader: str | None


def read_elf(*, path: Path) -> ElfProgram:
    """Read which loader an ELF file names.

    Source: the System V ABI, chapters 4 and 5 (ELF header, program header, PT_INTERP).

    Raises:
        NotElfError: it is something else, or damaged.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES or not header.startswith(ELF_MAGIC) or header[4] not in (1, 2):
            raise NotElfError(f"{path} is not an ELF program")
        order, wide = "<" if header[5] == 1 else ">", header[4] == 2
        offset, size, count = _table(header, order, wide=wide)
        file.seek(offset)
        table = file.read(size * count)
        for start in range(0, len(table) - size + 1, size):
            kind, place, length = _segment(table[start : start + size], order, wide=wide)
            if kind == PT_INTERP and length <= LARGEST_TABLE and place <= FARTHEST:
                file.seek(place)
                return ElfProgram(loader=file.read(length).rstrip(b"\0").decode("utf-8", "surrogateescape"))
    return ElfProgram(loader=None)


def listed_libraries(*, listing: str) -> dict[str, Path | None]:
    """Return the libraries that matter from what `LOADER --list PROGRAM` prints: name to file, None for a missing one.

    The name is the library's without `.so` and version, so that two versions of one library meet under one name.
    """
    found: dict[str, Path | None] = {}
    for line in listing.splitlines():
        match = _LOADED.fullmatch(line.strip())
        if match is None:
            continue
        name = match["name"].partition(".")[0]
        if name in CONTENT_LIBRARIES:
            found[name] = None if match["path"] == "not found" else Path(match["path"])
    return dict(sorted(found.items()))


def loaded_files(*, listing: str) -> tuple[Path, ...]:
    """Return every file that what `LOADER --list PROGRAM` prints names as found."""
    matches = (_LOADED.fullmatch(line.strip()) for line in listing.splitlines())
    return tuple(Path(match["path"]) for match in matches if match is not None and match["path"] != "not found")


def describe_file(*, path: Path) -> str:
    """Return the name that a library's file really has (it often holds the version) and the sha256 of its bytes.

    Raises:
        OSError: it cannot be read.
    """
    real = path.resolve(strict=True)
    with real.open("rb") as file:
        return f"{real.name} sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _table(header: bytes, order: str, *, wide: bool) -> tuple[int, int, int]:
    """Offset, entry size and entry count of the program headers."""
    (offset,) = struct.unpack_from(order + ("Q" if wide else "I"), header, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", header, 54 if wide else 42)
    least = 56 if wide else 32
    if size < least or size * count > LARGEST_TABLE or offset > FARTHEST:
        raise NotElfError(f"its program header table is damaged: {count} entries of {size} bytes at byte {offset}")
    return offset, size, count


def _segment(entry: bytes, order: str, *, wide: bool) -> tuple[int, int, int]:
    """Kind, offset and length of one segment."""
    (kind,) = struct.unpack_from(order + "I", entry, 0)
    word, place, length = ("Q", 8, 32) if wide else ("I", 4, 16)
    return kind, struct.unpack_from(order + word, entry, place)[0], struct.unpack_from(order + word, entry, length)[0]
