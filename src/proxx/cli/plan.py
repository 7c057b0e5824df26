"""`proxx plan`: the dry run, clip by clip."""

from pathlib import Path

import click

from proxx.cli.check import check_spec, profile_library
from proxx.cli.environment import environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.options import (
    json_option,
    profiles_option,
    server_option,
    source_matrix_option,
    submission,
    submission_options,
    target,
)
from proxx.cli.output import show, show_json
from proxx.cli.preset_options import PresetChoice, preset_options, work_of
from proxx.cli.validate import planned
from proxx.core.jobs import JobPlan
from proxx.core.plain import to_plain
from proxx.core.violation import Violation


@click.command("plan")
@click.argument("words", nargs=-1, required=True, metavar="JOBSPEC | SOURCE...")
@preset_options
@click.option("--timeout", type=float, default=600.0, show_default=True, help="Seconds to probe the sources.")
@submission_options
@server_option
@profiles_option
@source_matrix_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    words: tuple[str, ...],
    choice: PresetChoice,
    timeout: float,
    server: str | None,
    profiles: Path | None,
    source_matrix: int,
    as_json: bool,
    failure_policy: str,
    max_parallel_clips: int,
    priority: int,
    queue: str,
    create_output_directory: bool,
    collision_policy: str,
) -> int:
    """Show route, paths and exact command of every clip of JOBSPEC (- for stdin), and every reason against it.

    With --preset ID and --output DIR, of the JobSpec that this preset makes of the SOURCES.
    Nothing is made and nothing is stored. Exit code 1 when the job would be refused.
    """
    options = submission(
        failure_policy=failure_policy,
        max_parallel_clips=max_parallel_clips,
        priority=priority,
        queue=queue,
        create_output_directory=create_output_directory,
        collision_policy=collision_policy,
    )
    place = target(server=server, profiles=profiles, source_matrix=source_matrix, without_engine="hold")
    work = work_of(context=context, words=words, choice=choice, place=place, options=options)
    violations: tuple[Violation, ...] = ()
    plan: JobPlan | None = None
    if server is None:
        _, violations = check_spec(text=work.received.text, library=profile_library(profiles))
    if not violations:
        plan, violations = planned(environment_of(context), place, work.received, work.options, timeout)
    if plan is None:
        plan = JobPlan(admissible=False, violations=violations, clips=(), spec={}, waiting_reasons=())
    _answer(plan, as_json)
    return ExitCode.OK if plan.admissible else ExitCode.VALIDATION


def _answer(plan: JobPlan, as_json: bool) -> None:
    from proxx.cli.render import plan_lines

    if as_json:
        show_json(to_plain(plan))
    else:
        show(*plan_lines(plan))
