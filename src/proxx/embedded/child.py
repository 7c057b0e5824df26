"""One embedded process: started with a ready pipe and the lifeline, watched, stopped."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from proxx.embedded.errors import ChildFailedError
from proxx.runtime.lifeline import Lifeline

_TAIL_BYTES = 4096
_TAIL_LINES = 5


class Child:
    """A running process. It has its own session, so a terminal's Ctrl-C reaches only us, and dies with us."""

    def __init__(
        self, *, name: str, process: asyncio.subprocess.Process, ready: asyncio.StreamReader, log: Path | None
    ) -> None:
        """Take a started process; use `start`."""
        self.name = name
        self._process = process
        self._ready = ready
        self._log = log

    @classmethod
    async def start(
        cls,
        *,
        name: str,
        argv: Sequence[str],
        lifeline: Lifeline,
        environment: Mapping[str, str],
        log: Path | None,
        stdout: int | None = None,
    ) -> "Child":
        """Start `argv` followed by `--ready-fd N`. Output goes to `log`, or to our stderr when that is None.

        `stdout` is a descriptor that gets its standard output instead.

        Raises:
            OSError: the process or its log cannot be made.
        """
        reader, transport, write_end = await _pipe()
        try:
            with contextlib.ExitStack() as stack:
                stack.callback(os.close, write_end)
                output = 2 if log is None else stack.enter_context(log.open("ab")).fileno()
                process = await asyncio.create_subprocess_exec(
                    *argv,
                    "--ready-fd",
                    str(write_end),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output if stdout is None else stdout,
                    stderr=output,
                    env={**environment, **lifeline.environment},
                    pass_fds=(*lifeline.pass_fds, write_end),
                    start_new_session=True,
                )
        except BaseException:
            transport.close()
            raise
        return cls(name=name, process=process, ready=reader, log=log)

    async def ready(self, *, timeout_seconds: float) -> dict[str, object]:
        """Return the line that the process writes when it serves.

        Raises:
            ChildFailedError: it ended first, wrote something else, or took longer than `timeout_seconds`.
        """
        try:
            line = await asyncio.wait_for(self._ready.read(), timeout_seconds)
        except TimeoutError:
            raise ChildFailedError(
                f"{self.name} was not ready after {timeout_seconds:g} seconds{self._where()}"
            ) from None
        if not line.strip():
            code = await self._process.wait()
            raise ChildFailedError(f"{self.name} did not start: {_ending(code)}{self._where()}")
        try:
            said = json.loads(line)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise ChildFailedError(f"{self.name} said {line[:200]!r} when it was ready; expected one JSON object")
        return said

    async def ended(self) -> str:
        """Wait for the end of the process and return how it ended; one that gave up by itself with its last words."""
        code = await self._process.wait()
        where = self._where() if code > 0 else ""
        return f"{self.name} ended by itself: {_ending(code)}{where}"

    async def code(self) -> int:
        """Wait for the end of the process and return its exit code, negative for the signal that ended it."""
        return await self._process.wait()

    async def stop(self, *, grace_seconds: float) -> None:
        """Ask the process to drain (SIGTERM); kill it when it has not ended within `grace_seconds`."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), grace_seconds)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def _where(self) -> str:
        if self._log is None:
            return ""
        lines = _tail(self._log)
        said = "".join(f"\n  {line}" for line in lines)
        return f" (log: {self._log}){said}"


async def _pipe() -> tuple[asyncio.StreamReader, asyncio.ReadTransport, int]:
    read_end, write_end = os.pipe()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb", buffering=0)
    )
    return reader, transport, write_end


def _ending(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def _tail(log: Path) -> list[str]:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return file.read().decode("utf-8", "replace").splitlines()[-_TAIL_LINES:]
