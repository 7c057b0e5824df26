"""A clip of the media pool, with its properties as Resolve writes them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.api import ApiObject, call
from tests.resolve_simulator.app.languages import clip_value
from tests.resolve_simulator.app.media import Found, find
from tests.resolve_simulator.app.rates import rate_text, to_frames, to_timecode
from tests.resolve_simulator.app.recorded import recorded_clip

if TYPE_CHECKING:
    from tests.resolve_simulator.app.world import World

EMPTY = (
    "Angle",
    "Audio Offset",
    "Camera #",
    "Clip Color",
    "Comments",
    "Date Added",
    "Date Created",
    "Date Modified",
    "Description",
    "Flags",
    "Good Take",
    "IDT",
    "In",
    "Out",
    "Input LUT",
    "Keyword",
    "Offline Reference",
    "Proxy Media Path",
    "Roll/Card",
    "S3D Sync",
    "Scene",
    "Shot",
    "Slate TC",
    "Start KeyKode",
    "Synced Audio",
    "Take",
)
MODES = {
    "Alpha mode": "None",
    "Data Level": "Auto",
    "Enable Deinterlacing": "0",
    "Field Dominance": "Auto",
    "H-FLIP": "Off",
    "V-FLIP": "Off",
    "Input Color Space": "Rec.709 Gamma 2.4",
    "Input Sizing Preset": "None",
    "Noise Reduction": "",
    "PAR": "Square",
    "Proxy": "None",
    "Sharpness": "",
    "Usage": "0",
    "Bit Depth": "16",
}


class MediaPoolItem(ApiObject):
    """One imported clip."""

    def __init__(self, world: World, found: Found) -> None:
        super().__init__(world)
        self.found = found
        self.facts = found.facts
        self.set: dict[str, str] = {}
        self.metadata: dict[str, str] = {}
        self.mapping: dict[str, Any] | None = None

    @property
    def rate(self) -> Fraction:
        return Fraction(self.facts.rate)

    @property
    def start_frame(self) -> int:
        """The frame that its start timecode names."""
        return to_frames(self.facts.timecode, self.rate)

    @property
    def audio(self) -> tuple[int, ...]:
        """The channels of each track that Resolve reads here: on Linux it decodes no AAC."""
        mute = self.world.platform == "linux" and self.facts.audio_codec == "AAC"
        return () if mute else self.facts.audio

    def properties(self) -> dict[str, Any]:
        """Return the whole dictionary, as GetClipProperty without a key does."""
        facts, rate = self.facts, self.rate
        name = Path(self.found.shown).name
        start = self.start_frame
        known: dict[str, Any] = {
            **dict.fromkeys(EMPTY, ""),
            **MODES,
            **recorded_clip(self.world, facts.format),
            "Audio Bit Depth": "24" if self.audio else "",
            "Audio Ch": str(sum(self.audio)),
            "Audio Codec": facts.audio_codec if self.audio else "",
            "Clip Name": name,
            "Drop frame": "1" if facts.drop else "0",
            "Duration": to_timecode(facts.frames, rate, drop=facts.drop),
            "End": str(facts.frames - 1),
            "End TC": to_timecode(start + facts.frames, rate, drop=facts.drop),
            "FPS": float(rate_text(rate)),
            "File Name": name,
            "File Path": self.found.shown,
            "Format": facts.format,
            "Frames": str(facts.frames),
            "Reel Name": facts.reel,
            "Resolution": f"{facts.width}x{facts.height}",
            "Sample Rate": str(facts.audio_rate) if self.audio else "",
            "Start": "0",
            "Start TC": facts.timecode,
            "Super Scale": 1,
            "Type": "Video + Audio" if self.audio else "Video",
            "Video Codec": facts.codec,
            **facts.properties,
            **self.world.quirks.clip_properties,
            **self.set,
        }
        language = self.world.quirks.language
        return {key: clip_value(each, language) if isinstance(each, str) else each for key, each in known.items()}

    @call("GetName")
    def get_name(self) -> str:
        return str(self.properties()["Clip Name"])

    @call("SetName", since=(21,))
    def set_name(self, name: str) -> bool:
        self.set["Clip Name"] = name
        return True

    @call("GetClipProperty")
    def get_clip_property(self, key: str = "") -> Any:
        return self.properties().get(key, "") if key else self.properties()

    @call("SetClipProperty")
    def set_clip_property(self, key: str, value: Any) -> bool:
        if key not in self.properties():
            return False
        if not (key == "Reel Name" and self.world.quirks.reel_name_dropped):
            self.set[key] = value
        return True

    @call("GetMetadata")
    def get_metadata(self, key: str = "") -> Any:
        return self.metadata.get(key, "") if key else dict(self.metadata)

    @call("SetMetadata")
    def set_metadata(self, key: str | dict[str, str], value: str = "") -> bool:
        self.metadata.update(key if isinstance(key, dict) else {key: value})
        return True

    @call("GetMediaId")
    def get_media_id(self) -> str:
        return self.unique_id

    @call("GetUniqueId", since=(18,))
    def get_unique_id(self) -> str:
        return self.unique_id

    @call("GetAudioMapping")
    def get_audio_mapping(self) -> str:
        if self.mapping is not None:
            return json.dumps(self.mapping)
        tracks, first = {}, 1
        for number, channels in enumerate(self.audio, start=1):
            kind = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}.get(channels, f"adaptive{channels}")
            indexes = list(range(first, first + channels))
            tracks[str(number)] = {"channel_idx": indexes, "mute": False, "type": kind}
            first += channels
        mapping = {"embedded_audio_channels": sum(self.audio), "linked_audio": {}, "track_mapping": tracks}
        return json.dumps(mapping)

    @call("SetAudioMapping", since=(21, 1))
    def set_audio_mapping(self, mapping: str) -> bool:
        raw = json.loads(mapping)
        self.mapping = raw if isinstance(raw, dict) else None
        return self.mapping is not None

    @call("LinkFullResolutionMedia", since=(20,))
    def link_full_resolution_media(self, path: str) -> bool:
        return Path(path).is_absolute() and Path(path).is_file()

    @call("ReplaceClip")
    def replace_clip(self, path: str) -> bool:
        found = find(self.world, Path(path))
        if found is not None:
            self.found, self.facts = found, found.facts
        return found is not None

    @call("LinkProxyMedia")
    def link_proxy_media(self, path: str) -> bool:
        if not Path(path).is_absolute() or not Path(path).is_file():
            return False
        self.set.update({"Proxy": self.properties()["Resolution"], "Proxy Media Path": path})
        return True

    @call("UnlinkProxyMedia")
    def unlink_proxy_media(self) -> bool:
        self.set.update({"Proxy": "None", "Proxy Media Path": ""})
        return True
