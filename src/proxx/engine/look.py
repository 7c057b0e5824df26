"""Telling a file that is absent from a directory that is gone: a vanished volume says nothing about the file."""

import os
from pathlib import Path

from proxx.engine.errors import DirectoryGoneError


def look_at(path: Path) -> os.stat_result | None:
    """Return what `path` names, a link itself and not its target, or None when its directory holds no such name.

    The directory is held open meanwhile, so that a volume that comes or goes between two looks is never taken for an
    absent file.

    Raises:
        DirectoryGoneError: the directory itself is not there.
        OSError: it cannot be looked at.
    """
    try:
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DirectoryGoneError(path.parent) from error
    try:
        return os.stat(path.name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    finally:
        os.close(directory)
