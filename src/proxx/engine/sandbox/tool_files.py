"""Which files a tool needs to start: the program, what interprets it, and the libraries that lie outside the system's.

The system's own directories are shown to every tool, so a tool that lies there needs nothing more. Of any other the
loader is asked once, outside the sandbox: which tool runs is the operator's choice, and no stranger's bytes are read.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from proxx.engine.linked import NotElfError, loaded_files, read_elf

SYSTEM_DIRECTORIES = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/gnu/store", "/nix/store")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/alternatives")
LIBRARY_SETTINGS = Path("/etc/ld.so.conf.d")
LIST_SECONDS = 30.0
MOST_INTERPRETERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFiles:
    """The real file that is executed (None: there is none), what must be seen beside the system's directories, and
    whether a script interprets it: a script may have to start other programs."""

    program: Path | None
    paths: tuple[Path, ...] = ()
    script: bool = False


def find_tool_files(*, tool: str, search_path: str) -> ToolFiles:
    """Return what running `tool`, a name to be found on `search_path` or a path, needs to open.

    A tool that is absent or cannot be read needs nothing: running it tells why.
    """
    place = shutil.which(tool, path=search_path) or (tool if os.sep in tool else None)
    if place is None or not Path(place).exists():
        return ToolFiles(program=None)
    program = Path(os.path.realpath(place))
    paths = [Path(place), program]
    try:
        loader = read_elf(path=program).loader
    except NotElfError:
        return ToolFiles(program=program, paths=_outside([*paths, *_interpreters(program, search_path)]), script=True)
    except OSError:
        return ToolFiles(program=program, paths=_outside(paths))
    if loader is not None and _outside([program]):
        paths += [Path(loader), Path(os.path.realpath(loader)), *_libraries(loader, program)]
    return ToolFiles(program=program, paths=_outside(paths))


@cache
def library_directories() -> tuple[Path, ...]:
    """Return the directories, outside the system's own, where the loader is set to look for libraries."""
    found: list[Path] = []
    for file in sorted(LIBRARY_SETTINGS.glob("*.conf")):
        try:
            lines = file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except OSError:
            continue
        found += [Path(line.strip()) for line in lines if line.startswith("/")]
    return _outside([path for path in found if path.is_dir()])


def _interpreters(script: Path, search_path: str) -> tuple[Path, ...]:
    """What the `#!` of a script names, and what that is in turn."""
    paths: tuple[Path, ...] = ()
    for _ in range(MOST_INTERPRETERS):
        with script.open("rb") as file:
            first = file.readline(256)
        words = first[2:].split() if first.startswith(b"#!") else []
        if not words:
            break
        named = os.fsdecode(words[0])
        place = Path(shutil.which(named, path=search_path) or named)
        script = Path(os.path.realpath(place))
        paths += (place, script)
        if not script.is_file():
            break
    return paths


def _libraries(loader: str, program: Path) -> tuple[Path, ...]:
    try:
        listing = subprocess.run(
            (loader, "--list", str(program)), capture_output=True, timeout=LIST_SECONDS, check=False, env={}
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()  # starting the program will say why
    return loaded_files(listing=os.fsdecode(listing.stdout))


def _outside(paths: list[Path]) -> tuple[Path, ...]:
    """Keep, once each, what does not lie in the system's directories."""
    plain = dict.fromkeys(Path(os.path.normpath(path)) for path in paths)
    return tuple(path for path in plain if not any(path.is_relative_to(system) for system in SYSTEM_DIRECTORIES))
