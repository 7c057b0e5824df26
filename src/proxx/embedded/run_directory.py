"""The private directory of one embedded run: database, logs, and what is needed to resume it."""

import json
import re
import shutil
from datetime import datetime
from pathlib import Path

from proxx.embedded.errors import UnknownRunError

_RUN_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


class RunDirectory:
    """`<state>/runs/<run id>`, readable by its user only. Kept unless its job is COMPLETED."""

    def __init__(self, path: Path) -> None:
        """Name the directory; `create` or `find` make sure that it is there."""
        self.path = path

    @classmethod
    def create(cls, *, state: Path, now: datetime, suffix: str) -> "RunDirectory":
        """Make a new directory named by the moment (UTC) and `suffix`, eight random hex characters.

        Raises:
            FileExistsError: there is a run of that name.
            OSError: the state directory cannot be written.
        """
        runs = state / "runs"
        runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = runs / f"{now:%Y%m%dT%H%M%SZ}-{suffix}"
        path.mkdir(mode=0o700)
        return cls(path)

    @classmethod
    def find(cls, *, state: Path, run_id: str) -> "RunDirectory":
        """Return the kept run of that id.

        Raises:
            UnknownRunError: there is none; the message lists those that are kept.
        """
        path = state / "runs" / run_id
        if _RUN_ID.fullmatch(run_id) and path.is_dir():
            return cls(path)
        kept = ", ".join(run.run_id for run in cls.kept(state=state)) or "none is kept"
        raise UnknownRunError(f"there is no kept run {run_id} in {state / 'runs'} (kept: {kept})")

    @classmethod
    def kept(cls, *, state: Path) -> list["RunDirectory"]:
        """Return every kept run, oldest first."""
        runs = state / "runs"
        if not runs.is_dir():
            return []
        return [cls(path) for path in sorted(runs.iterdir()) if _RUN_ID.fullmatch(path.name)]

    @property
    def run_id(self) -> str:
        """The id that `proxx run --resume` takes."""
        return self.path.name

    @property
    def database(self) -> Path:
        """The run's SQLite file."""
        return self.path / "proxx.db"

    def write_note(self, note: dict[str, object]) -> None:
        """Keep what a later `--resume` wants to know: the job and where its JobSpec came from."""
        (self.path / "run.json").write_text(json.dumps(note, indent=2) + "\n", encoding="utf-8")

    def read_note(self) -> dict[str, object]:
        """Return what `write_note` kept; empty when the run ended before it had a job.

        Raises:
            UnknownRunError: the note is damaged.
        """
        path = self.path / "run.json"
        if not path.exists():
            return {}
        try:
            note = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UnknownRunError(f"{path} is damaged: {error}") from error
        if not isinstance(note, dict):
            raise UnknownRunError(f"{path} is damaged: it holds no object")
        return note

    def discard(self) -> None:
        """Remove the directory with everything in it.

        Raises:
            OSError: something in it cannot be removed.
        """
        shutil.rmtree(self.path)
