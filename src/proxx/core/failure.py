"""Why media work failed, as data. The sentences of the source documents are contract (docs/API.md)."""

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """The machine-readable reason of a failed clip. Part of the contract; only grows."""

    TOOL_NOT_FOUND = "TOOL_NOT_FOUND"
    TOOL_EXIT_NONZERO = "TOOL_EXIT_NONZERO"
    TOOL_KILLED = "TOOL_KILLED"
    TOOL_TIMEOUT = "TOOL_TIMEOUT"
    TOOL_STALLED = "TOOL_STALLED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    OUTPUT_MISSING = "OUTPUT_MISSING"
    OUTPUT_MISMATCH = "OUTPUT_MISMATCH"
    OUTPUT_EXISTS = "OUTPUT_EXISTS"
    NO_SPACE = "NO_SPACE"
    IO_ERROR = "IO_ERROR"
    SOURCE_CHANGED = "SOURCE_CHANGED"
    SOURCE_UNREADABLE = "SOURCE_UNREADABLE"
    STAGED_LOST = "STAGED_LOST"
    PLAN_MISMATCH = "PLAN_MISMATCH"
    EXECUTOR_LOST = "EXECUTOR_LOST"
    EXECUTOR_ERROR = "EXECUTOR_ERROR"
    ASSET_UNAVAILABLE = "ASSET_UNAVAILABLE"
    ENGINE_UNAVAILABLE = "ENGINE_UNAVAILABLE"
    RENDER_FAILED = "RENDER_FAILED"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One failure: kind, one human sentence with the facts, and what the tool left behind."""

    kind: FailureKind
    message: str
    exit_code: int | None = None
    stderr_tail: str = ""


def tool_not_found() -> Failure:
    """FFmpeg is absent (sentence: seed 003)."""
    return Failure(
        kind=FailureKind.TOOL_NOT_FOUND, message="FFmpeg not found. Install FFmpeg to use headless execution."
    )


def tool_exit(*, exit_code: int, stderr_tail: str) -> Failure:
    """FFmpeg ended with a non-zero exit code (sentence: seed 003)."""
    return Failure(
        kind=FailureKind.TOOL_EXIT_NONZERO,
        message=f"FFmpeg exited with code {exit_code}",
        exit_code=exit_code,
        stderr_tail=stderr_tail,
    )


def output_missing() -> Failure:
    """The tool reported success and left nothing (sentence: seed 003)."""
    return Failure(kind=FailureKind.OUTPUT_MISSING, message="Output file does not exist or has zero size")


def tool_timeout(*, seconds: int, stderr_tail: str = "") -> Failure:
    """The clip ran longer than its profile or job allows (sentence: seed 003)."""
    return Failure(
        kind=FailureKind.TOOL_TIMEOUT,
        message=f"Execution timed out after {seconds} seconds",
        stderr_tail=stderr_tail,
    )
