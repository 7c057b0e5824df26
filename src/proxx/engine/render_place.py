"""A directory of one attempt's own, beside its staged file, for an engine that names its output by itself (Resolve)."""

import errno
import shutil
import stat

from proxx.core.staging import RENDER_SUFFIX
from proxx.runtime.no_replace import move_to_own
from proxx.runtime.where import Where, held


def render_place(staged: Where) -> Where:
    """Return where the attempt that stages `staged` renders."""
    return staged.with_name(staged.name + RENDER_SUFFIX)


def make_render_place(staged: Where) -> Where:
    """Make the directory, empty, and return it.

    Raises:
        OSError: it cannot be made, or this attempt has rendered before.
    """
    place = render_place(staged)
    place.mkdir(mode=0o775)
    return place


def take_render(*, file: Where, staged: Where) -> None:
    """Give the rendered file its staged name, and remove the directory with whatever else lies in it.

    Raises:
        OSError: it cannot; FileNotFoundError where the file is not there, is no regular file, or is empty.
    """
    found = file.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size == 0:
        raise FileNotFoundError(errno.ENOENT, "no regular file with bytes in it", str(file))
    move_to_own(source=file, target=staged)
    remove_render_place(staged)


def remove_render_place(staged: Where) -> None:
    """Remove the directory with everything in it, if it is there. Never follows a link.

    Raises:
        OSError: it is there and cannot be removed.
    """
    place = staged.with_name(staged.name + RENDER_SUFFIX)
    try:
        found = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(found.st_mode):
        with held(place) as (directory, name):
            shutil.rmtree(name, dir_fd=directory)
    else:
        place.unlink()
