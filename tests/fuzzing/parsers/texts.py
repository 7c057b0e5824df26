"""Texts and files that operators and editors write: timecode, presets, profiles, tables of colour, fonts, pictures."""

import contextlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import proxx.presets
import proxx.profiles
from proxx.core.cube import CubeError, read_cube
from proxx.core.png import PngError, read_png
from proxx.core.presets.errors import PresetValidationError
from proxx.core.presets.preset_reader import read_preset
from proxx.core.profile_set import ProfileFile, read_profiles
from proxx.core.quoting import quote
from proxx.core.table_reader import ProfileError
from proxx.core.timecode import Timecode, TimecodeError
from proxx.core.truetype import FontError, read_font
from proxx.runtime.profile_files import builtin_library
from tests.fakes.assets import FONT, MemoryAssets, chunk, filled, png
from tests.fuzzing.parsers.target import Form, Target, hold, shown, text_of

_RATES = tuple(
    Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "60000/1001", "60", "7/3")
)
_PRESETS = Path(proxx.presets.__file__).parent
_PROFILES = Path(proxx.profiles.__file__).parent
_KNOWN = builtin_library().profiles


def _timecode(data: bytes) -> None:
    """Read a label; the first byte picks rate and drop frame."""
    if not data:
        return
    rate, drop = _RATES[data[0] % len(_RATES)], (None, True, False)[data[0] // len(_RATES) % 3]
    try:
        found = Timecode.parse(label=text_of(data[1:]), rate=rate, drop_frame=drop)
    except TimecodeError as error:
        shown(str(error))
        return
    again = Timecode.parse(label=found.label, rate=rate, drop_frame=found.drop_frame)
    hold(again == found, f"{found.label} read again is another timecode")
    found.plus(frames=data[0] * 9973)


def _preset(data: bytes) -> None:
    """Read a preset; the first line is the name of its file."""
    file, _, text = text_of(data).partition("\n")
    try:
        preset = read_preset(text=text, file=file)
    except PresetValidationError as error:
        hold(bool(error.problems), "a refusal without a problem")
        quote(text=str(error))
    else:
        hold(preset.file == file, "a preset of another name was taken")


def _profile(data: bytes) -> None:
    """Read a profile; the first line is the name of its file."""
    origin, _, text = text_of(data).partition("\n")
    assets = MemoryAssets(a_cube=b"LUT_1D_SIZE 2\n0 0 0\n1 1 1\n", font_ttf=FONT)
    try:
        read_profiles(files=(ProfileFile(origin=origin, text=text, assets=assets),), known=tuple(_KNOWN))
    except ProfileError as error:
        hold(bool(error.problems), "a refusal without a problem")


def _only(read: Callable[[bytes], object], error: type[Exception]) -> Callable[[bytes], None]:
    def look(data: bytes) -> None:
        with contextlib.suppress(error):
            read(data)

    return look


def _png(data: bytes) -> None:
    """Read an image as it is, and with every checksum made right."""
    for image in (data, _summed(data)):
        with contextlib.suppress(PngError):
            read_png(image)


def _summed(data: bytes) -> bytes:
    made, at = data[:8], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big") % (len(data) - at - 11)
        made += chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length])
        at += 12 + length
    return made + data[at:]


def _files(directory: Path) -> Callable[[], tuple[bytes, ...]]:
    return lambda: tuple(path.name.encode() + b"\n" + path.read_bytes() for path in sorted(directory.glob("*.toml")))


def _cubes() -> tuple[bytes, ...]:
    return (
        b'# made\nTITLE "x"\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\nLUT_3D_SIZE 2\n' + b"0 .5 1e-1\n" * 8,
        b"LUT_1D_SIZE 3\r\nLUT_1D_INPUT_RANGE 0.0 1.0\r\n0 0 0\r\n.5 +.5 -0.5\r\n1 1 1\r\n",
    )


TARGETS = (
    Target(
        name="timecode",
        look=_timecode,
        seeds=lambda: (b"\x0301:00:00;02", b"\x0101:00:00:23", b"\x0c23:59:59:24", b"\x0010:00:00.00"),
        form=Form.TEXT,
        words=("00", "59", ":", ";", ".", "01:00:00;00"),
        longest=64,
    ),
    Target(name="preset", look=_preset, seeds=_files(_PRESETS), form=Form.TEXT, words=("[[",)),
    Target(name="profile", look=_profile, seeds=_files(_PROFILES), form=Form.TEXT, words=("[[",)),
    Target(
        name="cube",
        look=_only(read_cube, CubeError),
        seeds=_cubes,
        form=Form.TEXT,
        words=("LUT_1D_SIZE ", "LUT_3D_SIZE ", "DOMAIN_MIN", "TITLE", "LUT_3D_INPUT_RANGE", "65536", "1e99"),
        longest=8192,
    ),
    Target(name="truetype", look=_only(read_font, FontError), seeds=lambda: (FONT,), form=Form.BYTES, longest=65536),
    Target(
        name="png",
        look=_png,
        seeds=lambda: (png(width=3, height=2, pixel=filled(255, 0, 0, 255)),),
        form=Form.BYTES,
        longest=4096,
    ),
)
