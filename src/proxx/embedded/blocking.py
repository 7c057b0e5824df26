"""The embedded run as one blocking call: what the library's functions do."""

import asyncio
import contextlib
import logging
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from proxx.core.jobs import JobResult, JobState, SubmissionOptions
from proxx.core.jobspec import JobSpecValidationError
from proxx.core.result_json import job_result_document
from proxx.core.violation import Violation
from proxx.embedded.connect import connect
from proxx.embedded.display import SilentDisplay
from proxx.embedded.errors import ToolMissingError
from proxx.embedded.execution_results import JobExecutionResult, execution_result
from proxx.embedded.interrupts import Interrupts
from proxx.embedded.job_run import JobRun
from proxx.embedded.result_files import write_result_files
from proxx.embedded.session import Session
from proxx.embedded.target import Target
from proxx.rpc.errors import RefusedCallError

_LOG = logging.getLogger("proxx")


def run_blocking(
    *, spec_json: str, target: Target, options: SubmissionOptions, result_files: bool
) -> JobExecutionResult:
    """Run a JobSpec to its end. Ctrl-C cancels the job cleanly first and is then raised.

    Raises:
        JobSpecValidationError: the spec or one of its paths was refused; every violation is in it.
        EmbeddedError: scheduler or executor cannot work here, or ended by themselves.
        CallError: the scheduler refused or failed otherwise.
    """
    return asyncio.run(_run(spec_json, target, options, result_files))


def plan_violations(*, spec_json: str, target: Target, options: SubmissionOptions) -> tuple[Violation, ...]:
    """Return every reason why a JobSpec would be refused now, its paths included; nothing is made.

    Raises:
        EmbeddedError, CallError: as `run_blocking`.
    """

    async def ask() -> tuple[Violation, ...]:
        async with connect(target) as session:
            try:
                plan = await session.client.plan_job(spec_json=spec_json, options=options, timeout_seconds=600.0)
            except RefusedCallError as error:
                if error.violations:
                    return error.violations
                raise
            return plan.violations

    return asyncio.run(ask())


async def _run(spec_json: str, target: Target, options: SubmissionOptions, result_files: bool) -> JobExecutionResult:
    with _signals() as interrupts:
        async with connect(target) as session:
            result, missing = await _to_result(session, spec_json, options, interrupts)
            kept = _settle(session, result)
    if result.final_status is JobState.REJECTED:
        raise JobSpecValidationError(result.violations)
    now = datetime.now(UTC)
    document = job_result_document(result=result, result_written_at=now, trace_path=kept)
    if result_files and result.final_status.terminal:
        try:
            write_result_files(document=document, spec=result.spec, job_id=result.job_id, now=now)
        except (OSError, ValueError) as error:
            _LOG.warning("result files were not written: %s", error)
    if missing:
        raise ToolMissingError(missing)
    if interrupts is not None and interrupts.count:
        raise KeyboardInterrupt
    return execution_result(result=result, document=document)


async def _to_result(
    session: Session, spec_json: str, options: SubmissionOptions, interrupts: Interrupts | None
) -> tuple[JobResult, str]:
    try:
        job, _ = await session.client.submit_job(request_id=str(uuid.uuid4()), spec_json=spec_json, options=options)
    except RefusedCallError as error:
        if error.violations:
            raise JobSpecValidationError(error.violations) from error
        raise
    if session.run is not None:
        session.run.keep(note={"job_key": job.job_key, "jobspec_path": None})
    running = JobRun(
        client=session.client,
        display=SilentDisplay(),
        say=_LOG.warning,
        new_request_id=lambda: str(uuid.uuid4()),
        embedded=session.run is not None,
    )
    result = await running.to_result(job=job, interrupts=interrupts)
    if result is None:
        raise KeyboardInterrupt
    return result, running.missing_engine


def _settle(session: Session, result: JobResult) -> str | None:
    if session.run is None:
        return None
    if result.final_status is JobState.COMPLETED:
        session.run.discard()
        return None
    return session.run.log_directory


@contextlib.contextmanager
def _signals() -> Iterator[Interrupts | None]:
    """Signals belong to the main thread; elsewhere the caller's own thread handles them."""
    if threading.current_thread() is not threading.main_thread():
        yield None
        return
    with Interrupts() as interrupts:
        yield interrupts
