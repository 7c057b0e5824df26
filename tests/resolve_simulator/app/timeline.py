"""A timeline: tracks of clips, a start timecode, settings of its own where they are switched on."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.api import ApiObject, call
from tests.resolve_simulator.app.rates import to_frames, to_timecode
from tests.resolve_simulator.app.timeline_item import TimelineItem

if TYPE_CHECKING:
    from tests.resolve_simulator.app.clip import MediaPoolItem
    from tests.resolve_simulator.app.project import Project
    from tests.resolve_simulator.app.world import World

FIRST = "01:00:00:00"
SUBTYPES = frozenset(
    ["mono", "stereo", "lrc", "lcr", "lrcs", "lcrs", "quad"]
    + [f"{count}{kind}" for count in ("5.0", "5.1", "7.0", "7.1") for kind in ("", "film")]
    + [f"adaptive{count}" for count in range(1, 37)]
)


class Timeline(ApiObject):
    """One timeline; it begins with a video track and a stereo track."""

    def __init__(self, world: World, project: Project, name: str) -> None:
        super().__init__(world)
        self.project = project
        self.name = name
        self.start_frame = to_frames(FIRST, project.rate[0])
        self.settings: dict[str, str] = {}
        self.tracks: dict[str, list[list[TimelineItem]]] = {"video": [[]], "audio": [[]], "subtitle": []}
        self.subtypes = ["stereo"]

    @property
    def rate(self) -> Fraction:
        return self.project.rate[0]

    @property
    def drop(self) -> bool:
        """Whether its timecode drops."""
        return self.project.rate[1] or self.project.settings.get("timelineDropFrameTimecode") == "1"

    def all_items(self) -> list[TimelineItem]:
        return [item for tracks in self.tracks.values() for track in tracks for item in track]

    def pictures(self) -> list[TimelineItem]:
        """Return the clips of all video tracks, in order of time."""
        return sorted((each for track in self.tracks["video"] for each in track), key=lambda each: each.start)

    @property
    def end_frame(self) -> int:
        return max((each.start + each.duration for each in self.all_items()), default=self.start_frame)

    def append(self, clip: MediaPoolItem, info: dict[str, Any]) -> list[TimelineItem]:
        """Put a clip, or a part of it, on its tracks; none where an earlier item lies there."""
        first = int(info.get("startFrame", 0))
        last = int(info.get("endFrame", clip.facts.frames - 1))
        frames = min(last, clip.facts.frames - 1) - first + 1
        # A clip of another rate is conformed by time: what does not fill a frame is left out.
        duration = int(frames * self.rate / clip.rate) - self.world.quirks.frames_short
        start = int(info.get("recordFrame", self.end_frame))
        index = int(info.get("trackIndex", 1))
        kinds = {1: ("video",), 2: ("audio",)}.get(info.get("mediaType", 0), ("video", "audio"))
        placed = []
        for kind in kinds:
            if kind == "audio" and not clip.audio:
                continue
            track = self._track(kind, index)
            if any(start < each.start + each.duration and each.start < start + duration for each in track):
                continue
            item = TimelineItem(
                self.world, clip, start=start, offset=first, duration=max(duration, 0), track=(kind, index)
            )
            track.append(item)
            placed.append(item)
        return [each for each in placed if each.track[0] == "video"] or placed

    def _track(self, kind: str, index: int) -> list[TimelineItem]:
        while len(self.tracks[kind]) < index:
            self.tracks[kind].append([])
            if kind == "audio":
                self.subtypes.append("mono")
        return self.tracks[kind][index - 1]

    @call("GetName")
    def get_name(self) -> str:
        return self.name

    @call("SetName")
    def set_name(self, name: str) -> bool:
        if not name or any(each.name == name for each in self.project.timelines if each is not self):
            return False
        self.name = name
        return True

    @call("GetUniqueId", since=(18,))
    def get_unique_id(self) -> str:
        return self.unique_id

    @call("GetStartFrame")
    def get_start_frame(self) -> int:
        return self.start_frame

    @call("GetEndFrame")
    def get_end_frame(self) -> int:
        return self.end_frame

    @call("GetStartTimecode")
    def get_start_timecode(self) -> str:
        return to_timecode(self.start_frame, self.rate, drop=self.drop)

    @call("SetStartTimecode")
    def set_start_timecode(self, timecode: str) -> bool:
        text = timecode.replace(";", ":")
        try:
            start = to_frames(text[:8] + ";" + text[9:] if self.drop else text, self.rate)
        except ValueError:
            return False
        for item in self.all_items():
            item.start += start - self.start_frame
        self.start_frame = start
        return True

    @call("GetTrackCount")
    def get_track_count(self, kind: str) -> int:
        return len(self.tracks.get(kind, []))

    @call("AddTrack")
    def add_track(self, kind: str, options: str | dict[str, Any] = "mono") -> bool:
        subtype = options.get("audioType", "mono") if isinstance(options, dict) else options
        if isinstance(options, dict) and self.world.version < (21,):
            return False
        if kind not in self.tracks or (kind == "audio" and subtype not in SUBTYPES):
            return False
        self.tracks[kind].append([])
        if kind == "audio":
            self.subtypes.append(subtype)
        return True

    @call("GetTrackSubType")
    def get_track_sub_type(self, kind: str, index: int) -> str:
        return self.subtypes[index - 1] if kind == "audio" and 1 <= index <= len(self.subtypes) else ""

    @call("GetItemListInTrack")
    def get_item_list_in_track(self, kind: str, index: int) -> list[TimelineItem] | None:
        tracks = self.tracks.get(kind, [])
        return list(tracks[index - 1]) if 1 <= index <= len(tracks) else None

    @call("GetSetting")
    def get_setting(self, key: str = "") -> Any:
        merged = {**self.project.settings, **self.settings}
        return merged.get(key, "") if key else merged

    @call("SetSetting")
    def set_setting(self, key: str, value: str) -> bool:
        own = key == "useCustomSettings" or self.settings.get("useCustomSettings") == "1"
        if not own or key not in self.project.settings or key == "timelineFrameRate":
            return False
        self.settings[key] = value
        return True

    @call("DeleteClips")
    def delete_clips(self, items: list[TimelineItem], ripple: bool = False) -> bool:
        if self.world.page != "edit":
            return False
        for tracks in self.tracks.values():
            for track in tracks:
                track[:] = [each for each in track if each not in items]
        return True
