"""A child that keeps what a render shows, word for word: the queue, and every status."""

from collections.abc import Mapping

from proxx_resolve_executor.bridge.child_port import Child


class RecordingChild:
    """Passes every question on to a child. Before a job starts it asks for the queue and for the job's first status."""

    def __init__(self, child: Child) -> None:
        """Take the child."""
        self._child = child
        self.jobs: object = []
        self.statuses: list[object] = []

    async def ask(self, operation: str, arguments: Mapping[str, object], *, seconds: float) -> object:
        """Have an operation done and return its value.

        Raises:
            ChildError: it has no value.
        """
        if operation == "start_job":
            self.jobs = await self._child.ask("dump_jobs", {}, seconds=seconds)
            self._note(await self._child.ask("job_progress", arguments, seconds=seconds))
        value = await self._child.ask(operation, arguments, seconds=seconds)
        if operation == "job_progress":
            self._note(value)
        return value

    async def end(self) -> None:
        """Kill the process and wait for its end. Never raises; nothing may be asked afterwards."""
        await self._child.end()

    def forget(self) -> None:
        """Forget what was kept: another render begins."""
        self.jobs = []
        self.statuses.clear()

    def _note(self, progress: object) -> None:
        status = progress.get("status") if isinstance(progress, dict) else None
        if status is not None and self.statuses[-1:] != [status]:
            self.statuses.append(status)
