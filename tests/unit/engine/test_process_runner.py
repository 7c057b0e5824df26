"""The launcher and its runner: no tool outlives its call, and every end is told as what it was.

At level `process`, whatever the host allows; test_sandbox.py has what the higher levels add.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.tool import ToolEnd, ToolRequest

SOON_SECONDS = 10.0


def shell(script: str, **limits: object) -> ToolRequest:
    return ToolRequest(argv=("/bin/sh", "-c", script), **limits)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until_dead(*pids: int, within: float) -> list[int]:
    """Return which of the processes still live after `within` seconds at most."""
    deadline = time.monotonic() + within
    while (left := [pid for pid in pids if alive(pid)]) and time.monotonic() < deadline:  # noqa: ASYNC110  no event
        await asyncio.sleep(0.01)
    return left


def entries(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


class Lines:
    """Collects stdout lines and lets a test wait for the n-th."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._more = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.seen.append(line)
        self._more.set()

    async def first(self, count: int) -> list[str]:
        async with asyncio.timeout(SOON_SECONDS):
            while len(self.seen) < count:
                self._more.clear()
                await self._more.wait()
        return self.seen[:count]


@pytest.fixture
def runner(tmp_path: Path) -> ProcessToolRunner:
    return ProcessToolRunner(scratch=tmp_path, most=SandboxLevel.PROCESS)


async def test_a_tool_that_ends_well_gives_its_output_and_its_cost(runner: ProcessToolRunner, tmp_path: Path) -> None:
    result = await runner.run(shell("echo out; echo err >&2"))

    assert (result.end, result.exit_code, result.signal) == (ToolEnd.EXITED, 0, None)
    assert (result.stdout, result.stderr_tail, result.error_lines) == (b"out\n", "err\n", ("err",))
    assert result.ok
    assert result.max_rss_bytes > 100_000
    assert entries(tmp_path) == []


async def test_a_failing_tool_keeps_its_exit_code(runner: ProcessToolRunner) -> None:
    result = await runner.run(shell("exit 7"))

    assert (result.end, result.exit_code, result.ok) == (ToolEnd.EXITED, 7, False)


async def test_a_missing_tool_is_not_found(runner: ProcessToolRunner, tmp_path: Path) -> None:
    result = await runner.run(ToolRequest(argv=("proxx-no-such-tool",)))

    assert (result.end, result.exit_code) == (ToolEnd.NOT_FOUND, None)
    assert result.stderr_tail == "proxx-no-such-tool: No such file or directory"
    assert entries(tmp_path) == []


async def test_a_file_that_is_no_program_is_not_found(runner: ProcessToolRunner, tmp_path: Path) -> None:
    plain = tmp_path / "tool"
    plain.write_text("text")

    result = await runner.run(ToolRequest(argv=(str(plain),)))

    assert (result.end, result.stderr_tail) == (ToolEnd.NOT_FOUND, f"{plain}: Permission denied")


async def test_arguments_reach_the_tool_byte_for_byte(runner: ProcessToolRunner) -> None:
    hostile = ("-rf", "a b", "$(id)", "new\nline", "\u202e", os.fsdecode(b"raw\xff\xfe"), "", "%d")
    result = await runner.run(
        ToolRequest(
            argv=(sys.executable, "-c", "import os,sys; [print(os.fsencode(a)) for a in sys.argv[1:]]", *hostile)
        )
    )

    assert result.stdout.decode().splitlines() == [repr(os.fsencode(argument)) for argument in hostile]


async def test_a_nul_in_an_argument_is_refused_before_anything_runs(runner: ProcessToolRunner) -> None:
    with pytest.raises(ValueError, match="NUL"):
        await runner.run(ToolRequest(argv=("echo", "a\0b")))


