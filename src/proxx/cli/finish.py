"""The end of a followed job: result JSON on stdout, the table on stderr, the files beside the proxies."""

from collections.abc import Mapping
from datetime import datetime

from proxx.cli.exits import ExitCode, exit_code_for
from proxx.cli.output import say, show_json
from proxx.cli.render import result_lines
from proxx.cli.reporting import write_asked_reports
from proxx.core.jobs import JobResult, JobState
from proxx.core.result_json import job_result_document, refused_document
from proxx.core.violation import Violation, ViolationCode
from proxx.embedded.result_files import write_result_files


def finish(
    *,
    result: JobResult,
    jobspec_path: str | None,
    trace_path: str | None,
    now: datetime,
    files: bool,
    reports: bool = False,
) -> ExitCode:
    """Report a result everywhere and return its exit code. A file that cannot be written changes nothing else.

    `files` writes result and JobSpec beside the proxies, `reports` the reports that the job asks for.
    """
    document = job_result_document(
        result=result, jobspec_path=jobspec_path, result_written_at=now, trace_path=trace_path
    )
    say(*result_lines(result))
    made = result.final_status.terminal and result.final_status is not JobState.REJECTED
    if files and made:
        _write(document, result, now)
    if reports and made:
        write_asked_reports(document=document, result=result, now=now)
    show_json(document)
    if result.violations and all(item.code is ViolationCode.ENGINE_UNAVAILABLE for item in result.violations):
        return ExitCode.SYSTEM  # nothing is wrong with the JobSpec: an engine is missing
    return exit_code_for(state=result.final_status, completed=result.counts.completed)


def finish_refused(*, violations: tuple[Violation, ...], jobspec_path: str | None, now: datetime) -> ExitCode:
    """Report a JobSpec that never became a job."""
    from proxx.cli.remote import violation_lines

    say(*violation_lines(violations), "refused: no job was made")
    show_json(refused_document(violations=violations, jobspec_path=jobspec_path, result_written_at=now))
    return ExitCode.VALIDATION


def _write(document: Mapping[str, object], result: JobResult, now: datetime) -> None:
    try:
        written, _ = write_result_files(document=document, spec=result.spec, job_id=result.job_id, now=now)
    except (OSError, ValueError) as error:
        say(f"result files were not written: {error}")
    else:
        say(f"result: {written}")
