"""How a followed job is shown: the port, and the form that shows nothing."""

from typing import Protocol

from proxx.core.jobs import ClipProgress, ClipState, JobView


class Display(Protocol):
    """What a followed job tells. Every call is made from one task."""

    def job(self, view: JobView) -> None:
        """The job changed (or is seen for the first time)."""
        ...

    def clip(self, *, index: int, state: ClipState) -> None:
        """A clip changed its state."""
        ...

    def progress(self, progress: ClipProgress) -> None:
        """A clip is that far."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...


class SilentDisplay:
    """Shows nothing (`--no-progress`)."""

    def job(self, view: JobView) -> None:
        """Show nothing."""

    def clip(self, *, index: int, state: ClipState) -> None:
        """Show nothing."""

    def progress(self, progress: ClipProgress) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Show nothing."""
