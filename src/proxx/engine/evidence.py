"""What a path led to when it was opened below its root: the sandbox shows a tool that very file, or nothing.

A tool is given paths, and a path can be made to lead elsewhere while the tool starts. So the executor looks, without
ever leaving the root, and the launcher compares what it is about to show the tool (docs/PATHS.md).
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from proxx.runtime import open_flags
from proxx.runtime.where import Where, host_path, open_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEvidence:
    """A path of this host, and which file or directory it is."""

    path: Path
    device: int
    inode: int


def evidence_of(where: Where) -> PathEvidence:
    """Return which file or directory is there, at the end of a link that stays inside the root.

    Raises:
        OSError: nothing is there, or it cannot be looked at.
    """
    found = where.stat()
    return PathEvidence(path=host_path(where), device=found.st_dev, inode=found.st_ino)


def made_beside(where: Where, paths: Iterable[Path]) -> tuple[PathEvidence, ...]:
    """Make the files that a tool is to write beside `where`, as far as they are not there, and say which they are.

    Raises:
        OSError: one cannot be made, or is a link.
    """
    made = []
    for path in paths:
        place = where.with_name(path.name)
        flags = os.O_WRONLY | os.O_CREAT | open_flags.NO_FOLLOW | open_flags.NO_WAIT | open_flags.CLOSE_ON_EXEC
        os.close(open_at(place, flags))  # NO_WAIT: a FIFO in its place would keep us waiting for a reader
        made.append(evidence_of(place))
    return tuple(made)