async def test_the_tool_sees_an_allow_listed_environment_a_private_directory_and_no_stdin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    runner = ProcessToolRunner(scratch=tmp_path, search_path="/usr/bin:/bin", most=SandboxLevel.PROCESS)

    result = await runner.run(
        ToolRequest(
            argv=(
                sys.executable,
                "-c",
                "import os,sys; e=dict(os.environ); e.pop('LC_CTYPE',None); print(sorted(e.items()));"
                "print(os.listdir('.'), os.path.dirname(os.getcwd())); print(repr(sys.stdin.read()));"
                "print(os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid())",
            )
        )
    )

    assert result.stdout.decode().splitlines() == [
        "[('FONTCONFIG_SYSROOT', '/dev/null'), ('LANG', 'C.UTF-8'), ('PATH', '/usr/bin:/bin'), "
        "('SVT_LOG', '1'), ('TZ', 'UTC')]",
        f"[] {tmp_path}",
        "''",
        "True True",
    ]


async def test_what_the_tool_leaves_in_its_directory_is_removed(runner: ProcessToolRunner, tmp_path: Path) -> None:
    for script in ("mkdir -p a/b; echo x > a/b/c; echo y > d", "mkdir a", "mkdir a; ln -s a b; ln -s / c"):
        await runner.run(shell(script))

    assert entries(tmp_path) == []


async def test_limits_are_set_and_no_privileges_can_be_gained(runner: ProcessToolRunner) -> None:
    result = await runner.run(
        shell(
            "ulimit -c; ulimit -n; ulimit -f; ulimit -v; grep NoNewPrivs /proc/self/status",
            output_limit_bytes=1024 * 1024,
            memory_limit_bytes=512 * 1024 * 1024,
        )
    )

    assert result.stdout.decode().split() == ["0", "256", "2048", "524288", "NoNewPrivs:", "1"]


async def test_lines_come_one_by_one_and_whole(runner: ProcessToolRunner) -> None:
    lines = Lines()

    result = await runner.run(shell("printf 'one\\r\\ntwo\\nthr'; printf 'ee'"), on_line=lines)

    assert lines.seen == ["one", "two", "three"]
    assert result.stdout == b""


async def test_a_tool_over_its_time_is_killed_and_timed_out(runner: ProcessToolRunner) -> None:
    lines = Lines()

    result = await runner.run(shell("trap '' TERM INT HUP; echo $$; sleep 60", timeout_seconds=0.5), on_line=lines)

    assert result.end is ToolEnd.TIMED_OUT
    assert await until_dead(int(lines.seen[0]), within=0.0) == []


async def test_a_silent_tool_is_stalled(runner: ProcessToolRunner) -> None:
    result = await runner.run(shell("echo one; exec sleep 60", stall_seconds=0.3), on_line=Lines())

    assert (result.end, result.signal) == (ToolEnd.STALLED, signal.SIGKILL)


async def test_a_stopped_tool_is_stalled(runner: ProcessToolRunner) -> None:
    lines = Lines()
    run = asyncio.create_task(
        runner.run(shell("echo $$; while :; do echo x; sleep 0.05; done", stall_seconds=0.4), on_line=lines)
    )
    pid = int((await lines.first(3))[0])

    os.kill(pid, signal.SIGSTOP)

    assert (await run).end is ToolEnd.STALLED
    assert await until_dead(pid, within=1.0) == []


async def test_a_file_over_its_limit_ends_the_tool(runner: ProcessToolRunner, tmp_path: Path) -> None:
    target = tmp_path / "out"

    result = await runner.run(
        ToolRequest(argv=("dd", "if=/dev/zero", f"of={target}", "bs=4096"), output_limit_bytes=65536)
    )

    assert (result.end, target.stat().st_size) == (ToolEnd.LIMIT, 65536)


async def test_a_flood_on_stdout_is_cut_at_its_limit(runner: ProcessToolRunner) -> None:
    result = await runner.run(ToolRequest(argv=("yes",), stdout_limit_bytes=100_000))

    assert (result.end, len(result.stdout)) == (ToolEnd.LIMIT, 100_000)


async def test_a_flood_on_stderr_neither_blocks_nor_grows(runner: ProcessToolRunner) -> None:
    result = await runner.run(shell("seq 1 300000 >&2; echo done"))

    assert (result.end, result.stdout) == (ToolEnd.EXITED, b"done\n")
    assert result.error_lines == tuple(str(number) for number in range(1, 51))
    assert result.stderr_tail.endswith("299999\n300000\n")
    assert len(result.stderr_tail) == 64 * 1024


