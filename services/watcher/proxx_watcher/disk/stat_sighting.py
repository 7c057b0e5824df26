"""What stat says of a file, as a sighting. Pure."""

import os

from proxx_watcher.domain.sighting import Sighting

_BLOCK = 512
"""Unit of st_blocks (stat(2)), whatever the block size of the file system."""


def sighting_of(*, path: str, state: os.stat_result) -> Sighting:
    """Return the sighting of the file at `path` with this stat."""
    return Sighting(
        path=path,
        size=state.st_size,
        mtime_ns=state.st_mtime_ns,
        ctime_ns=state.st_ctime_ns,
        device=state.st_dev,
        inode=state.st_ino,
        allocated=state.st_blocks * _BLOCK,
    )
