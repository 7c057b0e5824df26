"""The parent's side of the child process: it holds the deadline of every operation, and kills the child at its end."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from proxx.core.quoting import quote
from proxx_resolve_executor.bridge.child_port import CallHungError, ChildEndedError, ChildError, FaultError, OnCall
from proxx_resolve_executor.bridge.uninterrupted import run_through
from proxx_resolve_executor.bridge.wire import (
    LINE_LIMIT,
    Answered,
    CallBegun,
    CallEnded,
    Faulted,
    Question,
    WireError,
    question_line,
    read_reply,
)

CHILD = "proxx_resolve_executor.bridge.child"
STDERR_BYTES = 4096
CHUNK_BYTES = 64 * 1024
END_SECONDS = 5.0
LAST_WORDS_SECONDS = 1.0
PRIVATE = "PROXX_"
"""Our own variables, which may be secrets, are nothing for programs of others."""


class ChildProcess:
    """One child, in a session of its own. Owned by one event loop, on the thread that started it."""

    def __init__(self, process: asyncio.subprocess.Process, on_call: OnCall) -> None:
        """Take the running process and who is told of its calls. Use `start_child`."""
        self._process = process
        self._on_call = on_call
        self._stderr = bytearray()
        self._drain = asyncio.create_task(self._read_stderr())
        self._running: asyncio.Task[object] | None = None
        self._over: ChildError | None = None
        self._number = 0

    async def ask(self, operation: str, arguments: Mapping[str, object], *, seconds: float) -> object:
        """Have an operation done and return its value.

        Raises:
            ChildError: it has no value.
        """
        while self._running is not None and not self._running.done():
            await asyncio.wait({self._running})  # one that was cancelled, within its own deadline
        self._running = asyncio.create_task(self._do(operation, arguments, seconds))
        self._running.add_done_callback(_look_at)
        return await asyncio.shield(self._running)

    async def end(self) -> None:
        """Kill the process and wait for its end."""
        await run_through(self._end())

    async def _end(self) -> None:
        self._over = self._over or ChildEndedError("the child process was ended")
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._running is not None:
            await asyncio.wait({self._running})
        await self._gone()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await self._drained()
        self._drain.cancel()

    async def _do(self, operation: str, arguments: Mapping[str, object], seconds: float) -> object:
        if self._over is not None:
            raise ChildEndedError(str(self._over))
        self._number += 1
        question = Question(id=self._number, operation=operation, arguments=arguments)
        self._call = operation
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(question)
        except TimeoutError as error:
            sentence = f"{self._call} did not return within {seconds:g} s"
            self._over = CallHungError(sentence)
            await self._kill()
            raise CallHungError(sentence) from error
        except (ConnectionError, WireError) as error:
            await self._kill()
            raise self._ended(f"{type(error).__name__}: {error}") from error

    async def _exchange(self, question: Question) -> object:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise ChildEndedError("the child process has no pipes")
        stdin.write(question_line(question))
        await stdin.drain()
        while True:
            try:
                line = await stdout.readline()
            except ValueError as error:
                raise WireError(f"a line longer than {LINE_LIMIT} bytes") from error
            if not line:
                await self._gone()
                await self._drained()
                raise self._ended("")
            reply = read_reply(line)
            if reply.id != question.id:
                raise WireError(f"a reply to question {reply.id}; {question.id} was asked")
            match reply:
                case CallBegun(call=call):
                    self._call = call
                case CallEnded(result=result):
                    self._on_call(self._call, result)
                case Answered(value=value):
                    return value
                case Faulted(fault=fault, text=text):
                    raise FaultError(fault, text)

    async def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._gone()

    async def _gone(self) -> None:
        """Wait for the end of a process that was killed or closed its pipes; one that the system holds up is left."""
        waiting = asyncio.create_task(self._process.wait())
        await asyncio.wait({waiting}, timeout=END_SECONDS)
        waiting.cancel()

    async def _drained(self) -> None:
        """Wait for what the process said last; a helper that it left behind may keep the pipe open."""
        await asyncio.wait({self._drain}, timeout=LAST_WORDS_SECONDS)

    def _ended(self, detail: str) -> ChildEndedError:
        """The error of a child that is gone, with what it said last."""
        code = self._process.returncode
        signal_number = -code if code is not None and code < 0 else None
        how = f"was ended by signal {signal_number}" if signal_number is not None else f"exited with code {code}"
        tail = bytes(self._stderr).decode("utf-8", "replace").strip()
        said = f"; it said {quote(text=tail[-500:], limit=500)}" if tail else ""
        more = f" ({detail})" if detail else ""
        error = ChildEndedError(f"the child process {how} during {self._call}{more}{said}", signal_number=signal_number)
        self._over = error
        return error

    async def _read_stderr(self) -> None:
        stderr = self._process.stderr
        while stderr is not None and (chunk := await stderr.read(CHUNK_BYTES)):
            self._stderr += chunk
            del self._stderr[:-STDERR_BYTES]


async def start_child(
    *, python: Path, environment: Mapping[str, str], directory: Path, on_call: OnCall
) -> ChildProcess:
    """Start a child in `directory`, with `environment` and nothing else of ours.

    Raises:
        OSError: it cannot be started.
    """
    new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows has no sessions
    process = await asyncio.create_subprocess_exec(
        str(python), "-m", CHILD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(environment),
        cwd=directory,
        limit=LINE_LIMIT,
        start_new_session=os.name == "posix",
        creationflags=new_group,
    )  # fmt: skip
    return ChildProcess(process, on_call)


def child_environment(
    *, base: Mapping[str, str], script_api: str, library: str, modules: str, added: Mapping[str, str]
) -> dict[str, str]:
    """Return the environment of a child: as the vendor documents it, and where our own packages lie."""
    base = foreign_environment(base)
    own = [str(Path(sys.modules[name].__file__ or "").parents[1]) for name in ("proxx", "proxx_resolve_executor")]
    return {
        **base,
        **added,
        "RESOLVE_SCRIPT_API": script_api,
        "RESOLVE_SCRIPT_LIB": library,
        "PYTHONPATH": os.pathsep.join([*dict.fromkeys(own), modules]),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }


def foreign_environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without our own variables."""
    return {name: value for name, value in base.items() if not name.startswith(PRIVATE)}


def _look_at(task: "asyncio.Task[object]") -> None:
    """Look at the error of an operation whose asker was cancelled."""
    if not task.cancelled():
        task.exception()
