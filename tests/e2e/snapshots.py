"""What stands in a directory tree: enough to see that nothing was made, changed, touched or left."""

import hashlib
import os
import stat
from pathlib import Path


def snapshot(directory: Path) -> dict[str, tuple[str, str, int]]:
    """Every entry below `directory`, but for result files: its kind, its content's digest, when it was changed (ns).

    Directories have no time: an attempt may make and remove a file in them.
    """
    found: dict[str, tuple[str, str, int]] = {}
    for parent, directories, files in os.walk(directory):
        for name in (*directories, *files):
            path = Path(parent) / name
            if not name.startswith("proxx_job_"):
                found[str(path.relative_to(directory))] = _entry(path)
    return found


def _entry(path: Path) -> tuple[str, str, int]:
    state = path.lstat()
    if stat.S_ISREG(state.st_mode):
        return "file", hashlib.sha256(path.read_bytes()).hexdigest(), state.st_mtime_ns
    if stat.S_ISLNK(state.st_mode):
        return "link", str(path.readlink()), state.st_mtime_ns
    return ("directory", "", 0) if stat.S_ISDIR(state.st_mode) else ("special", "", state.st_mtime_ns)
