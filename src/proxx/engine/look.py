"""Telling a file that is absent from a directory that is gone: a vanished volume says nothing about the file."""

import os
import sys

from proxx.engine.errors import DirectoryGoneError
from proxx.runtime import open_flags
from proxx.runtime.where import Where, host_path, open_at


def look_at(path: Where) -> os.stat_result | None:
    """Return what `path` names, a link itself and not its target, or None when its directory holds no such name.

    The directory is held open meanwhile, so that a volume that comes or goes between two looks is never taken for an
    absent file.

    Raises:
        DirectoryGoneError: the directory itself is not there.
        OSError: it cannot be looked at.
    """
    if sys.platform == "win32":  # directories cannot be opened there
        return look_twice(path)
    try:
        directory = open_at(path.parent, open_flags.READ | open_flags.DIRECTORY)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DirectoryGoneError(host_path(path.parent)) from error
    try:
        return os.stat(path.name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    finally:
        os.close(directory)


def look_twice(path: Where) -> os.stat_result | None:
    """Do what look_at does where directories cannot be opened: a volume may come or go between the two looks.

    Raises:
        DirectoryGoneError, OSError: as look_at.
    """
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        if not path.parent.is_dir():
            raise DirectoryGoneError(host_path(path.parent)) from error
        return None
