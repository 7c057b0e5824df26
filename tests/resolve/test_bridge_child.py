"""The child as a process: deadlines, deaths, noise and a parent that is gone."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxx_resolve_executor.bridge.child_port import CallHungError, ChildEndedError, FaultError
from proxx_resolve_executor.bridge.child_process import ChildProcess, child_environment, start_child
from proxx_resolve_executor.bridge.wire import Fault

pytestmark = pytest.mark.process

MODULE = """\
import os, signal, sys, threading
print("noise on stdout")
os.write(1, b"and from native code\\n")

class Resolve:
    def GetProductName(self):
        threading.Event().wait()
    def GetVersionString(self):
        return "20"
    def Quit(self):
        sys.stderr.write("last words\\n"); sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGSEGV)

def scriptapp(name):
    return Resolve()
"""


class Children:
    """Starts children in one directory, and collects their calls."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.calls: list[tuple[str, str]] = []
        self.started: list[ChildProcess] = []

    async def start(self, module: str = MODULE) -> ChildProcess:
        (self.directory / "DaVinciResolveScript.py").write_text(module)
        text = str(self.directory)
        child = await start_child(
            python=Path(sys.executable),
            environment=child_environment(base=os.environ, script_api=text, library=text, modules=text, added={}),
            directory=self.directory,
            on_call=lambda call, result: self.calls.append((call, result)),
        )
        self.started.append(child)
        return child

    async def load(self, child: ChildProcess) -> object:
        return await child.ask("load", {"modules": str(self.directory)}, seconds=20)


@pytest.fixture
async def children(tmp_path: Path) -> AsyncIterator[Children]:
    children = Children(tmp_path)
    yield children
    for child in children.started:
        await child.end()


async def test_what_the_library_prints_disturbs_nothing(children: Children) -> None:
    child = await children.start()
    assert await children.load(child) == ".".join(map(str, sys.version_info[:3]))
    assert await child.ask("attach", {}, seconds=20) is True
    assert children.calls == [('DaVinciResolveScript.scriptapp("Resolve")', "Resolve")]


async def test_a_library_that_reads_stdin_gets_no_question(children: Children) -> None:
    child = await children.start("import os\nassert os.read(0, 1) == b''\ndef scriptapp(name): return os.read(0, 9)")
    await child.ask("load", {"modules": str(children.directory)}, seconds=5)
    assert await child.ask("attach", {}, seconds=5) is True
    with pytest.raises(FaultError):
        await child.ask("identify", {}, seconds=5)


async def test_a_call_that_never_returns_is_named_and_the_child_killed(children: Children) -> None:
    child = await children.start()
    await children.load(child)
    await child.ask("attach", {}, seconds=20)
    with pytest.raises(CallHungError, match=r"^Resolve\.GetProductName\(\) did not return within 0\.2 s$"):
        await child.ask("identify", {}, seconds=0.2)
    with pytest.raises(ChildEndedError, match="GetProductName"):
        await child.ask("attach", {}, seconds=20)


async def test_a_child_that_crashes_says_its_signal_and_its_last_words(children: Children) -> None:
    child = await children.start()
    await children.load(child)
    await child.ask("attach", {}, seconds=20)
    with pytest.raises(ChildEndedError) as caught:
        await child.ask("leave", {}, seconds=20)
    assert caught.value.signal_number == signal.SIGSEGV
    assert str(caught.value).startswith("the child process was ended by signal 11 during Resolve.Quit(); it said")
    assert "last words" in str(caught.value)


@pytest.mark.parametrize(
    "module", ["import imp_that_is_gone", "def (", "raise RuntimeError('no library')"], ids=["import", "syntax", "run"]
)
async def test_a_module_that_cannot_be_loaded_is_a_fault(children: Children, module: str) -> None:
    child = await children.start(module)
    with pytest.raises(FaultError, match="DaVinciResolveScript cannot be imported") as caught:
        await children.load(child)
    assert caught.value.fault is Fault.MODULE


async def test_an_operation_before_its_time_is_a_fault(children: Children) -> None:
    child = await children.start()
    with pytest.raises(FaultError, match="Resolve is not reached") as caught:
        await child.ask("identify", {}, seconds=20)
    assert caught.value.fault is Fault.ABSENT


async def test_an_unknown_operation_ends_the_child(children: Children) -> None:
    child = await children.start()
    with pytest.raises(ChildEndedError, match="exited with code 70 during fly; it said"):
        await child.ask("fly", {}, seconds=20)


async def test_who_asks_after_a_cancelled_call_waits_for_its_end(children: Children) -> None:
    child = await children.start()
    await children.load(child)
    await child.ask("attach", {}, seconds=20)
    asking = asyncio.create_task(child.ask("identify", {}, seconds=0.3))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ChildEndedError, match="GetProductName"):
        await child.ask("attach", {}, seconds=20)


async def test_a_child_without_its_parent_ends(tmp_path: Path) -> None:
    (tmp_path / "DaVinciResolveScript.py").write_text("import threading\nthreading.Event().wait()")
    text = str(tmp_path)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "proxx_resolve_executor.bridge.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=child_environment(base=os.environ, script_api=text, library=text, modules=text, added={}),
        cwd=tmp_path,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(b'{"id": 1, "op": "load", "args": {"modules": "%s"}}\n' % os.fsencode(tmp_path))
    process.stdin.close()  # the kernel closes it when the parent dies
    assert await asyncio.wait_for(process.wait(), 20) == 4


def test_our_own_variables_stay_with_us() -> None:
    base = {"PATH": "/bin", "PROXX_TOKEN": "secret", "HOME": "/root"}
    environment = child_environment(base=base, script_api="a", library="l", modules="m", added={"DISPLAY": ":0"})
    assert {name: environment.get(name) for name in ("PATH", "HOME", "DISPLAY", "RESOLVE_SCRIPT_API")} == {
        "PATH": "/bin",
        "HOME": "/root",
        "DISPLAY": ":0",
        "RESOLVE_SCRIPT_API": "a",
    }
    assert "PROXX_TOKEN" not in environment
