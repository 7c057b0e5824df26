"""`proxx validate`: is this JobSpec right? Nothing is executed."""

from pathlib import Path

import click

from proxx.cli.check import check_spec, profile_library
from proxx.cli.environment import Environment, environment_of
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, profiles_option, server_option, source_matrix_option, target
from proxx.cli.output import say, show, show_json
from proxx.cli.spec_input import SpecInput, read_spec
from proxx.cli.text import plural
from proxx.core.jobs import JobPlan, SubmissionOptions
from proxx.core.plain import to_plain
from proxx.core.violation import Violation
from proxx.embedded.target import Target


@click.command("validate")
@click.argument("jobspec")
@click.option("--check-paths", is_flag=True, help="Look at the sources and the output directory too.")
@click.option("--timeout", type=float, default=600.0, show_default=True, help="Seconds to look at the paths.")
@click.option("--create-output-directory", is_flag=True, help="The output directory need not exist yet.")
@server_option
@profiles_option
@source_matrix_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    jobspec: str,
    check_paths: bool,
    timeout: float,
    create_output_directory: bool,
    server: str | None,
    profiles: Path | None,
    source_matrix: int,
    as_json: bool,
) -> int:
    """Check JOBSPEC (a file, or - for stdin). Exit code 0 valid, 1 invalid, 4 no such file.

    Without --check-paths and --server only the text is checked. With one of them, sources are probed and every reason
    that would refuse the job is listed.
    """
    received = read_spec(jobspec)
    violations: tuple[Violation, ...] = ()
    plan: JobPlan | None = None
    if server is None:
        _, violations = check_spec(text=received.text, library=profile_library(profiles))
    if not violations and (check_paths or server is not None):
        options = SubmissionOptions(create_output_directory=create_output_directory)
        place = target(server=server, profiles=profiles, source_matrix=source_matrix, without_engine="hold")
        plan, violations = planned(environment_of(context), place, received, options, timeout)
        violations = plan.violations if plan is not None else violations
    return _answer(received, violations, as_json, warnings=() if plan is None else plan.warnings)


def planned(
    environment: Environment, place: Target, received: SpecInput, options: SubmissionOptions, timeout: float
) -> tuple[JobPlan | None, tuple[Violation, ...]]:
    """Ask a scheduler for the plan of a spec. Returns it, or None with the violations that refused the spec itself.

    Raises:
        CommandError: the call was refused for another reason, or nobody answered.
    """
    from proxx.cli.remote import run_remote
    from proxx.rpc.errors import RefusedCallError

    async def ask() -> tuple[JobPlan | None, tuple[Violation, ...]]:
        async with environment.connect(place) as session:
            try:
                plan = await session.client.plan_job(spec_json=received.text, options=options, timeout_seconds=timeout)
            except RefusedCallError as error:
                if error.reason == "SPEC_INVALID" and error.violations:
                    return None, error.violations
                raise
            return plan, ()

    return run_remote(ask)


def _answer(received: SpecInput, violations: tuple[Violation, ...], as_json: bool, *, warnings: tuple[str, ...]) -> int:
    name = received.path or "stdin"
    say(*(f"warning: {warning}" for warning in warnings))
    if as_json:
        document: dict[str, object] = {"jobspec_path": received.path, "valid": not violations}
        show_json(document | {"violations": to_plain(violations), "warnings": list(warnings)})
    elif violations:
        from proxx.cli.remote import violation_lines

        say(*violation_lines(violations), f"{name}: invalid, {plural(len(violations), 'violation')}")
    else:
        show(f"{name}: valid")
    return ExitCode.VALIDATION if violations else ExitCode.OK
