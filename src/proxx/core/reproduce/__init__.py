"""Making the clips of a result again: what the result recorded, what differs here, and where two files differ."""

from proxx.core.reproduce.difference import Difference
from proxx.core.reproduce.differences import plan_differences, source_changed, source_differences, toolchain_differences
from proxx.core.reproduce.document import reproduction_document
from proxx.core.reproduce.frame_hashes import FrameHashes
from proxx.core.reproduce.locate import FirstDifference, Level, first_difference
from proxx.core.reproduce.outcome import (
    ClipReproduction,
    Outcome,
    Published,
    PublishedState,
    Reproduction,
    judge_digests,
)
from proxx.core.reproduce.read_result import ResultInvalidError, read_result
from proxx.core.reproduce.recorded import RecordedClip, RecordedResult, clip_spec

__all__ = [
    "ClipReproduction",
    "Difference",
    "FirstDifference",
    "FrameHashes",
    "Level",
    "Outcome",
    "Published",
    "PublishedState",
    "RecordedClip",
    "RecordedResult",
    "Reproduction",
    "ResultInvalidError",
    "clip_spec",
    "first_difference",
    "judge_digests",
    "plan_differences",
    "read_result",
    "reproduction_document",
    "source_changed",
    "source_differences",
    "toolchain_differences",
]
