"""A clip where it lies on a timeline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.resolve_simulator.app.api import ApiObject, call

if TYPE_CHECKING:
    from tests.resolve_simulator.app.clip import MediaPoolItem
    from tests.resolve_simulator.app.world import World


class TimelineItem(ApiObject):
    """`start` is an absolute frame of the timeline, `offset` the first source frame, `duration` in timeline frames."""

    def __init__(
        self, world: World, clip: MediaPoolItem, *, start: int, offset: int, duration: int, track: tuple[str, int]
    ) -> None:
        super().__init__(world)
        self.clip = clip
        self.start = start
        self.offset = offset
        self.duration = duration
        self.track = track

    @call("GetName")
    def get_name(self) -> str:
        return self.clip.get_name()

    @call("GetStart")
    def get_start(self, subframe: bool = False) -> int:
        return self.start

    @call("GetEnd")
    def get_end(self, subframe: bool = False) -> int:
        return self.start + self.duration

    @call("GetDuration")
    def get_duration(self, subframe: bool = False) -> int:
        return self.duration

    @call("GetLeftOffset")
    def get_left_offset(self, subframe: bool = False) -> int:
        return self.offset + self.world.quirks.left_offset

    @call("GetRightOffset")
    def get_right_offset(self, subframe: bool = False) -> int:
        return max(self.clip.facts.frames - self.offset - self.duration, 0)

    @call("GetMediaPoolItem")
    def get_media_pool_item(self) -> MediaPoolItem:
        return self.clip

    @call("GetTrackTypeAndIndex")
    def get_track_type_and_index(self) -> list[Any]:
        return list(self.track)

    @call("GetSourceAudioChannelMapping")
    def get_source_audio_channel_mapping(self) -> str:
        return str(json.dumps({"track_mapping": json.loads(self.clip.get_audio_mapping())["track_mapping"]}))

    @call("GetUniqueId", since=(18,))
    def get_unique_id(self) -> str:
        return self.unique_id
