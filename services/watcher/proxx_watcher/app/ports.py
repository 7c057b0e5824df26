"""What the watcher asks of the outside world. Every call may wait; every path below a folder is relative to it.

Names of files are text with surrogate escapes (os.fsdecode), so any bytes that a file system holds can pass through.
Disk calls raise OSError as the system does: a folder's pass turns it into the folder's own trouble, never another's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from proxx.core.jobs import JobResult, JobView, SubmissionOptions
from proxx.core.violation import Violation
from proxx.core.watch_folders import TakenFolder, WatchFolder
from proxx.runtime.clock import Clock
from proxx_watcher.domain.root_identity import RootIdentity
from proxx_watcher.domain.sighted_name import SightedName
from proxx_watcher.domain.sighting import Sighting

__all__ = [
    "Clock",
    "FileRead",
    "FileTroubleError",
    "FolderLock",
    "FolderTroubleError",
    "Ledger",
    "PassOutcome",
    "Scheduler",
    "SchedulerAwayError",
    "SpecDisk",
    "StatusSink",
    "SubmissionFailedError",
    "SubmissionRefusedError",
    "WatchedFolder",
]


class SchedulerAwayError(Exception):
    """Nobody answered, or not in time: whether the call had an effect is unknown. Asking again later is right."""


class SubmissionRefusedError(Exception):
    """The scheduler refused a JobSpec for good. No job was made."""

    def __init__(self, *, message: str, violations: tuple[Violation, ...]) -> None:
        """Keep every violation; the message is the scheduler's own."""
        super().__init__(message)
        self.violations = violations


class SubmissionFailedError(SchedulerAwayError):
    """The scheduler answered one submission with a failure that is none of its reasons. Others may go well."""


class FolderTroubleError(Exception):
    """A folder cannot be worked on now. The text is the fact; the folder pauses and tries again."""


class FileTroubleError(FolderTroubleError):
    """One JobSpec cannot be worked on now, because of a file that stands in its way. The folder's others go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """The bytes of a file and its stat after they were read. `data` is None when it is longer than the limit.

    `torn` says that it changed while it was read, `writing` that a program of this machine has it open for writing.
    """

    data: bytes | None
    sighting: Sighting
    torn: bool
    writing: bool = False


class Scheduler(Protocol):
    """The scheduler, as far as a watcher needs it. Every call raises SchedulerAwayError."""

    async def find(self, *, request_id: str) -> JobView | None:
        """Return the job that this request made; None when there is none."""
        ...

    async def submit(self, *, request_id: str, spec_json: str, options: SubmissionOptions) -> JobView:
        """Submit a JobSpec; a request that was made before returns its job, whatever its options were.

        Raises:
            SubmissionRefusedError: the JobSpec or its options break rules.
            SubmissionFailedError: this one failed; whether it had an effect is unknown.
        """
        ...

    async def alive(self) -> None:
        """Return when the scheduler answers."""
        ...

    async def jobs(self, *, job_keys: Sequence[str]) -> Mapping[str, JobView]:
        """Return those of the jobs that the scheduler knows, by key."""
        ...

    async def result(self, *, job_key: str) -> JobResult:
        """Return the result of a job's newest run with all its clips."""
        ...


class Ledger(Protocol):
    """What one folder remembers between its lives: a cache that saves work and calls, never the truth.

    A record is a JSON object under a text key. A ledger that cannot be read is moved aside, and begun anew.
    """

    async def read(self) -> None:
        """Read it anew, because the folder's lock was just taken: another process may have written it until then.

        Raises:
            OSError: it cannot be read.
        """
        ...

    def records(self) -> Mapping[str, Mapping[str, object]]:
        """Return every record by its key, in the order of first writing."""
        ...

    async def put(self, *, key: str, record: Mapping[str, object], durable: bool = True) -> None:
        """Keep a record in place of the one of the same key; unless `durable`, a power cut may take it back.

        Raises:
            OSError: it cannot be written.
        """
        ...


