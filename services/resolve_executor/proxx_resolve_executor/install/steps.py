"""What installing and uninstalling consist of: steps as data, shown before and while they are done."""

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import PurePath

from proxx_resolve_executor.discovery import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    """A file with its whole content. `keep`: one that is there already is left as it is."""

    path: PurePath
    content: bytes
    keep: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeDirectory:
    """A directory, with those above it."""

    path: PurePath


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCommand:
    """A command. `may_fail`: what it undoes may not be there."""

    words: tuple[str, ...]
    may_fail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """A file, or a directory with all that is in it, where it is there."""

    path: PurePath


Step = WriteFile | MakeDirectory | RunCommand | Remove


def step_line(*, step: Step, platform: Platform) -> str:
    """Return a step in one line, commands as a shell of the platform takes them."""
    match step:
        case WriteFile(path=path, keep=keep):
            return f"write   {path}" + (" (unless it is there)" if keep else "")
        case MakeDirectory(path=path):
            return f"make    {path}"
        case Remove(path=path):
            return f"remove  {path}"
        case RunCommand(words=words):
            return "run     " + command_line(words=words, platform=platform)


def command_line(*, words: tuple[str, ...], platform: Platform) -> str:
    """Return words as one line for a shell of the platform."""
    return subprocess.list2cmdline(words) if platform is Platform.WINDOWS else shlex.join(words)
