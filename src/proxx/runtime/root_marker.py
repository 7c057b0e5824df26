"""Writing and reading the marker of a storage root: one line, its id and its name."""

import os
from pathlib import Path

from proxx.runtime import open_flags
from proxx.runtime.durable import sync_directory
from proxx.runtime.root_directory import MARKER_BYTES, MARKER_NAME, RootDirectory


class MarkerTakenError(FileExistsError):
    """The root has a marker already. It is never replaced."""

    def __init__(self, marker: str) -> None:
        """Keep the id that it has."""
        super().__init__(f"the root has the marker {marker}")
        self.marker = marker


def write_marker(*, directory: Path, name: str, marker: str) -> str:
    """Write the marker durably, never over another; return its id.

    Raises:
        MarkerTakenError: there is one.
        OSError: it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | open_flags.NO_FOLLOW | open_flags.CLOSE_ON_EXEC
    try:
        descriptor = os.open(directory / MARKER_NAME, flags, 0o644)
    except FileExistsError as error:
        raise MarkerTakenError(RootDirectory(directory).read_marker()) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{marker} {name}\n")
        file.flush()
        os.fsync(file.fileno())
    sync_directory(directory)
    return marker


def read_marker(directory: Path) -> tuple[str, str]:
    """Return id and name in the marker, both empty where there is none.

    Raises:
        OSError: it cannot be read.
    """
    try:
        descriptor = os.open(directory / MARKER_NAME, open_flags.READ | open_flags.NO_FOLLOW | open_flags.NO_WAIT)
    except FileNotFoundError:
        return "", ""
    try:  # fdopen would leave the descriptor of a directory open
        text = os.read(descriptor, MARKER_BYTES).decode("utf-8", "replace").strip()
    finally:
        os.close(descriptor)
    marker, _, name = text.partition(" ")
    return marker, name
