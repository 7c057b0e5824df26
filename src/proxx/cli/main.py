"""Entry point of `proxx`: the command tree, and how every end becomes an exit code."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.lazy import LazyGroup
from proxx.cli.output import say, set_up_streams

COMMANDS = {
    "validate": ("proxx.cli.validate", "Check a JobSpec; nothing is executed."),
    "plan": ("proxx.cli.plan", "Show what a JobSpec would do, clip by clip, with the exact commands."),
    "run": ("proxx.cli.run", "Make the proxies of a JobSpec and print the result JSON."),
    "submit": ("proxx.cli.submit", "Hand a JobSpec to a server."),
    "jobs": ("proxx.cli.jobs", "List, show, watch and steer the jobs of a server."),
    "watch": ("proxx.cli.watch", "Turn JobSpecs that are dropped into a folder into jobs."),
    "executors": ("proxx.cli.executors", "List, drain and undrain the executors of a server."),
    "watchers": ("proxx.cli.watchers", "Show the watch folders of a server, what waits in them, and why."),
    "profiles": ("proxx.cli.profiles", "List and show proxy profiles."),
    "presets": ("proxx.cli.presets", "List, show and check presets."),
    "report": ("proxx.cli.report", "Print a job that has ended as JSON, CSV or text."),
    "probe": ("proxx.cli.probe", "Show what files are and which engine would take them."),
    "reproduce": ("proxx.cli.reproduce", "Make the clips of a result again and compare the bytes."),
    "audit": ("proxx.cli.audit", "Verify, export and prune the event log."),
    "whoami": ("proxx.cli.whoami", "Say who a server takes me for, and what I may do there."),
    "certs": ("proxx.cli.certs", "Make certificates for TLS: a development authority."),
    "tokens": ("proxx.cli.tokens", "Make, list and revoke the tokens of an access file."),
    "access": ("proxx.cli.access", "Check an access file: who may do what."),
    "upgrade": ("proxx.cli.upgrade", "Print a JobSpec in the current version."),
    "roots": ("proxx.cli.roots", "Mark storage roots, so that an unmounted disk is never mistaken for an empty one."),
    "up": ("proxx.cli.up", "Run scheduler and FFmpeg executor here until interrupted."),
    "doctor": ("proxx.cli.doctor", "Check whether this machine can make proxies."),
    "version": ("proxx.cli.version", "Print versions."),
    "completion": ("proxx.cli.completion", "Print the completion script of a shell."),
}

ACTING_AS = click.Option(
    ["--as", "acting_as"],
    envvar="PROXX_ACTOR",
    metavar="NAME",
    help="Who acts, for the record of a server; not verified.  [env: PROXX_ACTOR; default: user@host]",
)

cli = LazyGroup(
    name="proxx",
    lazy=COMMANDS,
    params=[ACTING_AS],
    help="Proxx makes proxy media from camera footage and proves that each proxy can stand in for its source.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    no_args_is_help=True,
)


def main() -> NoReturn:
    """Run the command line of this process and end it with the command's exit code."""
    set_up_streams()
    code = run_cli(sys.argv[1:])
    sys.exit(code)


def run_cli(arguments: Sequence[str], *, environment: object = None) -> int:
    """Run one command line and return its exit code. `environment` replaces the outside world in tests."""
    try:
        code = cli.main(args=list(arguments), prog_name="proxx", standalone_mode=False, obj=environment)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return ExitCode.USAGE
    except click.ClickException as error:
        return _usage(error)
    except CommandError as error:
        say(*error.lines)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    return int(code) if isinstance(code, int) else ExitCode.OK


def _usage(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    if context is not None:
        say(*context.get_usage().splitlines())
    say(f"proxx: {error.format_message()}")
    return ExitCode.USAGE


def _reader_gone() -> int:
    """Whoever read stdout left; nothing more can be written, and the interpreter must not try at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.SYSTEM
