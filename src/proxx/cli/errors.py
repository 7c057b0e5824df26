"""What stops a command: lines for the operator and an exit code, never a traceback."""

from proxx.cli.exits import ExitCode


class CommandError(Exception):
    """A command cannot go on. `lines` are facts, one each; they are neutralised when they are written."""

    def __init__(self, *lines: str, exit_code: ExitCode) -> None:
        """Keep the lines and the exit code."""
        super().__init__("\n".join(lines))
        self.lines = lines
        self.exit_code = exit_code


class InterruptedCommandError(CommandError):
    """The operator (or the system, by SIGTERM) stopped the command."""

    def __init__(self, *lines: str, terminated: bool = False) -> None:
        """Say whether SIGTERM did it."""
        super().__init__(*lines, exit_code=ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED)
