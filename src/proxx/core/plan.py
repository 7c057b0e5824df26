"""The Plan: the pure result of (JobSpec, facts, profile). Its digest covers no host path, epoch or staging name."""

from dataclasses import dataclass
from fractions import Fraction

from proxx.core.detection import Engine
from proxx.core.facts import FieldOrder, MediaFacts
from proxx.core.profile import Profile
from proxx.core.roots import RootPath

PLANNER_VERSION = 1
"""Grows with every change of what the planner writes for the same inputs."""

SOURCE_PLACEHOLDER = "{source}"
OUTPUT_PLACEHOLDER = "{output}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInputs:
    """Everything that the planner may look at. An executor gets these and rebuilds the same Plan from them.

    `fps` is the exact explicit rate, or None for same-as-source; `codec` is the spec's own word (h265 or hevc).
    """

    source: RootPath
    output: RootPath
    facts: MediaFacts
    profile: Profile
    codec: str
    container: str
    resolution: str
    fps: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAudio:
    """One audio track that the proxy must have. `duration` is the source track's, in seconds."""

    codec: str
    channels: int
    layout: str | None
    sample_rate: int
    duration: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the finished proxy must measure. None means: the plan asks nothing of this property."""

    container: str
    codec: str
    width: int
    height: int
    pixel_aspect: Fraction | None
    frame_rate: Fraction
    constant_frame_rate: bool
    frame_count: int
    timecode: str | None
    drop_frame: bool | None
    field_order: FieldOrder
    rotation: int
    mirrored: bool
    color_range: str | None
    color_primaries: str | None
    color_transfer: str | None
    color_matrix: str | None
    reel_name: str | None
    audio: tuple[ExpectedAudio, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The exact command (argv with placeholders for host paths), the output and what it must measure.

    `threads` is the width. `ceiling_bytes` and `timeout_seconds` stop a tool that does far more than was planned.
    """

    planner_version: int
    engine: Engine
    profile_name: str
    profile_digest: str
    source: RootPath
    output: RootPath
    argv: tuple[str, ...]
    expected: Expected
    threads: int
    timeout_seconds: int | None
    stall_seconds: int
    ceiling_bytes: int
    warnings: tuple[str, ...]
    digest: str
