"""The directory that a storage root is mounted at, and the marker that tells it from an empty mount point."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from proxx.core.quoting import quote
from proxx.runtime import open_flags
from proxx.runtime.beneath import Links, Opener, open_beneath

MARKER_NAME = ".proxx-root"
"""The file in a root that says which root it is (docs/PATHS.md)."""

MARKER_BYTES = 256

ANY_MARKER = "any"


class RootUnavailableError(OSError):
    """A root is not there: its directory is gone, or the directory that stands in its place is not the root."""

    def __init__(self, path: Path, why: str) -> None:
        """Name the directory, and what is wrong with it."""
        super().__init__(errno.ENODEV, why, str(path))


@dataclass(frozen=True, slots=True)
class RootDirectory:
    """Where a root is mounted. With `marker` it counts as mounted only while the marker file there has that id.

    A `marker` of ANY_MARKER takes any id, but one must be there. `opener` is how what lies below is opened.
    """

    path: Path
    marker: str = ""
    opener: Opener = open_beneath

    def open(self) -> int:
        """Return a descriptor of the directory.

        Raises:
            RootUnavailableError: it has not the marker that it should have.
            OSError: it cannot be opened.
        """
        descriptor = os.open(self.path, open_flags.PATH_ONLY | open_flags.DIRECTORY | open_flags.CLOSE_ON_EXEC)
        if self.marker:
            try:
                self._check(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
        return descriptor

    def open_below(
        self, parts: tuple[str, ...], *, flags: int, mode: int = 0o666, links: Links = Links.INSIDE, start: int = -1
    ) -> int:
        """Return a descriptor of what lies below, never through a link that leads out.

        `start` is a directory below the root that is open already: then `parts` count from there.

        Raises:
            OSError: as open and open_beneath.
        """
        if start >= 0:
            return self.opener(root=start, parts=parts, flags=flags, root_path=self.path, mode=mode, links=links)
        root = self.open()
        try:
            return self.opener(root=root, parts=parts, flags=flags, root_path=self.path, mode=mode, links=links)
        finally:
            os.close(root)

    def read_marker(self) -> str:
        """Return the id in the marker, empty where there is none.

        Raises:
            OSError: directory or marker cannot be read.
        """
        descriptor = os.open(self.path, open_flags.PATH_ONLY | open_flags.DIRECTORY | open_flags.CLOSE_ON_EXEC)
        try:
            return _read_marker(descriptor)
        finally:
            os.close(descriptor)

    def _check(self, descriptor: int) -> None:
        try:
            found = _read_marker(descriptor)
        except OSError as error:
            raise RootUnavailableError(self.path, f"its marker cannot be read: {error.strerror or error}") from error
        if not found:
            raise RootUnavailableError(
                self.path, f"there is no {MARKER_NAME} in it: its disk is not mounted, or was never made a root"
            )
        if self.marker not in (ANY_MARKER, found):
            why = f"its {MARKER_NAME} is that of another root: expected {self.marker}, found {quote(text=found)}"
            raise RootUnavailableError(self.path, why)


def _read_marker(directory: int) -> str:
    flags = open_flags.READ | open_flags.NO_FOLLOW | open_flags.NO_WAIT
    try:
        descriptor = os.open(MARKER_NAME, flags, dir_fd=directory)
    except FileNotFoundError:
        return ""
    try:  # os.fdopen would leave the descriptor of a directory open
        words = os.read(descriptor, MARKER_BYTES).decode("utf-8", "replace").split()
    finally:
        os.close(descriptor)
    return words[0] if words else ""
