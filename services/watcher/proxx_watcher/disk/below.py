"""A place in a watch folder, used without ever leaving the folder: below it no link is followed at all."""

from pathlib import Path

from proxx.runtime.root_directory import RootDirectory
from proxx.runtime.rooted_path import RootedPath
from proxx.runtime.where import CAN_STAY_INSIDE, Where


def below(*, root: Path, path: str) -> Where:
    """Return the place of `path`, relative and with `/`, in the folder at `root`; empty: the folder itself."""
    parts = tuple(path.split("/")) if path else ()
    if not CAN_STAY_INSIDE:
        return root.joinpath(*parts)
    return RootedPath(RootDirectory(root), parts, max(1, len(parts)))
