"""Lists of a scheduler, page by page."""

from collections.abc import Sequence

from proxx.core.jobs import ClipView, JobState, JobView
from proxx.embedded.port import SchedulerPort

_PAGE = 500


async def all_clips(*, client: SchedulerPort, job_key: str) -> tuple[ClipView, ...]:
    """Return every clip of a job, in clip order."""
    clips: list[ClipView] = []
    token = ""
    while True:
        page = await client.list_clips(job_key=job_key, page_size=_PAGE, page_token=token)
        clips.extend(page.items)
        token = page.next_page_token
        if not token:
            return tuple(clips)


async def newest_jobs(
    *, client: SchedulerPort, states: Sequence[JobState] = (), job_id: str = "", limit: int
) -> tuple[JobView, ...]:
    """Return at most `limit` jobs, newest first."""
    jobs: list[JobView] = []
    token = ""
    while len(jobs) < limit:
        size = min(_PAGE, limit - len(jobs))
        page = await client.list_jobs(states=states, job_id=job_id, page_size=size, page_token=token)
        jobs.extend(page.items)
        token = page.next_page_token
        if not token:
            break
    return tuple(jobs)
