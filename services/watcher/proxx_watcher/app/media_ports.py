"""What a media folder asks of the outside world, beside the ports of every folder. Disk calls raise OSError."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from proxx.core.jobs import JobView
from proxx.core.presets.preset_library import PresetLibrary
from proxx.core.profile_library import ProfileLibrary
from proxx_watcher.app.ports import Scheduler
from proxx_watcher.domain.checksum_list import Listed
from proxx_watcher.domain.readiness import Look
from proxx_watcher.domain.root_identity import RootIdentity
from proxx_watcher.domain.safety import Room
from proxx_watcher.domain.sighting import Sighting

Form = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderScan:
    """What one scan saw, each group by the bytes of the paths.

    `quiet_parts` are the settled files of clips of several, which were not looked at. `faults` are directories that
    could not be listed and files that could not be looked at, each with the reason: they, and what lies in them, are
    neither there nor gone.
    """

    media: tuple[Sighting, ...] = ()
    parts: tuple[Sighting, ...] = ()
    temporary: tuple[Sighting, ...] = ()
    markers: tuple[Sighting, ...] = ()
    lists: tuple[Sighting, ...] = ()
    quiet_parts: frozenset[str] = frozenset()
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """The content digest of a file (size, first and last MiB), and its form after it was read."""

    digest: str
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest:
    """A digest of all bytes in lower-case hex, and the file's form after they were read."""

    value: str
    form: Form


class MediaDisk(Protocol):
    """One media folder on disk, never written to. Paths are relative to the folder."""

    async def identity(self) -> RootIdentity | None:
        """Return which directory stands at the folder's path; None when none does."""
        ...

    async def scan(self, *, settled: Collection[str], reopened: Collection[str], full: bool) -> FolderScan:
        """List the folder.

        Files of `settled`, of this scan and those before, are not looked at any more while their directory does not
        change, until they are `reopened`. A `full` scan looks at everything.
        """
        ...

    async def look(self, *, path: str, lease: bool) -> Look:
        """Look inside a file; what the system refuses stands in the answer."""
        ...

    async def form(self, *, path: str) -> Form | None:
        """Return the form of a regular file without opening it; None when there is none."""
        ...

    async def content(self, *, path: str) -> FileContent:
        """Return what a file is known by."""
        ...

    async def digest(self, *, path: str, algorithm: str) -> FileDigest:
        """Read a whole file."""
        ...

    async def checksum_list(self, *, path: str) -> tuple[tuple[str, Listed], ...]:
        """Return the entries of a checksum list that name something in the folder, each with its path.

        Raises:
            ChecksumListError: it is no whole list.
        """
        ...

    async def room(self, *, directory: str) -> Room:
        """Return the free space where an absolute directory is or will be."""
        ...


class MediaScheduler(Scheduler, Protocol):
    """The scheduler, for folders that hold jobs and may start them."""

    async def start(self, *, job_key: str, request_id: str) -> JobView:
        """Start a held job; asked twice with one request_id it starts once.

        Raises:
            SchedulerAwayError: nobody answered.
            SubmissionRefusedError: the scheduler refuses to.
        """
        ...


class Recipes(Protocol):
    """Presets of this machine and profiles of the scheduler."""

    async def presets(self) -> PresetLibrary:
        """Return the presets.

        Raises:
            PresetValidationError: a preset file is broken.
        """
        ...

    async def profiles(self) -> ProfileLibrary:
        """Return the profiles that the scheduler will judge a JobSpec by.

        Raises:
            SchedulerAwayError: nobody answered.
        """
        ...
