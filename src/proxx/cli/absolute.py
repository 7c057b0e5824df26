"""A path of the command line, as a scheduler can take it."""

import os
from pathlib import Path

from proxx.core.client_path import PathKind, path_kind


def absolute_name(name: str | Path) -> str:
    """Return a path, absolute: as this host has it, or as it stands when it is spelt as Windows does, for a server.

    Links stay as they are written.
    """
    text = str(name)
    if path_kind(text) in (PathKind.DRIVE, PathKind.SHARE):
        return text
    return os.path.abspath(text)  # noqa: PTH100  resolve() would follow links
