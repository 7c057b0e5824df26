"""A hostile program in the place of ffmpeg gets nowhere: the whole campaign, once at each isolating level.

`make hostile-tool` runs it with the bombs; `make sandbox-table` writes docs/SANDBOX.md from it.
"""

import os
import sys
from pathlib import Path

import pytest

from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import sandbox_reach
from tests.hostile_tool.bombs import BOMBS
from tests.hostile_tool.host import hostile_host
from tests.hostile_tool.outcomes import POSSIBLE, stopped

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the isolating levels are Linux's")
LEAST_ATTEMPTS = 60
QUICK_BOMBS = ("start processes without end", "open files without end", "leave a core dump")


@pytest.fixture(params=[SandboxLevel.FILTERS, SandboxLevel.NAMESPACES], ids=lambda level: level.value)
def level(request: pytest.FixtureRequest) -> SandboxLevel:
    wanted: SandboxLevel = request.param
    if (reach := sandbox_reach(most=wanted)).level is not wanted:
        pytest.skip(f"this host allows {reach.level} only: {'; '.join(reach.missing)}")
    return wanted


async def test_no_attempt_succeeds_but_what_the_level_is_known_not_to_stop(level: SandboxLevel, tmp_path: Path) -> None:
    with hostile_host(tmp_path) as host:
        ended = await host.run(level=level)
        harm = host.harm()

    assert {name for name, how in ended.items() if not stopped(how)} == POSSIBLE[level] & ended.keys()
    assert len(ended) >= LEAST_ATTEMPTS
    assert harm == []


@pytest.mark.parametrize("name", BOMBS if os.environ.get("PROXX_LONG") else QUICK_BOMBS)
async def test_nothing_is_exhausted_and_nothing_stays(name: str, level: SandboxLevel, tmp_path: Path) -> None:
    with hostile_host(tmp_path) as host:
        ended = await BOMBS[name](host, level)

    assert stopped(ended) is (name not in POSSIBLE[level]), ended
