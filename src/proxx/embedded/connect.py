"""Opens sessions: to a server, or to scheduler and executor embedded in a private run directory."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from proxx.embedded.errors import ChildFailedError
from proxx.embedded.open_run import open_stack_in, require_tools
from proxx.embedded.run_directory import RunDirectory
from proxx.embedded.session import Session
from proxx.embedded.stack_settings import StackSettings
from proxx.embedded.target import Target
from proxx.rpc.client import SchedulerClient
from proxx.rpc.client_security import ClientSecurity
from proxx.rpc.errors import SchedulerUnreachableError
from proxx.rpc.trouble import trouble_of
from proxx.runtime.state import state_directory


@asynccontextmanager
async def connect(target: Target, *, actor: str = "") -> AsyncIterator[Session]:
    """Open a session to the target and close it again. `actor` is the name that its calls claim, "" for none.

    Raises:
        EmbeddedError: the embedded processes cannot work here.
        CallError: the server does not answer.
    """
    if target.server is not None:
        async with _client_of(target.server, actor=actor, security=target.security) as client:
            yield Session(client=client, run=None)
        return
    require_tools(ffmpeg=target.ffmpeg, ffprobe=target.ffprobe)
    state = state_directory()
    if target.resume is None:
        directory = RunDirectory.create(state=state, now=datetime.now(UTC), suffix=secrets.token_hex(4))
    else:
        directory = RunDirectory.find(state=state, run_id=target.resume)
    handle = EmbeddedRun(directory, keep=target.resume is not None)
    settings = StackSettings(
        listen="",
        database=directory.database,
        profiles=target.profiles,
        slots=target.slots,
        ffmpeg=target.ffmpeg,
        ffprobe=target.ffprobe,
        source_matrix=target.source_matrix,
        without_engine=target.without_engine,
    )
    try:
        async with (
            open_stack_in(directory=directory, settings=settings) as stack,
            SchedulerClient(stack.address, actor=actor) as client,
        ):
            yield Session(client=client, run=handle)
    except ChildFailedError as error:
        raise ChildFailedError(f"{error}{handle.after_failure()}") from error
    finally:
        handle.settle()


@asynccontextmanager
async def _client_of(server: str, *, actor: str, security: ClientSecurity) -> AsyncIterator[SchedulerClient]:
    """Open a client; when the server cannot be reached because of TLS, the error says why and what to do."""
    async with SchedulerClient(server, actor=actor, security=security) as client:
        try:
            yield client
        except SchedulerUnreachableError as error:
            why = await asyncio.to_thread(trouble_of, target=server, security=security)
            if not why:
                raise
            raise SchedulerUnreachableError(f"{server}: {why}") from error


class EmbeddedRun:
    """The run directory of an embedded session. Without a job there is nothing to keep."""

    def __init__(self, directory: RunDirectory, *, keep: bool) -> None:
        """Take the directory, and whether an earlier session kept it."""
        self._directory = directory
        self._keep = keep

    @property
    def run_id(self) -> str:
        """The id that `--resume` takes."""
        return self._directory.run_id

    @property
    def log_directory(self) -> str:
        """Where the logs of both processes lie."""
        return str(self._directory.path)

    def keep(self, *, note: dict[str, object]) -> None:
        """Keep the directory after the session."""
        self._directory.write_note(note)
        self._keep = True

    def after_failure(self) -> str:
        """Keep the directory, if only for its logs, and return how its job can go on."""
        has_job, self._keep = self._keep, True
        return f"\nthe run is kept; go on with: proxx run --resume {self.run_id}" if has_job else ""

    def discard(self) -> None:
        """Do not keep the directory after the session."""
        self._keep = False

    def note(self) -> dict[str, object]:
        """Return the note that an earlier session kept."""
        return self._directory.read_note()

    def settle(self) -> None:
        """Remove the directory unless it is to be kept."""
        if not self._keep:
            self._directory.discard()


def kept_runs() -> list[Path]:
    """Return the directories of every kept run, oldest first."""
    return [run.path for run in RunDirectory.kept(state=state_directory())]
