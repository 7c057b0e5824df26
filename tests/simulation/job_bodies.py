"""What is submitted for the jobs of a history."""

from typing import Any

from proxx.core.jobs import LostPolicy, SubmissionOptions
from proxx_scheduler.app.intake import body_of
from tests.fakes.specs import SEED_2_1, text_of
from tests.simulation.plan import JobPlan

RAW: dict[str, object] = {"codec": "dnxhr", "container": "mov", "proxy_profile": "proxy_dnxhr_lb_resolve"}


def text_of_job(job: JobPlan) -> str:
    """Return the JobSpec of a planned job."""
    return text_of(
        SEED_2_1 | (RAW if job.raw else {}),
        sources=[job.source(index) for index in range(job.clips)],
        output_directory=f"/proxies/{job.number}",
        job_id=job.job_id,
        created_at="2026-11-20T12:00:00Z",
    )


def body_of_job(job: JobPlan) -> Any:
    """Return the body of its submission."""
    options = SubmissionOptions(
        failure_policy=job.policy,
        max_parallel_clips=job.window,
        hold=job.hold,
        collision_policy=job.collision,
        on_executor_lost=LostPolicy.REQUEUE if job.requeues else LostPolicy.HOLD,
        requeue_limit=job.requeues,
    )
    return body_of(spec_json=text_of_job(job), spec=None, options=options)
