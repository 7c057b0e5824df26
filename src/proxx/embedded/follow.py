"""Follows one job over WatchJobs until nothing moves it on by itself."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence

from proxx.core.jobs import ClipProgress, ClipState, JobEvent, JobState, JobView, Snapshot
from proxx.embedded.display import Display
from proxx.embedded.interrupts import Interrupts
from proxx.embedded.port import SchedulerPort, WatchUpdate
from proxx.rpc.errors import CallFailedError


def is_over(view: JobView) -> bool:
    """Whether nothing but an operator's verb moves the job any more."""
    return view.state.terminal or view.state is JobState.RECOVERY_REQUIRED


@contextlib.asynccontextmanager
async def watching(
    *, client: SchedulerPort, job_keys: Sequence[str], include_progress: bool
) -> AsyncIterator[AsyncIterator[WatchUpdate]]:
    """Watch jobs from a snapshot on, and end the stream with the context."""
    updates = client.watch_jobs(job_keys=job_keys, after_sequence=0, include_progress=include_progress)
    try:
        yield updates
    finally:
        if isinstance(updates, AsyncGenerator):
            await updates.aclose()


async def follow_job(
    *,
    client: SchedulerPort,
    job_key: str,
    display: Display,
    on_change: Callable[[JobView], Awaitable[None]] | None = None,
) -> JobView:
    """Show the job until it is over and return it as it is then. `on_change` sees every state of the job itself.

    Raises:
        CallFailedError: the scheduler ended the stream before the job was over.
    """
    async with watching(client=client, job_keys=(job_key,), include_progress=True) as updates:
        async for update in updates:
            view = None
            if isinstance(update, Snapshot):
                view = next((job for job in update.jobs if job.job_key == job_key), None)
            elif isinstance(update, JobEvent) and update.clip_index is not None:
                if update.after in ClipState.__members__ and update.after != update.before:
                    display.clip(index=update.clip_index, state=ClipState(update.after))
            elif isinstance(update, JobEvent):
                view = await client.get_job(job_key=job_key)
            elif isinstance(update, ClipProgress):
                display.progress(update)
            if view is not None:
                display.job(view)
                if is_over(view):
                    return view
                if on_change is not None:
                    await on_change(view)
    raise CallFailedError(f"the scheduler ended the stream of job {job_key} before the job was over")


async def until_done_or_interrupted(
    *,
    following: Awaitable[JobView],
    interrupts: Interrupts,
    on_interrupt: Callable[[], Awaitable[None]],
) -> JobView | None:
    """Await `following`. At the first signal run `on_interrupt` and go on; at the second give up and return None."""
    work = asyncio.ensure_future(following)
    try:
        while not work.done():
            signal = asyncio.ensure_future(interrupts.next())
            try:
                await asyncio.wait({work, signal}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                signal.cancel()
            if work.done():
                break
            if interrupts.count > 1:
                return None
            await on_interrupt()
        return await work
    finally:
        if not work.done():
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work
