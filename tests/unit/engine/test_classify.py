"""What the end of a tool means for the clip."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.core.plan import Plan
from proxx.engine.classify import nothing_written, tool_failure
from proxx.engine.tool import ToolEnd, ToolResult
from tests.fakes.tool_runner import tool_result

PLAN = cast(Plan, SimpleNamespace(timeout_seconds=3600, stall_seconds=300, ceiling_bytes=1_000_000))


def failure_of(result: ToolResult, directory: Path, *, oom_killed: bool = False) -> Failure | None:
    return tool_failure(result=result, plan=PLAN, directory=directory, oom_killed=oom_killed)


@pytest.mark.parametrize(
    ("result", "failure"),
    [
        (tool_result(), None),
        (tool_result(stderr="[error] some frames are damaged"), None),
        (
            tool_result(end=ToolEnd.NOT_FOUND),
            Failure(
                kind=FailureKind.TOOL_NOT_FOUND,
                message="FFmpeg not found. Install FFmpeg to use headless execution.",
            ),
        ),
        (
            tool_result(exit_code=183, stderr="no"),
            Failure(
                kind=FailureKind.TOOL_EXIT_NONZERO,
                message="FFmpeg exited with code 183",
                exit_code=183,
                stderr_tail="no",
            ),
        ),
        (
            tool_result(end=ToolEnd.TIMED_OUT, signal=9),
            Failure(kind=FailureKind.TOOL_TIMEOUT, message="Execution timed out after 3600 seconds"),
        ),
        (
            tool_result(end=ToolEnd.STALLED, signal=9),
            Failure(kind=FailureKind.TOOL_STALLED, message="No progress for 300 seconds"),
        ),
        (
            tool_result(end=ToolEnd.LIMIT, signal=25),
            Failure(
                kind=FailureKind.LIMIT_EXCEEDED,
                message="The output grew past the plan's ceiling of 1000000 bytes",
            ),
        ),
        (
            tool_result(end=ToolEnd.SIGNALLED, signal=11),
            Failure(kind=FailureKind.TOOL_KILLED, message="FFmpeg was killed by signal 11 (SIGSEGV)"),
        ),
        (
            tool_result(end=ToolEnd.SIGNALLED, signal=31),
            Failure(
                kind=FailureKind.TOOL_KILLED,
                message="FFmpeg was killed by signal 31 (SIGSYS): the tool tried a forbidden system call",
            ),
        ),
    ],
    ids=["well", "well with errors", "absent", "exit code", "timeout", "stalled", "too large", "signal", "forbidden"],
)
def test_every_end_has_its_reason(tmp_path: Path, result: ToolResult, failure: Failure | None) -> None:
    assert failure_of(result, tmp_path) == failure


def test_a_kill_for_want_of_memory_is_said(tmp_path: Path) -> None:
    assert failure_of(tool_result(end=ToolEnd.SIGNALLED, signal=9), tmp_path, oom_killed=True) == Failure(
        kind=FailureKind.TOOL_KILLED,
        message="FFmpeg was killed by signal 9 (SIGKILL): the kernel ended it because memory ran out",
    )


@pytest.mark.parametrize("text", ["No space left on device", "Disk quota exceeded"])
def test_a_full_disk_is_told_from_what_the_tool_says(tmp_path: Path, text: str) -> None:
    stderr = f"av_interleaved_write_frame(): {text}"

    assert failure_of(tool_result(exit_code=1, stderr=stderr), tmp_path) == Failure(
        kind=FailureKind.NO_SPACE, message=f"{text}: {tmp_path}", exit_code=1, stderr_tail=stderr
    )


def test_success_that_left_nothing_is_a_missing_output(tmp_path: Path) -> None:
    assert nothing_written(result=tool_result(), directory=tmp_path) == Failure(
        kind=FailureKind.OUTPUT_MISSING, message="Output file does not exist or has zero size", exit_code=0
    )


def test_success_that_left_nothing_on_a_full_disk_is_no_space(tmp_path: Path) -> None:
    stderr = "No space left on device"

    assert nothing_written(result=tool_result(stderr=stderr), directory=tmp_path).kind is FailureKind.NO_SPACE
