"""A followed job as plain lines: for logs, pipes and dumb terminals."""

from proxx.cli.output import say
from proxx.cli.text import plural
from proxx.core.client_path import client_name
from proxx.core.jobs import ClipProgress, ClipState, JobView

_TOLD = frozenset(
    {
        ClipState.RUNNING,
        ClipState.STAGED,
        ClipState.INTERRUPTED,
        ClipState.COMPLETED,
        ClipState.FAILED,
        ClipState.SKIPPED,
    }
)


class LineDisplay:
    """One plain line on stderr for each change of state: for logs, pipes and dumb terminals."""

    def __init__(self) -> None:
        """Nothing is known of the job yet."""
        self._sources: list[str] = []
        self._last = ""

    def job(self, view: JobView) -> None:
        """Tell the job's state when it changed."""
        self._sources = source_names(view)
        line = f"job {view.job_id} {view.state}" + (f": {view.reason}" if view.reason else "")
        if line != self._last:
            self._last = line
            say(f"{line} ({plural(view.counts.total, 'clip')})" if not view.reason else line)

    def clip(self, *, index: int, state: ClipState) -> None:
        """Tell a clip's state when it is one that people wait for."""
        if state in _TOLD:
            name = self._sources[index] if index < len(self._sources) else "?"
            say(f"clip {index + 1}/{len(self._sources)} {state} {name}")

    def progress(self, progress: ClipProgress) -> None:
        """Lines tell changes of state only."""

    def close(self) -> None:
        """Nothing to clear."""


def source_names(view: JobView) -> list[str]:
    """Return the file names of the job's sources, in clip order."""
    sources = view.spec.get("sources")
    return [client_name(str(source)) for source in sources] if isinstance(sources, list | tuple) else []
