"""What the launcher is asked, as the bytes that it reads (engine/_launcher_main.py says what they mean)."""

import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from proxx.engine.evidence import PathEvidence
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.syscall_filter import filter_program
from proxx.engine.sandbox.tool_files import SYSTEM_DIRECTORIES, SYSTEM_FILES, ToolFiles, library_directories


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRequest:
    """One tool. `level` is PROCESS, FILTERS or NAMESPACES; without `argv` it is a trial of that level.

    `loadable` may be read and loaded as code, `readable` only read, `writable` be written. `evidence` says which
    files some of them are: with others in their places the tool does not start.
    """

    directory: Path
    level: SandboxLevel
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    limits: Mapping[str, int]
    files: ToolFiles
    loadable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    evidence: tuple[PathEvidence, ...] = ()
    processes: bool = False

    def encoded(self) -> bytes:
        """Return the request as the launcher reads it.

        Raises:
            ValueError: one of its texts holds a NUL character.
        """
        fields = [
            f"d{self.directory}",
            f"s{self.level}",
            *(f"l{name}={limit}" for name, limit in self.limits.items()),
            *(f"e{name}={value}" for name, value in self.environment.items()),
            *(f"a{argument}" for argument in self.argv),
            *(self._isolation() if self.level.rank > SandboxLevel.PROCESS.rank else ()),
            "",
        ]
        if any("\0" in field for field in fields):
            raise ValueError("an argument of a tool holds a NUL character")
        return b"".join(os.fsencode(field) + b"\0" for field in fields)

    def _isolation(self) -> Iterable[str]:
        """The fields that only an isolating level has."""
        links = [path for path in SYSTEM_DIRECTORIES if Path(path).is_symlink()]
        system = [path for path in (*SYSTEM_DIRECTORIES, *SYSTEM_FILES) if path not in links and Path(path).exists()]
        loadable = dict.fromkeys((*self.files.paths, *self.loadable, *library_directories()))
        yield from (f"x{path}" for path in (*system, *loadable))
        yield from (f"r{path}" for path in dict.fromkeys(self.readable))
        yield from (f"w{path}" for path in dict.fromkeys(self.writable))
        yield from (f"i{found.device}:{found.inode}={found.path}" for found in self.evidence)
        confined = self.level is SandboxLevel.NAMESPACES
        if confined:
            yield from (f"k{path}={Path(path).readlink()}" for path in links)
            # Where a loader looks for what lies beside the program:
            yield f"k/proc/self/exe={self.files.program or '/'}"
        processes = self.processes or self.files.script
        program = filter_program(machine=platform.machine(), processes=processes, confined=confined)
        if program is not None:
            yield f"b{program.hex()}"
