"""DNxHD: the rasters, scans, sample depths and frame rates that exist. Anything else is refused before FFmpeg sees it.

Source: SMPTE ST 2019-1 (VC-3), which gives each compression id one raster, one scan and one frame size, and the project
formats of Media Composer, which say at which rates it is used. Frame sizes and the words of `-b:v` were measured on
FFmpeg 5.1. An id has no bit rate of its own: its frames have one size, so the rate in Mbit/s follows from the frame
rate (36 at 24 frames a second is 75 at 50). `-b:v` only picks the id.
"""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.planner.refusal import Refusals
from proxx.core.profile import Profile
from proxx.core.rate import format_rate

_FILM_24, _NTSC_30, _NTSC_60 = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)
_P1080 = (_FILM_24, Fraction(24), Fraction(25), _NTSC_30, Fraction(50), _NTSC_60)
_I1080 = (Fraction(25), _NTSC_30)
_P720 = (_FILM_24, Fraction(25), _NTSC_30, Fraction(50), _NTSC_60)
_THIN_720 = (_FILM_24, Fraction(25), Fraction(50), _NTSC_60)
_THIN_1080 = (_FILM_24, Fraction(25), _NTSC_30)
_NOT_SQUARE = "its pixels are not square, which MXF as FFmpeg writes it cannot say"
_NO_ENCODER = "FFmpeg's encoder does not write it"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressionId:
    """One compression id. `frame_bytes` is the size of every coded frame; `rates` count frames, also of fields.

    `selectors` are the megabits of `-b:v` that pick it; `unwritable` says why Proxx does not make it (empty: it does).
    """

    number: int
    width: int
    height: int
    interlaced: bool
    pixel_format: str
    frame_bytes: int
    rates: tuple[Fraction, ...]
    selectors: tuple[int, ...]
    unwritable: str = ""

    @property
    def scan(self) -> str:
        """The raster with its scan, as `1920x1080i`."""
        return f"{self.width}x{self.height}{'i' if self.interlaced else 'p'}"

    def megabits(self, *, rate: Fraction) -> float:
        """Return the bit rate at `rate` frames a second, in Mbit/s of a million bits."""
        return float(self.frame_bytes * 8 * rate / 1_000_000)


def _id(
    number: int,
    scan: str,
    pixel_format: str,
    frame_bytes: int,
    rates: tuple[Fraction, ...],
    selectors: tuple[int, ...],
    unwritable: str = "",
) -> CompressionId:
    width, height = scan[:-1].split("x")
    return CompressionId(
        number=number,
        width=int(width),
        height=int(height),
        interlaced=scan.endswith("i"),
        pixel_format=pixel_format,
        frame_bytes=frame_bytes,
        rates=rates,
        selectors=selectors,
        unwritable=unwritable,
    )


LEGAL: tuple[CompressionId, ...] = (
    _id(1235, "1920x1080p", "yuv422p10le", 917504, _P1080, (175, 185, 365, 440)),
    _id(1237, "1920x1080p", "yuv422p", 606208, _P1080, (115, 120, 145, 240, 290)),
    _id(1238, "1920x1080p", "yuv422p", 917504, _P1080, (175, 185, 220, 365, 440)),
    _id(1241, "1920x1080i", "yuv422p10le", 917504, _I1080, (185, 220)),
    _id(1242, "1920x1080i", "yuv422p", 606208, _I1080, (120, 145)),
    _id(1243, "1920x1080i", "yuv422p", 917504, _I1080, (185, 220)),
    _id(1244, "1440x1080i", "yuv422p", 606208, _I1080, (120, 145), _NOT_SQUARE),
    _id(1250, "1280x720p", "yuv422p10le", 458752, _P720, (90, 180, 220)),
    _id(1251, "1280x720p", "yuv422p", 458752, _P720, (90, 110, 180, 220)),
    _id(1252, "1280x720p", "yuv422p", 303104, _P720, (60, 75, 120, 145)),
    _id(1253, "1920x1080p", "yuv422p", 188416, _P1080, (36, 45, 75, 90)),
    _id(1256, "1920x1080p", "yuv444p10le", 1835008, _P1080, (350, 390, 440, 730, 880), _NO_ENCODER),
    _id(1258, "960x720p", "yuv422p", 212992, _THIN_720, (42, 60, 75, 115), _NOT_SQUARE),
    _id(1259, "1440x1080p", "yuv422p", 417792, _THIN_1080, (63, 84, 100, 110), _NOT_SQUARE),
    _id(1260, "1440x1080i", "yuv422p", 417792, _I1080, (80, 90, 100, 110), _NOT_SQUARE),
)
"""Every compression id of DNxHD. 1270 to 1274 are DNxHR, which takes any raster and rate."""


def selected(*, arguments: tuple[str, ...]) -> int | None:
    """Return the megabits that a profile's encoder arguments ask for by `-b:v nM`; None when they say no such thing."""
    words = dict(zip(arguments[::2], arguments[1::2], strict=True))
    number = words.get("-b:v", "")
    if words.get("-profile:v", "dnxhd") != "dnxhd" or not number.endswith("M") or not number[:-1].isdecimal():
        return None
    return int(number[:-1])


def find(*, width: int, height: int, interlaced: bool, pixel_format: str, megabits: int | None) -> CompressionId | None:
    """Return the id of this raster in pixels, scan, sample format and `-b:v`; None when there is none."""
    wanted = (width, height, interlaced, pixel_format)
    for entry in LEGAL:
        if wanted == (entry.width, entry.height, entry.interlaced, entry.pixel_format) and megabits in entry.selectors:
            return entry
    return None


def check_dnxhd(
    *, profile: Profile, raster: tuple[int, int], interlaced: bool, rate: Fraction | None, refusals: Refusals
) -> None:
    """Refuse a raster in pixels, scan, sample format, bit rate and frame rate that DNxHD does not have together.

    `rate` is None where the frame rate is refused already.
    """
    width, height = raster
    megabits = selected(arguments=profile.arguments)
    found = find(
        width=width, height=height, interlaced=interlaced, pixel_format=profile.pixel_format, megabits=megabits
    )
    rated = f"-b:v {megabits}M" if megabits is not None else "without a -b:v in whole megabits"
    asked = f"{width}x{height}{'i' if interlaced else 'p'} {profile.pixel_format} {rated}"
    if found is None or found.unwritable:
        why = f"compression id {found.number}: {found.unwritable}" if found else "no compression id has these together"
        refusals.add(
            f"DNxHD does not have {asked}: {why}",
            expected="; ".join(_words(entry) for entry in LEGAL if not entry.unwritable),
            actual=asked,
        )
    elif rate is not None and rate not in found.rates:
        refusals.add(
            f"DNxHD's compression id {found.number} ({found.scan}) does not exist at {format_rate(rate=rate)}",
            expected=", ".join(format_rate(rate=item) for item in found.rates),
            actual=format_rate(rate=rate),
        )


def _words(entry: CompressionId) -> str:
    rates = "/".join(f"{number}M" for number in entry.selectors)
    return f"{entry.number}: {entry.scan} {entry.pixel_format} {rates}"
