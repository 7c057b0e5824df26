"""What stands where an output would go, as the collision policy of its job needs to know it."""

import re
import stat
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from proxx.core.facts import SourceIdentity
from proxx.core.path_key import fold_name
from proxx.core.roots import RootPath
from proxx.core.suffixes import taken_suffixes
from proxx.core.violation import Violation, ViolationCode
from proxx.engine.identity import read_identity
from proxx.runtime.where import Where, listed

_NUMBERED = re.compile(r"_[0-9]{3}(\.[^.]+)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPlace:
    """What was seen at one output path. `violation` says why that could not be seen, or why it can never be replaced.

    Its `field` is left to the caller.
    """

    exists: bool = False
    suffixes_taken: tuple[int, ...] = ()
    existing: SourceIdentity | None = None
    violation: Violation | None = None


def numbered_names(directories: Iterable[Where]) -> Mapping[Where, Set[str]]:
    """Return the entries of directories that look like names with a suffix, folded. Blocks for one look at each.

    A directory that is not there has none: whether it may be missing is decided elsewhere.

    Raises:
        OSError: one cannot be listed.
    """
    return {directory: _numbered(directory) for directory in set(directories)}


def look_at_output(*, local: Where, output: RootPath, names: Set[str] | None, describe: bool) -> OutputPlace:
    """Return what stands at an output path, a dangling link included. Blocks.

    With `names` (see numbered_names) also which of its suffixed names are taken; with `describe` also what file it is,
    and a violation when it is none that could be moved aside.
    """
    try:
        found = local.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return OutputPlace(suffixes_taken=_taken(local, names))
    except OSError as error:
        message = f"cannot see whether {local} exists: {error.strerror or error}"
        return OutputPlace(violation=_violation(ViolationCode.OUTPUT_DIRECTORY_UNWRITABLE, message))
    if not describe:
        return OutputPlace(exists=True, suffixes_taken=_taken(local, names))
    if not stat.S_ISREG(found.st_mode):
        kind = _kind(found.st_mode)
        message = f"Output {local} is {kind}; only a regular file is ever moved aside"
        violation = _violation(ViolationCode.OUTPUT_EXISTS, message, expected="a regular file", actual=kind)
        return OutputPlace(exists=True, violation=violation)
    try:
        return OutputPlace(exists=True, existing=read_identity(path=local, source=output))
    except OSError as error:
        message = f"Output {local} exists and cannot be read, so it is not moved aside: {error.strerror or error}"
        return OutputPlace(exists=True, violation=_violation(ViolationCode.OUTPUT_EXISTS, message))


def _taken(local: Where, names: Set[str] | None) -> tuple[int, ...]:
    return () if names is None else taken_suffixes(name=local.name, names=names)


def _numbered(directory: Where) -> Set[str]:
    try:
        with listed(directory) as entries:
            return frozenset(fold_name(entry.name) for entry in entries if _NUMBERED.search(entry.name))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a directory"
    return "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"


def _violation(code: ViolationCode, message: str, *, expected: str = "", actual: str = "") -> Violation:
    return Violation(code=code, field="", message=message, expected=expected, actual=actual)
