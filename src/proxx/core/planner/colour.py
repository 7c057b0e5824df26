"""Colour: limited range always, the source's tags kept, RGB turned into BT.709 YUV. No look, no gamut change.

Full-range sources are brought to limited range, because every editing codec here means limited range. Primaries,
transfer and matrix are metadata: they are written as the source states them, and stay unstated where it states none.
"""

from dataclasses import dataclass

from proxx.core.facts import VideoFacts
from proxx.core.planner.codec_rules import CodecRules

LIMITED = "tv"
UNKNOWN = "unknown"

PRIMARIES = frozenset(
    ["bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431", "smpte432"]
)
TRANSFERS = frozenset(
    [
        "bt709",
        "bt470m",
        "bt470bg",
        "smpte170m",
        "smpte240m",
        "linear",
        "log100",
        "log316",
        "iec61966-2-4",
        "bt1361e",
        "iec61966-2-1",
        "bt2020-10",
        "bt2020-12",
        "smpte2084",
        "smpte428",
        "arib-std-b67",
    ]
)
MATRICES = frozenset(["bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc", "bt2020c"])
"""The tags that a plan writes; FFmpeg's names."""

TABLE_MATRICES = MATRICES - {"bt2020c"}
"""Those that the scaler turns into RGB and back: it knows no constant luminance."""

_NEEDS_DEPTH = {
    "smpte2084": "PQ",
    "arib-std-b67": "HLG",
    "smpte428": "linear light of cinema",
    "linear": "linear light",
    "log100": "logarithmic",
    "log316": "logarithmic",
    "bt2020-10": "BT.2020",
    "bt2020-12": "BT.2020",
}
"""Transfer characteristics that 8 bits a sample do not hold without visible steps."""

SCALER_MATRIX = {
    "bt709": "bt709",
    "fcc": "fcc",
    "bt470bg": "bt470",
    "smpte170m": "smpte170m",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}
_RGB_FORMATS = ("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "x2rgb", "x2bgr", "pal8")
_MXF_TRANSFERS = frozenset(
    ["bt709", "bt470bg", "smpte170m", "smpte240m", "smpte2084", "arib-std-b67", "bt2020-10", "bt2020-12"]
)
_MXF_PRIMARIES = frozenset(["bt709", "bt470bg", "smpte170m", "smpte240m", "bt2020"])
_MXF_MATRICES = frozenset(["bt709", "bt470bg", "smpte170m", "smpte240m", "bt2020nc"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """Tags of the proxy (None: not stated) and how the scaler reads and writes the picture."""

    primaries: str | None
    transfer: str | None
    matrix: str | None
    in_range: str
    scaler_in_matrix: str
    scaler_out_matrix: str
    warnings: tuple[str, ...]

    def tag_filter(self) -> str:
        """Return the filter that states range and tags on every frame."""
        return (
            f"setparams=range={LIMITED}:color_primaries={self.primaries or UNKNOWN}"
            f":color_trc={self.transfer or UNKNOWN}:colorspace={self.matrix or UNKNOWN}"
        )

    def arguments(self) -> tuple[str, ...]:
        """Return the encoder arguments that state the same."""
        return (
            *("-color_range", LIMITED),
            *("-color_primaries", self.primaries or UNKNOWN),
            *("-color_trc", self.transfer or UNKNOWN),
            *("-colorspace", self.matrix or UNKNOWN),
        )


def plan_colour(*, video: VideoFacts, bits: int) -> Colour:
    """Return the colour of the proxy, which has `bits` bits a sample."""
    rgb = (video.pixel_format or "").startswith(_RGB_FORMATS)
    full = rgb or video.color_range == "pc" or (video.pixel_format or "").startswith("yuvj")
    warnings: list[str] = []
    primaries = _known(video.color_primaries, PRIMARIES, "colour primaries", warnings)
    transfer = _known(video.color_transfer, TRANSFERS, "transfer characteristic", warnings)
    if rgb:
        matrix: str | None = "bt709"
        warnings.append("the source is RGB; the proxy holds it as limited-range BT.709 YUV")
    else:
        matrix = _known(video.color_matrix, MATRICES, "matrix coefficients", warnings)
        if full:
            warnings.append("the source is full range; the proxy holds it as limited range")
    warnings += _depth_warnings(video=video, bits=bits)
    scaler = SCALER_MATRIX[matrix or "bt709"]
    return Colour(
        primaries=primaries,
        transfer=transfer,
        matrix=matrix,
        in_range="pc" if full else LIMITED,
        scaler_in_matrix=scaler,
        scaler_out_matrix=scaler,
        warnings=tuple(warnings),
    )


def measurable_tags(*, colour: Colour, container: str, codec: CodecRules) -> tuple[str | None, str | None, str | None]:
    """Return primaries, transfer and matrix that the finished file can be asked for; None where it cannot store them.

    VC-3 always names a matrix. MXF holds the values of SMPTE ST 2067-21 that FFmpeg knows, no others.
    """
    primaries, transfer, matrix = colour.primaries, colour.transfer, colour.matrix
    if container == "mxf":
        primaries = primaries if primaries in _MXF_PRIMARIES else None
        transfer = transfer if transfer in _MXF_TRANSFERS else None
        matrix = matrix if matrix in _MXF_MATRICES else None
    if codec.own_matrix and (primaries is None or transfer is None):
        matrix = matrix if container == "mxf" else None
    return primaries, transfer, matrix


def unstated_tags(*, colour: Colour, codec: CodecRules) -> tuple[str, ...]:
    """Return which tags the proxy must not state, by the name of the fact. VC-3 always names a matrix."""
    tags = (
        ("color_primaries", colour.primaries),
        ("color_transfer", colour.transfer),
        ("color_matrix", colour.matrix),
    )
    always = ("color_matrix",) if codec.own_matrix else ()
    return tuple(name for name, value in tags if value is None and name not in always)


def _depth_warnings(*, video: VideoFacts, bits: int) -> tuple[str, ...]:
    """Say that a wide picture goes into few bits. Camera log that states no transfer characteristic is not seen."""
    if bits > 8 or (video.bit_depth is not None and video.bit_depth <= bits):
        return ()
    name = _NEEDS_DEPTH.get(video.color_transfer or "")
    if name is not None:
        what = f"transfer characteristic is {video.color_transfer} ({name})"
    elif video.color_primaries == "bt2020":
        what = "colour primaries are bt2020"
    else:
        return ()
    depth = f"{video.bit_depth} bits" if video.bit_depth is not None else "an unstated number of bits"
    return (f"the source's {what} with {depth} a sample; the proxy has {bits} bits",)


def _known(value: str | None, known: frozenset[str], what: str, warnings: list[str]) -> str | None:
    if value is None or value in known:
        return value
    if value not in (UNKNOWN, "unspecified", "reserved"):
        warnings.append(f"the source's {what} cannot be written and stay unstated in the proxy")
    return None
