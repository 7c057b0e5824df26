"""Tools without the launcher: their ends, what they print, and that none is left."""

import asyncio
import sys
from pathlib import Path

import pytest

from proxx.engine.direct_runner import DirectToolRunner
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult

WAIT = "import time; print('here', flush=True); time.sleep(60)"


async def run(tmp_path: Path, code: str, **limits: float) -> ToolResult:
    return await DirectToolRunner(scratch=tmp_path).run(ToolRequest(argv=(sys.executable, "-c", code), **limits))


def left_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_what_it_prints_and_how_it_exits(tmp_path: Path) -> None:
    result = await run(tmp_path, "import sys; print('out'); sys.stderr.write('bad\\n'); sys.exit(3)")

    assert (result.end, result.exit_code, result.ok) == (ToolEnd.EXITED, 3, False)
    assert (result.stdout.split(), result.error_lines) == ([b"out"], ("bad",))
    assert left_in(tmp_path) == []


async def test_it_runs_in_an_empty_directory_without_the_users_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_USER", "x")

    result = await run(tmp_path, "import os; print(os.listdir(), 'SECRET_OF_THE_USER' in os.environ)")

    assert result.stdout.split() == [b"[]", b"False"]


async def test_lines_come_one_by_one(tmp_path: Path) -> None:
    lines: list[str] = []
    request = ToolRequest(argv=(sys.executable, "-c", "print('a'); print('b')"))

    result = await DirectToolRunner(scratch=tmp_path).run(request, on_line=lines.append)

    assert (lines, result.stdout, result.ok) == (["a", "b"], b"", True)


@pytest.mark.parametrize(
    ("limits", "code", "end"),
    [
        pytest.param({"timeout_seconds": 0.3}, WAIT, ToolEnd.TIMED_OUT, id="too long"),
        pytest.param({"stall_seconds": 0.3}, WAIT, ToolEnd.STALLED, id="silent"),
        pytest.param({"stdout_limit_bytes": 10}, "while True: print('x' * 1000)", ToolEnd.LIMIT, id="too much"),
    ],
)
async def test_what_passes_a_limit_is_ended(tmp_path: Path, limits: dict[str, float], code: str, end: ToolEnd) -> None:
    result = await run(tmp_path, code, **limits)

    assert (result.end, result.exit_code, result.wall_seconds < 10) == (end, None, True)


async def test_a_tool_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = await DirectToolRunner(scratch=tmp_path).run(ToolRequest(argv=(str(tmp_path / "none"),)))

    assert (result.end, result.error_lines) == (ToolEnd.NOT_FOUND, (f"{tmp_path / 'none'}: No such file or directory",))


async def test_a_cancelled_tool_is_gone_before_the_call_returns(tmp_path: Path) -> None:
    began = asyncio.Event()
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.append(int(line))
        began.set()

    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    request = ToolRequest(argv=(sys.executable, "-c", code))
    running = asyncio.create_task(DirectToolRunner(scratch=tmp_path).run(request, on_line=on_line))
    await began.wait()

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert not is_there(pids[0])
    assert left_in(tmp_path) == []
