"""What the `jobs` commands do with a scheduler."""

import re

from proxx.cli.displays import chosen_display
from proxx.cli.environment import Environment
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.finish import finish
from proxx.cli.output import say
from proxx.core.jobs import JobView
from proxx.embedded.job_run import JobRun
from proxx.embedded.paging import newest_jobs
from proxx.embedded.port import SchedulerPort

_JOB_ID = re.compile(r"[0-9a-f]{8}")
_MOST_OF_ONE_ID = 20


async def find_job(*, client: SchedulerPort, name: str) -> JobView:
    """Return the job with this key or this eight-character id.

    Raises:
        CommandError: no job has the id, or several have it.
        RefusedCallError: no job has the key.
    """
    if not _JOB_ID.fullmatch(name):
        return await client.get_job(job_key=name)
    jobs = await newest_jobs(client=client, job_id=name, limit=_MOST_OF_ONE_ID)
    if len(jobs) == 1:
        return jobs[0]
    if not jobs:
        raise CommandError(f"no job has the id {name}", exit_code=ExitCode.VALIDATION)
    keys = (f"  {job.job_key} {job.state} {job.submit_time.isoformat(timespec='seconds')}" for job in jobs)
    raise CommandError(f"several jobs have the id {name}; name one by its key:", *keys, exit_code=ExitCode.VALIDATION)


async def show_followed(
    environment: Environment, client: SchedulerPort, job: JobView, jobspec_path: str | None, progress: bool
) -> ExitCode:
    """Follow a job to its end, print its result JSON and return its exit code."""
    display = chosen_display(environment=environment, progress=progress)
    running = JobRun(client=client, display=display, say=say, new_request_id=environment.new_request_id, embedded=False)
    try:
        result = await running.to_result(job=job, interrupts=None)
    finally:
        display.close()
    if result is None:
        raise RuntimeError("a job that is followed without interrupts has a result")
    return finish(
        result=result, jobspec_path=jobspec_path, trace_path=None, now=environment.now(), files=False, reports=True
    )
