"""What the next render job will be: sticky, overlaid, and with parts that no call shows.

Source: the reference on Resolve scripting, section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

TYPES: dict[str, tuple[type, ...]] = {
    "SelectAllFrames": (bool,),
    "MarkIn": (int,),
    "MarkOut": (int,),
    "TargetDir": (str,),
    "CustomName": (str,),
    "UniqueFilenameStyle": (int,),
    "ExportVideo": (bool,),
    "ExportAudio": (bool,),
    "FormatWidth": (int,),
    "FormatHeight": (int,),
    "FrameRate": (int, float),
    "PixelAspectRatio": (str,),
    "VideoQuality": (int, str),
    "AudioCodec": (str,),
    "AudioBitDepth": (int,),
    "AudioSampleRate": (int,),
    "ColorSpaceTag": (str,),
    "GammaTag": (str,),
    "ExportAlpha": (bool,),
    "AlphaMode": (int,),
    "EncodingProfile": (str,),
    "MultiPassEncode": (bool,),
    "NetworkOptimization": (bool,),
    "ClipStartFrame": (int,),
    "TimelineStartTimecode": (str,),
}
SINCE: dict[str, tuple[int, ...]] = {
    "ExportSubtitle": (20, 2),
    "SubtitleFormat": (20, 2),
    "ReplaceExistingFilesInPlace": (20, 3),
    "UseFullExtents": (21, 0, 4),
    "AddFrameHandles": (21, 0, 4),
    "DataBurnIn": (21, 0, 4),
    "UseUniqueFilenames": (21, 1),
    "AudioFormat": (21, 1),
}
FOURCC = {
    "apco": "ProRes422P",
    "apcs": "ProRes422LT",
    "apcn": "ProRes422",
    "apch": "ProRes422HQ",
    "ap4h": "ProRes4444",
    "ap4x": "ProRes4444XQ",
    "avc1": "H264",
    "hvc1": "H265",
}
AUDIO_CODECS = {"linux": ("lpcm", "mp3", "flac"), "darwin": ("lpcm", "aac", "flac"), "windows": ("lpcm", "aac", "flac")}


class RenderState:
    """One project's. `preset` holds the fields of the preset below what was overlaid."""

    def __init__(self) -> None:
        self.mode = 1
        self.format_id = "mov"
        self.codec_id = "DNxHRHQ"
        self.preset_name = "Custom"
        self.preset = {"UsePrefixAndSuffixFromSrc": "1", "RecordAudioNumChannels": "2"}
        self.values: dict[str, Any] = {"ExportVideo": True, "ExportAudio": True, "SelectAllFrames": True}

    def load_preset(self, name: str, fields: dict[str, str], world: World) -> None:
        """Put a preset in the place of everything that was overlaid; the folder and the mode stay."""
        self.preset = dict(fields)
        self.preset_name = name
        video = "_NoVideo" not in fields
        self.values = {"TargetDir": self.values.get("TargetDir", ""), "ExportVideo": video, "ExportAudio": True}
        self.values["SelectAllFrames"] = True
        for field, key in (("FormatWidth", "FormatWidth"), ("FormatHeight", "FormatHeight")):
            if fields.get(field, "").isdigit():
                self.values[key] = int(fields[field])
        if fields.get("RecordAudioBitDepth", "").isdigit():
            self.values["AudioBitDepth"] = int(fields["RecordAudioBitDepth"])
        if fields.get("RecordMode", "") in ("0", "1"):
            self.mode = int(fields["RecordMode"])
        self._take_format(fields, world)

    def _take_format(self, fields: dict[str, str], world: World) -> None:
        format_id = fields.get("RecordFormatType", "")
        if world.current is None or format_id not in world.current.tables.formats().values():
            return
        subtype = fields.get("RecordFormatSubType", "")
        codec_id = FOURCC.get(subtype, subtype)
        if world.current.tables.lists(format_id, codec_id):
            self.format_id, self.codec_id = format_id, codec_id

    def select(self, format_id: str, codec_id: str) -> None:
        self.format_id, self.codec_id = format_id, codec_id
        self.preset_name = "Custom"

    def overlay(self, settings: dict[str, Any], world: World) -> None:
        """Lay known keys of the right type over the state; all others are ignored without a word."""
        for key, value in settings.items():
            if not _known(key, value, world):
                continue
            if key == "AudioCodec" and value not in AUDIO_CODECS[world.platform]:
                continue
            self.values[key] = value
            self.preset_name = "Custom"

    @property
    def has_video(self) -> bool:
        """Whether a render has pictures: what a preset without video took away, no overlay brings back."""
        return bool(self.values["ExportVideo"]) and "_NoVideo" not in self.preset

    def as_preset(self) -> dict[str, str]:
        """Return it as the fields of a preset."""
        return {**self.preset, "RecordFormatType": self.format_id, "RecordFormatSubType": self.codec_id}


def _known(key: str, value: Any, world: World) -> bool:
    if key in SINCE:
        return world.version >= SINCE[key]
    types = TYPES.get(key)
    if types is None or (isinstance(value, bool) and bool not in types):
        return False
    return isinstance(value, types)
