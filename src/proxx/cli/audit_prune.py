"""`proxx audit prune`: old records retired, after an export where one is asked for, never without saying so first."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from proxx.cli.audit_export import ExportRequest, export_to_new_file
from proxx.cli.audit_verify import verify_file
from proxx.cli.audit_walk import Progress
from proxx.cli.environment import Environment
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say, show, show_json
from proxx.cli.text import plural
from proxx.core.audit import PrunePlan, PruneResult
from proxx.core.plain import to_plain
from proxx.embedded.port import SchedulerPort

PRUNE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What was asked for on the command line."""

    before: datetime
    export: Path | None
    server: str
    only_plan: bool
    yes: bool
    as_json: bool


async def prune(*, client: SchedulerPort, environment: Environment, what: Pruning) -> int:
    """Plan, export, ask, prune. Returns the exit code.

    Raises:
        CommandError: the export failed or shows a damaged log, or the operator did not say yes; nothing was retired.
    """
    plan = await client.audit.plan_prune(before=what.before)
    say(*_plan_lines(plan, what))
    if what.only_plan or not plan.records:
        return _show(plan, None, what)
    through = await _exported(client, environment, what)
    if not what.yes and click.prompt("Type yes to go on", default="", show_default=False, err=True) != "yes":
        raise CommandError("not confirmed; nothing was retired", exit_code=ExitCode.VALIDATION)
    result = await client.audit.prune_events(
        before=what.before,
        request_id=environment.new_request_id(),
        through_sequence=through,
        timeout_seconds=PRUNE_SECONDS,
    )
    return _show(plan, result, what)


async def _exported(client: SchedulerPort, environment: Environment, what: Pruning) -> int:
    """Export the whole log and read the file back. Returns up to which record it goes, 0 when no export is wanted."""
    if what.export is None:
        return 0
    request = ExportRequest(job_key=None, after_sequence=0, server=what.server, now=environment.now())
    written = await export_to_new_file(
        client=client,
        request=request,
        path=what.export,
        progress=Progress(now=environment.now, word="exported"),
    )
    read = verify_file(
        path=what.export, anchors=(), told=lambda _: None, progress=Progress(now=environment.now, word="verified")
    )
    for summary in (written, read):
        if summary.fault is not None:
            lines = (f"the log is not as it was written; nothing was retired; {what.export} holds it as it is:",)
            raise CommandError(*lines, *summary.fault.sentences, exit_code=ExitCode.FAILED)
    say(f"exported {plural(read.records, 'record')} to {what.export}, read back and verified")
    return read.until_sequence


def _plan_lines(plan: PrunePlan, what: Pruning) -> list[str]:
    before = what.before.isoformat()
    if not plan.records:
        return [f"nothing to retire: no job that ended before {before} has older records than its newest"]
    what_goes = f"{plural(plan.records, 'record')} of {plural(plan.jobs, 'job')} that ended before {before}"
    lines = [
        f"prune: {what_goes} are deleted for good",
        "  kept: the newest record of each job, jobs that have not ended, the scheduler's own chain; every chain can"
        " still be verified from its checkpoint",
    ]
    if what.export is None:
        lines.append("  nothing is exported first: what the records said is lost (--export FILE keeps it)")
    else:
        lines.append(f"  exported first, the whole log: {what.export}")
    return lines


def _show(plan: PrunePlan, result: PruneResult | None, what: Pruning) -> int:
    if what.as_json:
        show_json({"before": what.before.isoformat(), "plan": to_plain(plan), "result": to_plain(result)})
    elif result is not None:
        show(f"retired {plural(result.records, 'record')} of {plural(result.jobs, 'job')}")
    if result is not None and result.left:
        say(f"left alone, because damaged: {plural(len(result.left), 'chain')}", *result.left)
        return ExitCode.FAILED
    return ExitCode.OK
