"""Which processes of a host are Resolve, from each platform's list."""

import os
import signal
import sys
from pathlib import Path, PurePath

import pytest

from proxx_resolve_executor.bridge.process_lists import ListedProcess, macos_processes, windows_processes
from proxx_resolve_executor.bridge.processes import HostProcesses, ResolveProcess, linux_processes
from proxx_resolve_executor.discovery import Platform

BINARY = "/opt/resolve/bin/resolve"
PS = """\
    1 Fri Nov 20 08:00:01 2026     /sbin/launchd
  501 Fri Nov  6 17:42:32 2026     /Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/MacOS/Resolve -nogui
  502 Fri Nov 20 17:42:33 2026     /Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/MacOS/Resolved
garbage
"""
MAC = "/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/MacOS/Resolve"
WINDOWS = "C:\\Program Files\\Blackmagic Design\\DaVinci Resolve\\Resolve.exe"


@pytest.mark.parametrize(
    ("process", "script", "runs"),
    [
        (ListedProcess(pid=1, started="", program=BINARY, arguments=("./resolve",)), False, True),
        (ListedProcess(pid=1, started="", program="", arguments=(BINARY, "-nogui")), False, True),
        (ListedProcess(pid=1, started="", program="/bin/vi", arguments=("vi", BINARY)), False, False),
        (ListedProcess(pid=1, started="", program="/bin/sh", arguments=("sh", "-e", BINARY, "-nogui")), True, True),
        (ListedProcess(pid=1, started="", program="/bin/sh", arguments=("sh", "other", BINARY)), True, False),
        (ListedProcess(pid=1, started="", program="/bin/sh", arguments=("sh",)), True, False),
        (ListedProcess(pid=1, started="", program="", arguments=()), False, False),
    ],
    ids=["by program", "by name", "an argument of another", "a script", "an argument of a script", "shell", "kernel"],
)
def test_what_a_process_runs(process: ListedProcess, script: bool, runs: bool) -> None:
    assert process.runs(program=BINARY, script=script) is runs


def test_macos_tells_programs_by_their_whole_path() -> None:
    listed = macos_processes(PS)
    assert [one.pid for one in listed] == [1, 501, 502]
    ours = [one for one in listed if one.runs(program=MAC, script=False)]
    assert [(one.pid, one.started, "-nogui" in one.arguments) for one in ours] == [
        (501, "Fri Nov 6 17:42:32 2026", True)
    ]


ONE = {"ProcessId": 7, "ExecutablePath": WINDOWS, "CommandLine": f'"{WINDOWS}" -nogui', "Started": 638_000}


@pytest.mark.parametrize("listed", [ONE, [ONE]], ids=["one object", "a list"])
def test_windows_lists_one_or_many(listed: object) -> None:
    (found,) = windows_processes(listed)
    assert (found.pid, found.started, "-nogui" in found.arguments) == (7, "638000", True)
    assert found.runs(program=WINDOWS.casefold(), script=False)


@pytest.mark.parametrize("listed", [None, [], [{}], "text", [{**ONE, "ExecutablePath": None}]])
def test_windows_may_show_nothing(listed: object) -> None:
    assert windows_processes(listed) == ()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_this_process_is_listed_and_odd_entries_are_not(tmp_path: Path) -> None:
    mine = next(one for one in linux_processes(Path("/proc")) if one.pid == os.getpid())
    assert (mine.program, int(mine.started) > 0) == (str(Path("/proc/self/exe").readlink()), True)
    for name, stat in {"1": "1 (a b) Z " + "0 " * 30, "2": "short", "²": "", "self": ""}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "stat").write_text(stat)
        (tmp_path / name / "cmdline").write_bytes(b"a\0")
    assert linux_processes(tmp_path) == ()


@pytest.mark.process
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_one_is_started_found_and_ended(tmp_path: Path) -> None:
    binary = tmp_path / "resolve"
    binary.write_text("#!/bin/sh\nread line < fifo\n")  # waits for ever
    binary.chmod(0o755)
    os.mkfifo(tmp_path / "fifo")
    processes = HostProcesses(Platform.LINUX)
    pid = processes.start(binary, environment={"PATH": os.environ["PATH"]}, directory=tmp_path)
    (found,) = processes.running(binary)
    assert found == ResolveProcess(pid=pid, started=found.started, headless=True)
    assert HostProcesses(Platform.LINUX).running(PurePath(binary)) == (found,)  # one that did not start it sees it too
    assert processes.exit_code(pid) is None
    processes.end(found, force=True)
    while processes.running(binary):
        continue
    assert processes.exit_code(pid) == -signal.SIGKILL
    processes.end(found, force=False)
    assert processes.running(binary) == ()


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        HostProcesses(Platform.LINUX).start(tmp_path / "gone", environment={}, directory=tmp_path)