async def test_a_line_without_end_does_not_grow_without_bound(runner: ProcessToolRunner) -> None:
    lines = Lines()

    result = await runner.run(shell("head -c 3000000 /dev/zero; echo; echo after"), on_line=lines)

    assert (result.end, [len(line) for line in lines.seen]) == (ToolEnd.EXITED, [64 * 1024, 5])


async def test_cancelling_kills_the_whole_tree_before_it_returns(runner: ProcessToolRunner, tmp_path: Path) -> None:
    lines = Lines()
    script = "trap '' TERM; sleep 60 & echo $!; (setsid sleep 60 & echo $!) ; echo $$; wait; sleep 60"
    run = asyncio.create_task(runner.run(shell(script), on_line=lines))
    pids = [int(line) for line in await lines.first(3)]

    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert await until_dead(*pids, within=0.0) == []
    assert entries(tmp_path) == []


async def test_grandchildren_that_outlive_a_tool_are_killed(runner: ProcessToolRunner) -> None:
    lines = Lines()

    result = await runner.run(shell("(setsid sleep 60 & echo $!); sleep 60 & echo $!"), on_line=lines)

    assert result.end is ToolEnd.EXITED
    assert await until_dead(*map(int, lines.seen), within=0.0) == []


async def test_a_failing_callback_ends_the_tool_and_is_raised(runner: ProcessToolRunner) -> None:
    seen: list[int] = []

    def on_line(line: str) -> None:
        seen.append(int(line))
        raise KeyError(line)

    with pytest.raises(KeyError):
        await runner.run(shell("echo $$; sleep 60"), on_line=on_line)

    assert await until_dead(*seen, within=0.0) == []


async def test_a_killed_launcher_takes_its_tool_along(runner: ProcessToolRunner, tmp_path: Path) -> None:
    lines = Lines()
    run = asyncio.create_task(runner.run(shell("echo $$ $PPID; exec sleep 60"), on_line=lines))
    tool, launcher = map(int, (await lines.first(1))[0].split())

    os.kill(launcher, signal.SIGKILL)
    result = await run

    assert (result.end, result.signal) == (ToolEnd.SIGNALLED, signal.SIGKILL)
    assert await until_dead(tool, launcher, within=1.0) == []
    assert entries(tmp_path) == []


async def test_a_tool_killed_from_outside_is_signalled(runner: ProcessToolRunner) -> None:
    lines = Lines()
    run = asyncio.create_task(runner.run(shell("echo $$; exec sleep 60"), on_line=lines))
    tool = int((await lines.first(1))[0])

    os.kill(tool, signal.SIGKILL)

    assert ((await run).end, (await run).signal) == (ToolEnd.SIGNALLED, signal.SIGKILL)


@pytest.mark.process
async def test_a_killed_executor_leaves_no_tool_after_one_second(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from proxx.engine.process_runner import ProcessToolRunner\n"
        "from proxx.engine.sandbox.level import SandboxLevel\n"
        "from proxx.engine.tool import ToolRequest\n"
        "script = \"trap '' TERM; (setsid sleep 60 & echo $!); sleep 60 & echo $!; echo $$; wait\"\n"
        "runner = ProcessToolRunner(scratch=pathlib.Path(sys.argv[1]), most=SandboxLevel.PROCESS)\n"
        "request = ToolRequest(argv=('/bin/sh', '-c', script))\n"
        "asyncio.run(runner.run(request, on_line=lambda line: print(line, flush=True)))\n"
    )
    executor = subprocess.Popen(  # noqa: ASYNC220  the executor under test must be a process of its own
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with contextlib.closing(executor.stdout):
        pids = [int(await asyncio.to_thread(executor.stdout.readline)) for _ in range(3)]
        executor.kill()
        executor.wait()

    assert await until_dead(*pids, within=1.0) == []
    async with asyncio.timeout(1.0):
        while entries(tmp_path):  # noqa: ASYNC110  the launcher, by then no child of ours, removes it
            await asyncio.sleep(0.01)
