"""The progress bars of a terminal: one for the job, one for each clip that is being made."""

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from proxx.cli.lines import source_names
from proxx.cli.text import seconds_text
from proxx.core.jobs import TERMINAL_CLIP_STATES, ClipProgress, ClipState, JobView
from proxx.runtime.terminal import printable

_NAME_COLUMNS = 40
_ENDED = TERMINAL_CLIP_STATES | {ClipState.QUEUED, ClipState.STAGED, ClipState.INTERRUPTED}


class BarDisplay:
    """Draws on stderr and leaves nothing behind when it is closed. Colours follow NO_COLOR."""

    def __init__(self) -> None:
        """Start drawing."""
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(stderr=True, highlight=False),
            transient=True,
        )
        self._job: TaskID | None = None
        self._clips: dict[int, TaskID] = {}
        self._ended: set[int] = set()
        self._sources: list[str] = []
        self._bars.start()

    def job(self, view: JobView) -> None:
        """Draw the job's bar anew."""
        self._sources = source_names(view)
        if self._job is None:
            self._job = self._bars.add_task("", total=max(1, view.counts.total), note="")
        done = view.counts.completed + view.counts.failed + view.counts.skipped
        self._bars.update(
            self._job,
            description=f"job {view.job_id}",
            completed=max(done, len(self._ended)),
            note=f"{view.state}" + (f": {printable(view.reason)}" if view.reason else ""),
        )

    def clip(self, *, index: int, state: ClipState) -> None:
        """Add, change or remove a clip's bar."""
        if state in TERMINAL_CLIP_STATES:
            self._ended.add(index)
            if self._job is not None:
                self._bars.update(self._job, completed=len(self._ended))
        if state in _ENDED:
            bar = self._clips.pop(index, None)
            if bar is not None:
                self._bars.remove_task(bar)
        else:
            self._bars.update(self._bar(index), note=state.value)

    def progress(self, progress: ClipProgress) -> None:
        """Move a clip's bar."""
        if progress.clip_index in self._ended:
            return
        note = f"{progress.phase}  {progress.fps:.0f} fps  {progress.speed:.1f}x"
        if progress.eta_seconds:
            note += f"  {seconds_text(progress.eta_seconds)} left"
        self._bars.update(self._bar(progress.clip_index), completed=progress.fraction, note=printable(note))

    def close(self) -> None:
        """Stop drawing."""
        self._bars.stop()

    def _bar(self, index: int) -> TaskID:
        if index not in self._clips:
            name = printable(self._sources[index]) if index < len(self._sources) else f"clip {index}"
            short = name if len(name) <= _NAME_COLUMNS else f"{name[: _NAME_COLUMNS - 1]}…"
            self._clips[index] = self._bars.add_task(short, total=1.0, note="")
        return self._clips[index]
