"""The exit codes of `proxx`: one number for each kind of end (DESIGN.md section 13, docs/CLI.md)."""

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxx.core.jobs import JobState


class ExitCode(IntEnum):
    """Every exit code. Part of the contract; only grows."""

    OK = 0
    VALIDATION = 1
    FAILED = 2
    PARTIAL = 3
    SYSTEM = 4
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


_BY_STATE = {
    "COMPLETED": ExitCode.OK,
    "REJECTED": ExitCode.VALIDATION,
    "FAILED": ExitCode.FAILED,
    "PARTIAL": ExitCode.PARTIAL,
}


def exit_code_for(*, state: "JobState", completed: int) -> ExitCode:
    """Return the exit code of a job that ended in `state` with `completed` published clips.

    A cancelled job counts by what it published. Any state that is not an end (RECOVERY_REQUIRED too) is SYSTEM.
    """
    if state.value == "CANCELLED":
        return ExitCode.PARTIAL if completed else ExitCode.FAILED
    return _BY_STATE.get(state.value, ExitCode.SYSTEM)
