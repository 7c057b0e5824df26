"""Attempts that need a tool of their own: what exhausts the host, and what will not end."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.tool import ToolEnd, ToolResult
from tests.hostile_tool.host import Host

MIB = 1024 * 1024
Bomb = Callable[[Host, SandboxLevel], Awaitable[str]]


async def _forks(host: Host, level: SandboxLevel) -> str:
    """Sixty-four processes are enough to know, and do no harm where nothing hinders them."""
    code = "import os\nfor _ in range(64):\n    if not os.fork(): os._exit(0)"
    return _said(await host.attack(level=level, argv=("-c", code), processes=False))


async def _memory(host: Host, level: SandboxLevel) -> str:
    code = "held = bytearray(1 << 30)"
    return _said(await host.attack(level=level, argv=("-c", code), memory_limit_bytes=256 * MIB))


async def _huge_file(host: Host, level: SandboxLevel) -> str:
    code = _in_staging("while True: file.write(bytes(1 << 16))")
    return _said(await host.attack(level=level, argv=(*code, str(host.staging / "huge")), output_limit_bytes=MIB))


async def _sparse_file(host: Host, level: SandboxLevel) -> str:
    code = _in_staging("file.truncate(1 << 40)")
    return _said(await host.attack(level=level, argv=(*code, str(host.staging / "sparse")), output_limit_bytes=MIB))


async def _many_files(host: Host, level: SandboxLevel) -> str:
    code = "for number in range(6000): open(str(number), 'wb').close()"
    return _said(await host.attack(level=level, argv=("-c", code)))


async def _many_descriptors(host: Host, level: SandboxLevel) -> str:
    code = "held = [open('/dev/null') for _ in range(1000)]"
    return _said(await host.attack(level=level, argv=("-c", code)))


async def _core_dump(host: Host, level: SandboxLevel) -> str:
    code = (
        "import os, resource, sys\n"
        "os.chdir(sys.argv[1])\n"
        "try: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))\n"
        "except (ValueError, OSError): pass\n"
        "os.abort()"
    )
    result = await host.attack(level=level, argv=("-c", code, str(host.staging)))
    left = [path.name for path in host.staging.iterdir() if "core" in path.name]
    return f"possible ({left})" if left else f"nothing written (signal {result.signal})"


async def _survivor(host: Host, level: SandboxLevel) -> str:
    marker = uuid4().hex
    code = (
        "import os, signal, sys, time\n"
        "if os.fork(): os._exit(0)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "time.sleep(300)"
    )
    await host.attack(level=level, argv=("-c", code, marker))
    return "possible" if running(marker) else "ended with the tool"


async def _stubborn(host: Host, level: SandboxLevel) -> str:
    marker = uuid4().hex
    code = (
        "import signal, time\n"
        "for number in range(1, 32):\n"
        "    if number not in (9, 19): signal.signal(number, signal.SIG_IGN)\n"
        "time.sleep(300)"
    )
    result = await host.attack(level=level, argv=("-c", code, marker), timeout_seconds=1)
    return "ended at its time" if result.end is ToolEnd.TIMED_OUT and not running(marker) else "possible"


BOMBS: dict[str, Bomb] = {
    "start processes without end": _forks,
    "take memory without end": _memory,
    "write a huge file": _huge_file,
    "make a huge sparse file": _sparse_file,
    "make files without end in its working directory": _many_files,
    "open files without end": _many_descriptors,
    "leave a core dump": _core_dump,
    "stay alive after its end, in another session": _survivor,
    "ignore every signal": _stubborn,
}


def running(marker: str) -> list[int]:
    """Return the processes of this host that have the marker among their arguments."""
    return [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/cmdline") if _has(path, marker.encode())]


def _has(path: Path, marker: bytes) -> bool:
    try:
        return marker in path.read_bytes()
    except OSError:
        return False  # it has just ended


def _in_staging(statement: str) -> tuple[str, ...]:
    return "-c", f"import sys\nwith open(sys.argv[1], 'wb') as file:\n    {statement}"


def _said(result: ToolResult) -> str:
    if result.end is ToolEnd.LIMIT:
        return "ended at its limit"
    if result.ok:
        return "possible"
    if result.end is not ToolEnd.EXITED:
        return f"ended ({result.end} {result.signal})"
    last = (result.stderr_tail.strip().splitlines() or ["nothing"])[-1]
    return f"denied ({last.partition(':')[0]})"
