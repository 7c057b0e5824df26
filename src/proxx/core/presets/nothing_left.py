"""The error of a preset that leaves out every source."""

from proxx.core.presets.errors import PresetCompileError, PresetProblem
from proxx.core.presets.selection import ExcludedSource


class NothingLeftError(PresetCompileError):
    """No source is left; `excluded` holds each with its rule."""

    def __init__(self, problem: PresetProblem, *, excluded: tuple[ExcludedSource, ...]) -> None:
        """Keep the problem and the sources."""
        super().__init__((problem,))
        self.excluded = excluded
