"""What DaVinci Resolve is to do for one clip: everything that does not depend on a host.

Source: the reference on Resolve scripting, sections 5 to 7 and 9.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSetting:
    """One key of SetRenderSettings or SetSetting, its value as text; `typed_value` makes it what Resolve takes."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """One render of one clip in a project of its own.

    `preset` is the render preset that is installed and loaded first, `preset_sha256` the digest of its file.
    `format_id` and `codec_id` are Resolve's identifiers, never its descriptions. `individual_clips` says the render
    mode: each clip with its own name, rate and source timecode. `settings` are the keys of SetRenderSettings without
    those that name the host's directory and file, `project_settings` those of SetSetting, set before there is a
    timeline; both sorted by key. `frame_count` and `start_timecode` are what the timeline and the queue must show.
    """

    preset: str
    preset_sha256: str
    format_id: str
    codec_id: str
    individual_clips: bool
    settings: tuple[RenderSetting, ...]
    project_settings: tuple[RenderSetting, ...]
    frame_count: int
    start_timecode: str | None

    @property
    def pair(self) -> str:
        """Format and codec as executors list them in their `codecs`: `mov/DNxHRLB`."""
        return f"{self.format_id}/{self.codec_id}"
