"""What is done after every piece of work, however it ended: nothing renders, no job, no project."""

from proxx.runtime.clock import Clock
from proxx_resolve_executor.bridge.child_port import WedgedError
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.bridge.projects import remove_project
from proxx_resolve_executor.bridge.remote import Remote

LOOK_SECONDS = 0.2


async def stop_rendering(*, remote: Remote, options: ResolveOptions, clock: Clock) -> None:
    """Stop what renders in the open project, and wait until nothing does.

    Raises:
        WedgedError: it goes on.
        ChildError: Resolve does not answer.
    """
    if await remote.rendering() is False:
        return
    await remote.stop_jobs()
    deadline = clock.monotonic() + options.stop_seconds
    while await remote.rendering() is not False:
        if clock.monotonic() >= deadline:
            raise WedgedError(f"the render goes on {options.stop_seconds:g} s after it was stopped")
        await clock.sleep(min(LOOK_SECONDS, options.poll_seconds))


async def tidy(
    *, remote: Remote, options: ResolveOptions, clock: Clock, project: str, job: str | None, started: bool
) -> None:
    """Stop the render of `project`, take its job out of the queue and remove it; the parking project is open then.

    Raises:
        WedgedError: the render goes on, or the project is not removed.
        ChildError: Resolve does not answer.
    """
    if await remote.open_project() == project:
        if started:
            await stop_rendering(remote=remote, options=options, clock=clock)
        if job is not None:
            await remote.delete_job(job=job)
    if not await remove_project(remote=remote, parking=options.parking_project, name=project):
        raise WedgedError("Resolve does not delete the project of a piece of work")
