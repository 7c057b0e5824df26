"""A connected scheduler, and the run directory behind it when it is embedded."""

from dataclasses import dataclass
from typing import Protocol

from proxx.embedded.port import SchedulerPort


class RunHandle(Protocol):
    """The kept directory of an embedded run."""

    @property
    def run_id(self) -> str:
        """The id that `--resume` takes."""
        ...

    @property
    def log_directory(self) -> str:
        """Where the logs of both processes lie."""
        ...

    def keep(self, *, note: dict[str, object]) -> None:
        """Keep the directory after the session, with this note for a later `--resume`."""
        ...

    def discard(self) -> None:
        """Do not keep the directory after the session: its job is COMPLETED, or there is none."""
        ...

    def note(self) -> dict[str, object]:
        """Return the note that an earlier session kept."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`run` is None when the scheduler is a server of its own."""

    client: SchedulerPort
    run: RunHandle | None
