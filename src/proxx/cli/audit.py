"""`proxx audit verify | export | prune`: the event log of a server as evidence (docs/AUDIT.md)."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from proxx.cli.asking import ask_server
from proxx.cli.audit_walk import Progress
from proxx.cli.environment import environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, needed_server_option
from proxx.cli.output import say
from proxx.cli.pressing import refuse_unasked
from proxx.cli.text import plural
from proxx.embedded.port import SchedulerPort

SCHEDULER = "-"
"""The name of the scheduler's own chain on a command line."""

KEY_LENGTH = 36

_job_option = click.option(
    "--job", metavar="JOB", help=f"Only the chain of this job, by key or id; {SCHEDULER}: the scheduler's own."
)
_file = click.Path(path_type=Path)


@click.group("audit")
def command() -> None:
    """Verify, export and prune the event log of a server."""


@command.command("verify")
@click.argument("file", required=False, type=_file)
@_job_option
@click.option(
    "--result",
    "results",
    multiple=True,
    type=_file,
    help="A result JSON (or JSON report) whose head the chain must have.",
)
@click.option("--against", multiple=True, type=_file, help="An earlier export whose heads the chains must have.")
@click.option("--head", "heads", multiple=True, metavar="HASH", help="With --job: a head that the chain must have.")
@click.option("--heads", "show_heads", is_flag=True, help="Print the head of every chain, one a line.")
@needed_server_option
@json_option
@click.pass_context
def verify(
    context: click.Context,
    file: Path | None,
    job: str | None,
    results: tuple[Path, ...],
    against: tuple[Path, ...],
    heads: tuple[str, ...],
    show_heads: bool,
    server: str,
    as_json: bool,
) -> int:
    """Check every record of a server's event log, or of FILE, an export (- for stdin), and name the first bad one."""
    from proxx.cli.audit_anchors import anchors_of, result_key
    from proxx.cli.audit_text import show_head, show_summary
    from proxx.cli.audit_verify import Heads, given_heads, verify_file, verify_server

    if file is not None and job is not None:
        raise click.UsageError("--job asks a server: an export has the chains that it has", ctx=context)
    progress = Progress(now=environment_of(context).now, word="verified")
    told = Heads(show=(lambda chain: show_head(chain, as_json=as_json)) if show_heads else None)
    if file is not None:
        kept = anchors_of(results=results, exports=against, heads=given_heads(heads=heads, job_key=None))
        summary = verify_file(path=file, anchors=kept, told=told, progress=progress)
        return show_summary(summary, source=str(file), only=told.only, as_json=as_json, lines=show_heads)
    wanted = result_key(results[0]) if len(results) == 1 and job is None and not against else job

    async def ask(client: SchedulerPort) -> int:
        key = await _key_of(client, wanted)
        kept = anchors_of(results=results, exports=against, heads=given_heads(heads=heads, job_key=key))
        summary = await verify_server(audit=client.audit, job_key=key, anchors=kept, told=told, progress=progress)
        only = told.only if key is not None else None
        return show_summary(summary, source=server, only=only, as_json=as_json, lines=show_heads)

    return ask_server(context, server, ask)


@command.command("export")
@_job_option
@click.option(
    "--since", type=click.IntRange(min=0), default=0, metavar="SEQUENCE", help="Only records after this sequence."
)
@click.option("--output", "-o", type=_file, help="A new file, written whole or not at all; stdout when absent.")
@needed_server_option
@click.pass_context
def export(context: click.Context, job: str | None, since: int, output: Path | None, server: str) -> int:
    """Write the event log of a server as canonical JSON lines that verify by themselves."""
    from proxx.cli.audit_export import ExportRequest, export_to, export_to_new_file

    environment = environment_of(context)
    progress = Progress(now=environment.now, word="exported")

    async def ask(client: SchedulerPort) -> int:
        request = ExportRequest(
            job_key=await _key_of(client, job), after_sequence=since, server=server, now=environment.now()
        )
        if output is None:
            summary = await export_to(client=client, request=request, file=sys.stdout.buffer, progress=progress)
            sys.stdout.buffer.flush()
        else:
            summary = await export_to_new_file(client=client, request=request, path=output, progress=progress)
        say(
            f"exported {plural(summary.records, 'record')} in {plural(summary.chains, 'chain')},"
            f" up to sequence {summary.until_sequence}"
        )
        say(f"digest of all heads: {summary.heads_digest}")
        if summary.fault is not None:
            say("the log is not as it was written; the export holds it as it is:", *summary.fault.sentences)
            return ExitCode.FAILED
        return ExitCode.OK

    return ask_server(context, server, ask)


@command.command("prune")
@click.option(
    "--before", required=True, metavar="DATE", help="Jobs that ended before this: YYYY-MM-DD (UTC) or a time."
)
@click.option("--export", "export_file", type=_file, help="Export the whole log to this new file first, and verify it.")
@click.option("--plan", "only_plan", is_flag=True, help="Only say what would be retired.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@needed_server_option
@json_option
@click.pass_context
def prune(
    context: click.Context,
    before: str,
    export_file: Path | None,
    only_plan: bool,
    yes: bool,
    server: str,
    as_json: bool,
) -> int:
    """Delete the oldest records of jobs that ended before DATE. Every chain stays whole from its checkpoint on."""
    from proxx.cli.audit_prune import Pruning
    from proxx.cli.audit_prune import prune as do

    environment = environment_of(context)
    if export_file == Path("-"):
        raise click.UsageError("--export -: a file is needed, it is read back before records go", ctx=context)
    refuse_unasked(context=context, environment=environment, yes=yes, only_plan=only_plan)
    what = Pruning(
        before=_moment(context, before),
        export=export_file,
        server=server,
        only_plan=only_plan,
        yes=yes,
        as_json=as_json,
    )
    return ask_server(context, server, lambda client: do(client=client, environment=environment, what=what))


async def _key_of(client: SchedulerPort, job: str | None) -> str | None:
    """Return the key of the chain that was asked for, None for all.

    Raises:
        CommandError, RefusedCallError: there is no such job.
    """
    from proxx.cli.steer import find_job

    if job is None or len(job) == KEY_LENGTH:  # a key is not looked up: its chain may have outlived its job
        return job
    return "" if job == SCHEDULER else (await find_job(client=client, name=job)).job_key


def _moment(context: click.Context, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--before {text}: expected a date or an ISO 8601 time", ctx=context) from error
    if moment.tzinfo is not None:
        return moment
    if moment.time() != datetime.min.time():
        raise click.UsageError(f"--before {text}: a time needs its offset, for example Z or +02:00", ctx=context)
    return moment.replace(tzinfo=UTC)
