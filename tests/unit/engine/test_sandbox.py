"""What the isolating levels add: a tool sees what its request names, and dies with its executor however that ends."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from proxx.engine.process_runner import LauncherError, ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.engine.sandbox.reach import sandbox_reach
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the isolating levels are Linux's")
SOON_SECONDS = 20.0
ISOLATING = (SandboxLevel.FILTERS, SandboxLevel.NAMESPACES)
MakeRunner = Callable[..., ProcessToolRunner]


@pytest.fixture(params=ISOLATING, ids=lambda level: level.value)
def level(request: pytest.FixtureRequest) -> SandboxLevel:
    """Each isolating level that this host allows."""
    wanted: SandboxLevel = request.param
    if (reach := sandbox_reach(most=wanted)).level is not wanted:
        pytest.skip(f"this host allows {reach.level} only: {'; '.join(reach.missing)}")
    return wanted


@pytest.fixture
def make(level: SandboxLevel, tmp_path: Path) -> MakeRunner:
    """Make a runner at the level."""
    (tmp_path / "scratch").mkdir()
    return lambda **changes: ProcessToolRunner(scratch=tmp_path / "scratch", most=level, **changes)


def shell(script: str, *words: str, **changes: object) -> ToolRequest:
    return ToolRequest(argv=("/bin/sh", "-c", script, *words), processes=True, **changes)


def holding(marker: str) -> list[int]:
    """The processes of this host with the marker among their arguments, whatever their ids are inside."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if marker.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return [pid for pid in found if pid != os.getpid()]


