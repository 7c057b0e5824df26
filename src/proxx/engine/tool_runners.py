"""Which runner of tools this system has, and what it says about its isolation at the start."""

import sys
from collections.abc import Callable
from pathlib import Path

from proxx.engine.direct_runner import DirectToolRunner
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import SandboxReach, sandbox_reach
from proxx.engine.tool import ToolRunner


def tool_runner(
    *,
    scratch: Path | None = None,
    most: SandboxLevel = SandboxLevel.NAMESPACES,
    loadable: tuple[Path, ...] = (),
) -> ToolRunner:
    """Return the launcher's runner, or on Windows the one that starts tools itself. The arguments are theirs."""
    if sys.platform == "win32":
        return DirectToolRunner(scratch=scratch)
    return ProcessToolRunner(scratch=scratch, most=most, loadable=loadable)


def required_tool_runner(
    *,
    most: SandboxLevel,
    least: SandboxLevel,
    loadable: tuple[Path, ...],
    say: Callable[[SandboxReach], None],
) -> ToolRunner:
    """Return the runner of an executor, after `say` was told which level is reached and why not more.

    Raises:
        SandboxTooLowError: this host allows less than `least`.
    """
    reach = sandbox_reach(most=most)
    say(reach)
    reach.require(least)
    return tool_runner(most=most, loadable=loadable)
