"""`make sandbox-table`: run the hostile program at every level and write what came of it into docs/SANDBOX.md."""

import asyncio
import os
import platform
import sys
import tempfile
from pathlib import Path

from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import sandbox_reach
from tests.hostile_tool.bombs import BOMBS
from tests.hostile_tool.host import hostile_host
from tests.hostile_tool.outcomes import POSSIBLE, stopped

PAGE = Path(__file__).parents[1] / "docs" / "SANDBOX.md"
BEGIN, END = "<!-- table: make sandbox-table -->", "<!-- end of table -->"
LEVELS = (SandboxLevel.PROCESS, SandboxLevel.FILTERS, SandboxLevel.NAMESPACES)


def main() -> int:
    """Run, write, say the counts; 1 when an isolating level did not stop what it should."""
    levels = [level for level in LEVELS if sandbox_reach(most=level).level is level]
    if len(levels) < len(LEVELS):
        print(f"This host reaches level {sandbox_reach().level} only; the table needs every level.", file=sys.stderr)
        return 1
    found = {level: asyncio.run(_campaign(level)) for level in levels}
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{_table(found)}\n\n{END}{after}", encoding="utf-8")
    for level, ended in found.items():
        print(f"{level}: {sum(map(stopped, ended.values()))} of {len(ended)} attempts came to nothing")
    return int(any(_surprises(level, found[level]) for level in (SandboxLevel.FILTERS, SandboxLevel.NAMESPACES)))


async def _campaign(level: SandboxLevel) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="proxx-hostile-") as name, hostile_host(Path(name)) as host:
        ended = await host.run(level=level)
        for bomb, drop in BOMBS.items():
            ended[bomb] = await drop(host, level)
    return ended


def _surprises(level: SandboxLevel, ended: dict[str, str]) -> set[str]:
    """Name what a level did not stop, and what it stopped though the list says that it cannot."""
    surprises = {name for name, how in ended.items() if not stopped(how)} ^ (POSSIBLE[level] & ended.keys())
    for name in sorted(surprises):
        print(f"{level}: {name}: {ended[name]}", file=sys.stderr)
    return surprises


def _table(found: dict[SandboxLevel, dict[str, str]]) -> str:
    names = list(dict.fromkeys(name for ended in found.values() for name in ended))
    user = "root" if os.geteuid() == 0 else "no root"
    counts = ", ".join(f"`{level}` {sum(map(stopped, ended.values()))}" for level, ended in found.items())
    return "\n".join(
        [
            f"Linux {platform.release().partition('-')[0]}, {platform.machine()}, the executor as {user}."
            f" Of {len(names)} attempts came to nothing: {counts}.",
            "",
            f"| attempt | {' | '.join(f'`{level}`' for level in found)} |",
            f"| --- |{' --- |' * len(found)}",
            *(f"| {name} | {' | '.join(ended.get(name, '') for ended in found.values())} |" for name in names),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
