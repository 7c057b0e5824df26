"""Which runner of tools this system has."""

import sys
from pathlib import Path

from proxx.engine.direct_runner import DirectToolRunner
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.tool import ToolRunner


def tool_runner(*, scratch: Path | None = None) -> ToolRunner:
    """Return the launcher's runner, or on Windows the one that starts tools itself. `scratch` as they say."""
    if sys.platform == "win32":
        return DirectToolRunner(scratch=scratch)
    return ProcessToolRunner(scratch=scratch)