def first_child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def until(condition: Callable[[], bool], *, within: float) -> bool:
    """Return whether the condition came true in time."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


def said(result: ToolResult) -> list[str]:
    assert result.end is ToolEnd.EXITED, result
    return result.stdout.decode().splitlines()


async def test_it_reads_what_the_request_names_at_the_same_path_and_nothing_beside_it(
    make: MakeRunner, tmp_path: Path
) -> None:
    source, other = tmp_path / "clip one.mov", tmp_path / "other.mov"
    source.write_text("mine\n")
    other.write_text("not mine\n")

    result = await make().run(shell('cat "$0"; cat "$1"; echo x > "$0"', str(source), str(other), readable=(source,)))

    assert result.stdout == b"mine\n"
    assert len(result.stderr_tail.splitlines()) == 2
    assert source.read_text() == "mine\n"


async def test_paths_are_kept_through_links_and_with_every_character(make: MakeRunner, tmp_path: Path) -> None:
    odd = os.fsdecode(b"-a=b: \n'\xc3\xa9\xff %d")
    real, link = tmp_path / "real", tmp_path / "link"
    (real / odd).mkdir(parents=True)
    link.symlink_to(real)
    source, staging = link / odd / "clip.mov", link / odd / ".proxx"
    source.write_text("mine\n")
    staging.mkdir()

    result = await make().run(
        shell('cat "$0" > "$1/out"', str(source), str(staging), readable=(source,), writable=(staging,))
    )

    assert (result.exit_code, result.stderr_tail) == (0, "")
    assert (real / odd / ".proxx" / "out").read_text() == "mine\n"


async def test_it_writes_into_the_directory_that_the_request_names(make: MakeRunner, tmp_path: Path) -> None:
    staging, beside = tmp_path / "staging", tmp_path / "beside"
    staging.mkdir()

    result = await make().run(
        shell('echo proxy > "$0/out"; echo x > "$1"', str(staging), str(beside), writable=(staging,))
    )

    assert result.exit_code != 0
    assert [path.name for path in staging.iterdir()] == ["out"]
    assert (staging / "out").stat().st_uid == os.geteuid()
    assert not beside.exists()


async def test_a_file_that_it_may_write_is_made_for_it_and_no_other_can_be(make: MakeRunner, tmp_path: Path) -> None:
    found, neighbour = tmp_path / "found-pictures", tmp_path / "journal.json"
    neighbour.write_text("{}")

    await make().run(
        shell('echo seen > "$0"; echo x > "$1"; echo x > "$0.new"', str(found), str(neighbour), writable=(found,))
    )

    assert (found.read_text(), neighbour.read_text()) == ("seen\n", "{}")
    assert names(tmp_path) == ["found-pictures", "journal.json", "scratch"]


async def test_a_link_in_the_place_of_a_file_to_write_is_refused(make: MakeRunner, tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "found-pictures"
    victim.write_text("kept")
    link.symlink_to(victim)

    with pytest.raises(LauncherError, match="found-pictures is neither a file nor a directory"):
        await make().run(shell('echo x > "$0"', str(link), writable=(link,)))

    assert victim.read_text() == "kept"


async def test_a_source_that_is_not_there_is_told_by_the_tool(make: MakeRunner, tmp_path: Path) -> None:
    gone = tmp_path / "gone.mov"

    result = await make().run(shell('exec cat "$0"', str(gone), readable=(gone,)))

    assert (result.end, result.exit_code) == (ToolEnd.EXITED, 1)
    assert str(gone) in result.stderr_tail


async def test_a_forbidden_system_call_ends_it_and_is_named(make: MakeRunner) -> None:
    result = await make().run(ToolRequest(argv=("unshare", "--net", "true")))

    assert (result.end, result.signal, result.forbidden) == (ToolEnd.SIGNALLED, signal.SIGSYS, True)


async def test_a_program_that_starts_others_is_hindered_unless_the_request_allows_it(make: MakeRunner) -> None:
    script = "(echo child); echo parent"

    hindered = await make().run(ToolRequest(argv=("/bin/sh", "-c", script)))
    allowed = await make().run(shell(script))

    assert b"child" not in hindered.stdout
    assert said(allowed) == ["child", "parent"]


async def test_a_script_in_the_place_of_the_tool_runs_through_a_link_and_from_the_path(
    make: MakeRunner, tmp_path: Path
) -> None:
    real, programs = tmp_path / "real tool", tmp_path / "programs"
    real.write_text('#!/bin/sh\necho "$0" $(echo child)\n')
    real.chmod(0o755)
    programs.mkdir()
    (programs / "mytool").symlink_to(real)

    by_path = await make().run(ToolRequest(argv=(str(programs / "mytool"),)))
    by_name = await make(search_path=f"{programs}:/usr/bin:/bin").run(ToolRequest(argv=("mytool",)))

    assert said(by_path) == said(by_name) == [f"{programs}/mytool child"]


async def test_a_program_outside_the_systems_directories_finds_the_libraries_that_lie_with_it(
    make: MakeRunner, tmp_path: Path
) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "lib").mkdir()
    (tmp_path / "bin").mkdir()
    (tmp_path / "part.c").write_text("int part(void) { return 42; }\n")
    (tmp_path / "main.c").write_text("int part(void);\nint main(void) { return part(); }\n")
    build = (compiler, "-w", "-o")
    subprocess.run(  # noqa: ASYNC221  a moment, before the test begins
        (*build, tmp_path / "lib/libpart.so", "-shared", "-fPIC", tmp_path / "part.c"), check=True
    )
    subprocess.run(  # noqa: ASYNC221
        (
            *build,
            tmp_path / "bin/tool",
            tmp_path / "main.c",
            f"-L{tmp_path}/lib",
            "-lpart",
            "-Wl,-rpath,$ORIGIN/../lib",
        ),
        check=True,
    )

    result = await make().run(ToolRequest(argv=(str(tmp_path / "bin/tool"),)))

    assert (result.end, result.exit_code, result.stderr_tail) == (ToolEnd.EXITED, 42, "")


async def test_its_limits_hold(make: MakeRunner, level: SandboxLevel) -> None:
    result = await make().run(shell("ulimit -c; ulimit -n; ulimit -f; ulimit -v", memory_limit_bytes=512 << 20))

    assert said(result) == ["0", "256", str((64 << 20) // 512), "524288"]


async def test_its_own_directory_is_empty_writable_and_gone_afterwards(make: MakeRunner, tmp_path: Path) -> None:
    result = await make().run(shell("ls -A; mkdir a; echo x > a/b; cat a/b; pwd"))

    content, place = said(result)
    assert (content, Path(place).parent) == ("x", tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


async def test_what_it_leaves_running_ends_with_it(make: MakeRunner) -> None:
    marker = uuid4().hex

    result = await make().run(shell('setsid sh -c "sleep 60" "$0" & sleep 60 & sh -c "sleep 60" "$0" & exit 0', marker))

    assert result.ok
    assert holding(marker) == []


async def test_cancelling_ends_the_whole_tree_before_it_returns(make: MakeRunner, tmp_path: Path) -> None:
    marker, began = uuid4().hex, asyncio.Event()
    script = 'trap "" TERM; setsid sh -c "sleep 60" "$0" & echo began; wait; sleep 60'
    run = asyncio.create_task(make().run(shell(script, marker), on_line=lambda _line: began.set()))
    async with asyncio.timeout(SOON_SECONDS):
        await began.wait()

    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert holding(marker) == []
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("victim", ["executor", "launcher", "both at once"])
async def test_nothing_of_a_tool_is_left_a_second_after(victim: str, level: SandboxLevel, tmp_path: Path) -> None:
    """At `filters` a tool has no processes of its own, so that there is none to find."""
    marker = tmp_path / uuid4().hex
    marker.write_text("began\n")
    tree = "trap '' TERM; (setsid tail -f $0 &); tail -f $0 & wait; sleep 60"
    argv = ("/bin/sh", "-c", tree, str(marker)) if level is SandboxLevel.NAMESPACES else ("tail", "-f", str(marker))
    program = (
        "import asyncio, pathlib, sys\n"
        "from proxx.engine.process_runner import ProcessToolRunner\n"
        "from proxx.engine.sandbox.level import SandboxLevel\n"
        "from proxx.engine.tool import ToolRequest\n"
        "runner = ProcessToolRunner(scratch=pathlib.Path(sys.argv[1]), most=SandboxLevel(sys.argv[2]))\n"
        "argv, marker = tuple(sys.argv[3:]), pathlib.Path(sys.argv[-1])\n"
        "request = ToolRequest(argv=argv, readable=(marker,), processes=argv[0] == '/bin/sh')\n"
        "asyncio.run(runner.run(request, on_line=lambda line: print(line, flush=True)))\n"
    )
    executor = subprocess.Popen(  # noqa: ASYNC220  the executor under test must be a process of its own
        [sys.executable, "-c", program, str(tmp_path), level.value, *argv], stdout=subprocess.PIPE, text=True
    )
    assert executor.stdout is not None
    with contextlib.closing(executor.stdout):
        assert await asyncio.to_thread(executor.stdout.readline) == "began\n"
        launcher = first_child(executor.pid)
        if victim == "both at once":
            os.kill(launcher, signal.SIGSTOP)  # it cannot help any more: only the kernel can
        if victim != "executor":
            os.kill(launcher, signal.SIGKILL)
        if victim != "launcher":
            executor.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(executor.wait, SOON_SECONDS)
        survivors = await until(lambda: holding(marker.name) in ([], [executor.pid]), within=1.0)

    assert survivors
    assert executor.returncode is not None


async def test_a_directory_to_work_in_that_cannot_be_made_is_no_silent_downgrade(
    level: SandboxLevel, tmp_path: Path
) -> None:
    runner = ProcessToolRunner(scratch=tmp_path / "none", most=level)

    with pytest.raises(LauncherError, match="before /bin/sh ran"):
        await runner.run(shell("true"))