class FolderLock(Protocol):
    """The right to work on a folder, which one process has at a time."""

    async def hold(self) -> bool:
        """Take the lock, or make sure that it is still held; also after the folder came back.

        Returns whether it was taken now.

        Raises:
            FolderTroubleError: another process holds it; the text says which and since when.
            OSError: the lock file cannot be made.
        """
        ...

    async def drop(self) -> None:
        """Let the lock go, because the directory is not the folder's: a disk that went away must not be kept busy."""
        ...

    async def seen(self) -> bool:
        """Return whether the lock file stands in the folder: this folder has been watched before."""
        ...


class SpecDisk(Protocol):
    """One JobSpec folder on disk. Paths are relative to the folder, `` is the folder itself."""

    async def identity(self) -> RootIdentity | None:
        """Return which directory stands at the folder's path; None when none does."""
        ...

    async def names(self, *, directory: str) -> tuple[SightedName, ...]:
        """Return everything in a directory, without following links, by the bytes of the names.

        Raises:
            FileNotFoundError: there is no such directory.
        """
        ...

    async def specs(self, *, directory: str, results_here: bool) -> tuple[SightedName, ...]:
        """Return what stands under the names that matter (domain.spec_names), like `names`.

        Names that came or went may be noticed 30 s late where the file system does not move the directory's time.

        Raises:
            FileNotFoundError: there is no such directory.
        """
        ...

    async def results(self, *, directory: str) -> Mapping[str, int]:
        """Return the inode of everything in a directory that has the name of a result; nothing where none is.

        Like `specs`, up to 30 s late where the file system does not move the directory's time.
        """
        ...

    async def look(self, *, path: str) -> SightedName | None:
        """Return what stands at a path, without following a link; None when nothing does."""
        ...

    async def read(self, *, path: str, limit: int) -> FileRead:
        """Read a regular file of at most `limit` bytes, not through a link.

        Raises:
            FileNotFoundError: it is gone. OSError: it cannot be read, or is no regular file.
        """
        ...

    async def make_directory(self, *, path: str) -> None:
        """Make a directory durably; one that stands there already is fine.

        Raises:
            FileExistsError: something else stands there.
        """
        ...

    async def write_new(self, *, path: str, text: str) -> None:
        """Write a file whole or not at all, durably, under a name that must be free.

        Raises:
            FileExistsError: the name is taken.
        """
        ...

    async def write_over(self, *, path: str, text: str) -> None:
        """Replace a file of our own (the manifest) whole or not at all, durably."""
        ...

    async def move(self, *, source: str, target: str) -> None:
        """Move a file within the folder, durably, to a name that must be free and that only the watcher makes.

        What is moved is what stands at the source in that instant: somebody may have replaced it.

        Raises:
            FileNotFoundError: the source is gone. FileExistsError: the name is taken.
        """
        ...

    async def put_back(self, *, source: str, target: str) -> None:
        """Move a file that only the watcher touches, durably, to a free name where others make names, too.

        Raises:
            FileNotFoundError: the source is gone. FileExistsError: the name is taken.
        """
        ...

    async def sweep(self, *, directory: str) -> None:
        """Remove unfinished files that an earlier life of the watcher left in a directory."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOutcome:
    """What one pass over a folder found.

    `look_again_seconds` asks for the next pass earlier than the poll interval; None asks for nothing. `busy` says that
    something which this pass saw is still on its way to an end that comes without an operator; `failures` counts what
    ended otherwise than COMPLETED since the folder was opened, `waits_for_server` that the scheduler did not answer.
    """

    folder: WatchFolder
    look_again_seconds: float | None
    busy: bool
    failures: int
    waits_for_server: bool = False


class WatchedFolder(Protocol):
    """A folder of any layout, as the loop drives it."""

    @property
    def name(self) -> str:
        """Name of the folder, the same after a restart."""
        ...

    async def open_pass(self, *, submit: bool) -> PassOutcome:
        """Look once, move on what can be moved on, and say how the folder stands. Raises nothing but cancellation.

        `submit` is False while another live watcher has this folder's name: then nothing new is submitted.
        """
        ...


class StatusSink(Protocol):
    """Whoever wants to know how all folders stand: the scheduler's registry, metrics, the log, standard output."""

    async def tell(self, *, folders: tuple[WatchFolder, ...]) -> tuple[TakenFolder, ...]:
        """Take the folders after a pass. Returns those whose name another live watcher has; raises nothing."""
        ...
