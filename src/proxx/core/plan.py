"""The Plan: the pure result of (JobSpec, facts, profile). Its digest covers no host path, epoch or staging name."""

import re
from dataclasses import dataclass
from fractions import Fraction

from proxx.core.detection import Engine
from proxx.core.facts import FieldOrder, MediaFacts
from proxx.core.profile import Profile
from proxx.core.render_plan import RenderPlan
from proxx.core.roots import RootPath

PLANNER_VERSION = 2
"""Grows with every change of what the planner writes for the same inputs."""

SOURCE_PLACEHOLDER = "{source}"
OUTPUT_PLACEHOLDER = "{output}"
WITNESS_PLACEHOLDER = "{witness}"
"""How the names of the witness's files begin, beside the output; a hyphen and the rest of the name follow."""

ASSET_PLACEHOLDER = re.compile(r"\{asset:([0-9a-f]{64})\}")
"""Inside the description of filters: the host's own copy of a look's file, by its sha256."""


def asset_placeholder(sha256: str) -> str:
    """Return what stands for a look's file in the description of filters."""
    return f"{{asset:{sha256}}}"


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
    """One audio track that the proxy must have. `duration` is the source track's, in seconds.

    `early` is how much earlier the track may end: a compressed source states its length in whole frames of its codec.
    """

    codec: str
    channels: int
    layout: str | None
    sample_rate: int
    duration: Fraction | None
    language: str | None = None
    early: Fraction = Fraction(25, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedWitness:
    """What the witness keeps of each picture that the encoder is given: a thumbnail of `columns` by `rows` samples.

    It shows the part of the proxy's picture at `left`, `top`, `width`, `height` (pixels): all but the bars. `pairs`
    says that each has a second one below it, of the same frame with its fields woven.
    """

    columns: int
    rows: int
    left: int
    top: int
    width: int
    height: int
    pairs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the finished proxy must measure. None means: the plan asks nothing of this property.

    `unstated` names the properties that the proxy must not state at all, because its source states none.
    """

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
    codec_profile: str | None = None
    pixel_format: str | None = None
    brand: str | None = None
    unstated: tuple[str, ...] = ()
    witness: ExpectedWitness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The exact command (argv with placeholders for host paths), the output and what it must measure.

    `checks_argv` is the command of the optional picture checks, empty where the profile asks for none. `threads` is the
    width. `ceiling_bytes` and `timeout_seconds` stop a tool that does far more than was planned.
    `render` is what Resolve is to do, None for FFmpeg; then `argv` is empty.
    """

    planner_version: int
    engine: Engine
    profile_name: str
    profile_digest: str
    source: RootPath
    output: RootPath
    argv: tuple[str, ...]
    checks_argv: tuple[str, ...]
    expected: Expected
    threads: int
    timeout_seconds: int | None
    stall_seconds: int
    ceiling_bytes: int
    warnings: tuple[str, ...]
    digest: str
    render: RenderPlan | None = None
