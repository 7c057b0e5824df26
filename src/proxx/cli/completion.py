"""`proxx completion`: what a shell needs to complete our commands."""

import click
from click.shell_completion import get_completion_class

from proxx.cli.exits import ExitCode


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print the completion script of SHELL, for example: eval "$(proxx completion bash)"."""
    complete = get_completion_class(shell)
    if complete is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(complete(context.find_root().command, {}, "proxx", "_PROXX_COMPLETE").source())
    return ExitCode.OK
