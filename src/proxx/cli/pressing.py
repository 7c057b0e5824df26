"""How the `jobs` commands press a verb: say what it will do, ask where that cannot be taken back, do it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import click

from proxx.cli.environment import Environment
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.output import say, show, show_json
from proxx.cli.steer import find_job
from proxx.cli.verb_text import verb_plan_lines
from proxx.core.jobs import JobView, SubmissionOptions
from proxx.core.plain import to_plain
from proxx.core.verbs import Verb, VerbPlan
from proxx.embedded.port import SchedulerPort
from proxx.rpc.errors import RefusedCallError

Press = Callable[[SchedulerPort, str, str, int], Awaitable[JobView]]
"""Does the verb: with the client, for a job key, under a request id, for the revision that was seen (0: any)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What was asked for on the command line. `asks` says that the verb cannot be taken back."""

    verb: Verb
    press: Press
    asks: bool = False
    yes: bool = False
    only_plan: bool = False
    as_json: bool = False
    priority: int | None = None
    queue: str | None = None
    spec_json: str | None = None
    options: SubmissionOptions | None = None


def refuse_unasked(*, context: click.Context, environment: Environment, yes: bool, only_plan: bool) -> None:
    """Refuse a verb that must be confirmed where nobody can be asked.

    Raises:
        UsageError: neither a person nor --yes is there.
    """
    if not (yes or only_plan or environment.interactive):
        raise click.UsageError("nobody can be asked here: confirm with --yes", ctx=context)


async def press(*, client: SchedulerPort, environment: Environment, name: str, what: Pressed) -> int:
    """Plan a verb, show the plan, ask if need be, and do it. Returns the exit code.

    A job that moves on while its operator thinks is planned and asked about again.

    Raises:
        CommandError: the operator did not say yes.
        RefusedCallError: the verb was refused.
    """
    view = await find_job(client=client, name=name)
    while True:
        plan = await _plan(client, view, what)
        say(*verb_plan_lines(plan=plan, job=view))
        if what.only_plan:
            return _show(plan, None, what.as_json)
        guarded = what.asks and not what.yes
        if guarded and click.prompt("Type yes to go on", default="", show_default=False, err=True) != "yes":
            raise CommandError("not confirmed; nothing was changed", exit_code=ExitCode.VALIDATION)
        try:
            after = await what.press(
                client, view.job_key, environment.new_request_id(), plan.revision if guarded else 0
            )
        except RefusedCallError as error:
            if error.reason != "REVISION_MISMATCH" or not guarded:
                raise
            say("the job has moved on; nothing was changed yet")
            continue
        return _show(plan, after, what.as_json)


async def _plan(client: SchedulerPort, view: JobView, what: Pressed) -> VerbPlan:
    return await client.plan_verb(
        job_key=view.job_key,
        verb=what.verb,
        priority=what.priority,
        queue=what.queue,
        spec_json=what.spec_json,
        options=what.options,
    )


def _show(plan: VerbPlan, after: JobView | None, as_json: bool) -> int:
    if as_json:
        show_json({"plan": to_plain(plan), "job": to_plain(after)})
    elif after is not None:
        show(f"{after.job_key} {after.job_id} {after.state}")
    return ExitCode.OK
