"""What the end of a tool means for the clip."""

import signal
from pathlib import Path

from proxx.core.failure import Failure, FailureKind, output_missing, tool_exit, tool_not_found, tool_timeout
from proxx.core.plan import Plan
from proxx.engine.disk import out_of_space
from proxx.engine.tool import ToolEnd, ToolResult


def tool_failure(*, result: ToolResult, plan: Plan, directory: Path, oom_killed: bool) -> Failure | None:
    """Return why the encode failed by the tool's own end, or None when it ended well (which proves nothing).

    `directory` holds the staged file; `oom_killed` says whether the kernel killed something for want of memory
    meanwhile.
    """
    if result.ok:
        return None
    if result.end is ToolEnd.NOT_FOUND:
        return tool_not_found()
    stderr = result.stderr_tail
    if (full := out_of_space(directory=directory, stderr=stderr)) is not None:
        return Failure(kind=FailureKind.NO_SPACE, message=full, exit_code=result.exit_code, stderr_tail=stderr)
    if result.end is ToolEnd.TIMED_OUT:
        return tool_timeout(seconds=plan.timeout_seconds or 0, stderr_tail=stderr)
    if result.end is ToolEnd.STALLED:
        message = f"No progress for {plan.stall_seconds} seconds"
        return Failure(kind=FailureKind.TOOL_STALLED, message=message, stderr_tail=stderr)
    if result.end is ToolEnd.LIMIT:
        message = f"The output grew past the plan's ceiling of {plan.ceiling_bytes} bytes"
        return Failure(kind=FailureKind.LIMIT_EXCEEDED, message=message, stderr_tail=stderr)
    if result.end is ToolEnd.EXITED and result.exit_code is not None:
        return tool_exit(exit_code=result.exit_code, stderr_tail=stderr)
    return _killed(result, oom_killed)


def nothing_written(*, result: ToolResult, directory: Path) -> Failure:
    """Return why a tool that reported success left no bytes: a full disk, or no reason that it told."""
    if (full := out_of_space(directory=directory, stderr=result.stderr_tail)) is not None:
        return Failure(
            kind=FailureKind.NO_SPACE, message=full, exit_code=result.exit_code, stderr_tail=result.stderr_tail
        )
    missing = output_missing()
    return Failure(
        kind=missing.kind, message=missing.message, exit_code=result.exit_code, stderr_tail=result.stderr_tail
    )


def _killed(result: ToolResult, oom_killed: bool) -> Failure:
    number = result.signal or 0
    name = signal.Signals(number).name if number in {item.value for item in signal.Signals} else "unknown"
    message = f"FFmpeg was killed by signal {number} ({name})"
    if result.forbidden:
        message += ": the tool tried a forbidden system call"
    if oom_killed:
        message += ": the kernel ended it because memory ran out"
    return Failure(kind=FailureKind.TOOL_KILLED, message=message, stderr_tail=result.stderr_tail)
