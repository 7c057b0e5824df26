"""Which formats and codecs this Resolve lists: by platform and version, or as a recorded host has them.

Source: the reference on Resolve scripting, section 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

FORMATS = {
    "AVI": "avi",
    "BRAW": "braw",
    "Cineon": "cin",
    "DCP": "dcp",
    "DPX": "dpx",
    "EXR": "exr",
    "GIF": "gif",
    "IMF": "imf",
    "JPEG 2000": "j2c",
    "MJ2": "mj2",
    "MKV": "mkv",
    "MP4": "mp4",
    "MTS": "mts",
    "MXF OP-Atom": "mxf",
    "MXF OP1A": "mxf_op1a",
    "Panasonic AVC": "pavc",
    "QuickTime": "mov",
    "TIFF": "tif",
    "Wave": "wav",
}
FORMATS_21 = {"HLS": "m3u8", "JPEG": "jpg", "PNG": "png", "WebP": "webp"}

PRORES = {
    "Apple ProRes 422 Proxy": "ProRes422P",
    "Apple ProRes 422 LT": "ProRes422LT",
    "Apple ProRes 422": "ProRes422",
    "Apple ProRes 422 HQ": "ProRes422HQ",
    "Apple ProRes 4444": "ProRes4444",
    "Apple ProRes 4444 XQ": "ProRes4444XQ",
}
DNXHR = {
    "DNxHR LB": "DNxHRLB",
    "DNxHR SQ": "DNxHRSQ",
    "DNxHR HQ": "DNxHRHQ",
    "DNxHR HQX 10-bit": "DNxHRHQX_10",
    "DNxHR HQX 12-bit": "DNxHRHQX_12",
    "DNxHR 444 10-bit": "DNxHR444_10",
    "DNxHR 444 12-bit": "DNxHR444_12",
}
DNXHD = {
    f"DNxHD {name.replace('_', ' ')}": f"DNxHD{name}"
    for name in (
        "1080p36",
        "1080p100",
        "1080p145",
        "1080p220",
        "1080p220_10",
        "1080p440",
        "1080i100",
        "1080i145",
        "1080i220",
        "1080i220_10",
        "720p100",
        "720p145",
        "720p220",
        "720p220_10",
    )
}
STILLS = {"dpx": "RGB10", "tif": "RGB16LZW", "exr": "RGBHalf", "cin": "RGB10", "png": "RGB8", "jpg": "JPEG"}
WIDE = [(1280, 720), (1920, 1080), (2048, 1080), (3840, 2160), (4096, 2160)]


class CodecTables:
    """The tables of one host."""

    def __init__(self, world: World) -> None:
        self._world = world

    def formats(self) -> dict[str, str]:
        """Return {display name: format id}."""
        fixture = self._world.fixture
        if fixture is not None:
            return dict(fixture.formats)
        return {**FORMATS, **(FORMATS_21 if self._world.version >= (21,) else {})}

    def codecs(self, format_id: str) -> dict[str, str]:
        """Return {description: codec id}; empty for a format that is unknown, or that lists none."""
        quirks, fixture = self._world.quirks, self._world.fixture
        if format_id not in self.formats().values() or format_id in quirks.formats_without_codecs:
            return {}
        listed = dict(fixture.codecs.get(format_id, {})) if fixture is not None else self._built_in(format_id)
        listed.update(quirks.codecs_added.get(format_id, {}))
        return {text: each for text, each in listed.items() if f"{format_id}/{each}" not in quirks.codecs_missing}

    def lists(self, format_id: str, codec_id: str) -> bool:
        """Whether the pair can be chosen. Descriptions are not ids."""
        return codec_id in self.codecs(format_id).values()

    def description(self, format_id: str, codec_id: str) -> str:
        """Return the description of a codec id, or the id where it is not listed."""
        return next((text for text, each in self.codecs(format_id).items() if each == codec_id), codec_id)

    def display(self, format_id: str) -> str:
        """Return the display name of a format id, or the id."""
        return next((text for text, each in self.formats().items() if each == format_id), format_id)

    def resolutions(self, format_id: str, codec_id: str) -> list[dict[str, int]]:
        """Return the rasters that a pair offers; of all pairs where none is named."""
        if codec_id and not self.lists(format_id, codec_id):
            return []
        sizes = WIDE
        if codec_id.startswith("DNxHD"):
            sizes = [(1280, 720)] if "720" in codec_id else [(1920, 1080)]
        return [{"Width": width, "Height": height} for width, height in sizes]

    def _built_in(self, format_id: str) -> dict[str, str]:
        platform, version = self._world.platform, self._world.version
        avid = {f"Avid {text}": each for text, each in DNXHR.items()} if version >= (21,) else DNXHR
        if format_id == "mov":
            prores = PRORES if platform == "darwin" else {}
            return {**prores, **avid, **self._long_gop(), "CineForm 10-bit": "GoProYUV10", "Photo JPEG": "PJPEG"}
        if format_id in ("mxf", "mxf_op1a"):
            return {**avid, **DNXHD}
        if format_id in ("mp4", "mkv"):
            return self._long_gop()
        if format_id == "avi":
            return {"Photo JPEG": "PJPEG"}
        if format_id in STILLS:
            return {STILLS[format_id]: STILLS[format_id]}
        return {}  # wav, and on this version braw and mts: listed, and cannot be chosen

    def _long_gop(self) -> dict[str, str]:
        """H.264 and H.265: by the system on macOS, by the graphics card on Linux."""
        system = {"H.264": "H264", "H.265": "H265"}
        card = {"H.264 NVIDIA": "H264_NVIDIA", "H.265 NVIDIA": "H265_NVIDIA"}
        return {"darwin": system, "linux": card}.get(self._world.platform, {**system, **card})
