"""`proxx jobs watch`: events as they are recorded, as text or as JSON lines."""

from collections.abc import Sequence

from proxx.cli.exits import ExitCode
from proxx.cli.output import show, show_json
from proxx.cli.render import event_line
from proxx.cli.steer import find_job
from proxx.core.jobs import Heartbeat, JobEvent, JobView, Snapshot
from proxx.core.plain import to_plain
from proxx.embedded.follow import is_over, watching
from proxx.embedded.port import SchedulerPort, WatchUpdate


async def print_events(*, client: SchedulerPort, names: Sequence[str], as_json: bool) -> ExitCode:
    """Print the snapshot and then every event; end when every job named is over.

    Of jobs named it says why they wait. As JSON lines each object has `update` (snapshot, event, progress or waiting)
    and that update's fields.
    """
    waiting = {(await find_job(client=client, name=name)).job_key for name in names}
    told: dict[str, str] = {}
    async with watching(client=client, job_keys=tuple(waiting), include_progress=as_json) as updates:
        async for update in updates:
            _print(update, as_json)
            if isinstance(update, Snapshot | Heartbeat):
                await _tell_why(client, waiting, told, as_json)
            for job in await _changed(client, update, waiting):
                if is_over(job):
                    waiting.discard(job.job_key)
            if names and not waiting:
                break
    return ExitCode.OK


async def _tell_why(client: SchedulerPort, waiting: set[str], told: dict[str, str], as_json: bool) -> None:
    """Say of each job named why it waits, if it does, and again when the reason has changed."""
    for key in sorted(waiting):
        reason = (await client.get_job(job_key=key)).waiting_reason
        detail = "" if reason is None else reason.detail
        if reason is not None and told.get(key) != detail:
            if as_json:
                show_json({"update": "waiting", "job_key": key, **to_plain(reason)}, lines=True)
            else:
                show(f"job {key} waits: {detail}")
        told[key] = detail


async def _changed(client: SchedulerPort, update: WatchUpdate, waiting: set[str]) -> tuple[JobView, ...]:
    if isinstance(update, Snapshot):
        return update.jobs
    if isinstance(update, JobEvent) and update.clip_index is None and update.job_key in waiting:
        return (await client.get_job(job_key=update.job_key),)
    return ()


def _print(update: WatchUpdate, as_json: bool) -> None:
    if isinstance(update, Heartbeat):
        return
    if as_json:
        kind = "snapshot" if isinstance(update, Snapshot) else "event" if isinstance(update, JobEvent) else "progress"
        show_json({"update": kind, **to_plain(update)}, lines=True)
    elif isinstance(update, Snapshot):
        show(*(f"job {job.job_key} {job.job_id} {job.state}" for job in update.jobs))
    elif isinstance(update, JobEvent):
        show(event_line(update))
