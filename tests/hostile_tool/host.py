"""What a hostile tool may attack: files, sockets and processes of this host, all made for the purpose."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.tool import ToolRequest, ToolResult

PROGRAM = Path(__file__).with_name("program.py")
PYTHON = tuple(dict.fromkeys(Path(path) for path in (sys.prefix, sys.base_prefix)))
SOURCE_BYTES = b"a source that nobody may change"
RUN_SECONDS = 100
SECRET = "PROXX_HOSTILE_SECRET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One host with something to attack; `target` is what the program is told."""

    root: Path
    source: Path
    staging: Path
    target: dict[str, object] = field(default_factory=dict)

    async def run(self, *, level: SandboxLevel, only: tuple[str, ...] = ()) -> dict[str, str]:
        """Run every attempt, or those named, in one tool at a level; return how each ended.

        Raises:
            AssertionError: the program did not come to its end.
        """
        result = await self.attack(level=level, argv=(str(PROGRAM), json.dumps(self.target | {"only": list(only)})))
        assert result.ok, f"{result.end} {result.exit_code} {result.signal}: {result.stderr_tail}"
        return dict(json.loads(line) for line in result.stdout.decode().splitlines())

    async def attack(
        self,
        *,
        level: SandboxLevel,
        argv: tuple[str, ...],
        processes: bool = True,
        timeout_seconds: float = RUN_SECONDS,
        memory_limit_bytes: int | None = None,
        output_limit_bytes: int | None = None,
    ) -> ToolResult:
        """Run Python with these arguments as if it were ffmpeg: the source to read, the staging directory to write."""
        runner = ProcessToolRunner(scratch=self.root / "scratch", most=level, loadable=(*PYTHON, PROGRAM.parent))
        request = ToolRequest(
            argv=(sys.executable, "-I", "-S", *argv),
            readable=(self.source,),
            writable=(self.staging,),
            timeout_seconds=timeout_seconds,
            memory_limit_bytes=memory_limit_bytes,
            output_limit_bytes=output_limit_bytes,
            processes=processes,
        )
        return await runner.run(request)

    def harm(self) -> list[str]:
        """Return what an attempt has changed on the host."""
        looks = {
            "the source's bytes": self.source.read_bytes() == SOURCE_BYTES,
            "the source's mode": stat.S_IMODE(self.source.stat().st_mode) == 0o600,
            "the source's directory": sorted(path.name for path in self.source.parent.iterdir())
            == ["clip.mov", "neighbour.mov"],
            "a temporary file": not Path(str(self.target["temporary"])).exists(),
            "the system's programs": not Path(str(self.target["system"])).exists(),
        }
        return [name for name, sound in looks.items() if not sound]


@contextlib.contextmanager
def hostile_host(root: Path) -> Iterator[Host]:
    """Make all of it below an empty directory; it is gone with the block."""
    for name in ("media", "staging", "scratch", "private"):
        (root / name).mkdir()
    source, secret, neighbour = root / "media/clip.mov", root / "private/secret", root / "media/neighbour.mov"
    staged = root / "staging" / "neighbour.mov"
    for path in (source, secret, neighbour, staged):
        path.write_bytes(SOURCE_BYTES)
        path.chmod(0o600)
    temporary, system = root / "temporary", Path(f"/usr/bin/proxx-hostile-{os.getpid()}")
    abstract = f"proxx-hostile-{os.getpid()}"
    with contextlib.ExitStack() as ends:
        port = _listen(ends, socket.AF_INET, ("127.0.0.1", 0))
        port6 = _listen(ends, socket.AF_INET6, ("::1", 0))
        _listen(ends, socket.AF_UNIX, str(root / "socket"))
        _listen(ends, socket.AF_UNIX, f"\0{abstract}")
        victim = ends.enter_context(subprocess.Popen(("sleep", "300")))
        ends.callback(victim.kill)
        ends.callback(lambda: system.unlink(missing_ok=True))
        os.environ[SECRET] = "secret"
        ends.callback(lambda: os.environ.pop(SECRET))
        left_open = os.open(source, os.O_RDONLY)
        os.set_inheritable(left_open, True)
        ends.callback(os.close, left_open)
        yield Host(
            root=root,
            source=source,
            staging=root / "staging",
            target={
                "source": str(source),
                "source_size": len(SOURCE_BYTES),
                "staging": str(root / "staging"),
                "staged": str(staged),
                "secret": str(secret),
                "neighbour": str(neighbour),
                "temporary": str(temporary),
                "system": str(system),
                "socket": str(root / "socket"),
                "port": port,
                "port6": port6,
                "abstract": abstract,
                "victim": victim.pid,
                "executor": os.getpid(),
                "device": _block_device(),
                "cgroup": _control_group(),
                "kmsg": Path("/dev/kmsg").exists(),
                "terminal": Path("/dev/ptmx").exists(),
                "sysrq": Path("/proc/sysrq-trigger").exists(),
            },
        )


def _listen(ends: contextlib.ExitStack, family: int, address: object) -> int:
    """Listen until the block ends; return the port, 0 for a socket without one."""
    try:
        server = ends.enter_context(socket.socket(family, socket.SOCK_STREAM))
        server.bind(address)  # type: ignore[arg-type]  # one function for every family
    except OSError:
        return 0  # a host without IPv6
    server.listen()
    name = server.getsockname()
    return int(name[1]) if isinstance(name, tuple) else 0


def _block_device() -> str:
    found = (str(path) for path in sorted(Path("/dev").iterdir()) if path.is_block_device())
    return next(found, "")


def _control_group() -> str:
    found = (path for top in ("", "unified", "pids") for path in Path("/sys/fs/cgroup", top).glob("cgroup.procs"))
    return str(next(found, ""))
