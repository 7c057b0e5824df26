"""Settings of the FFmpeg executor: flag over PROXX_* over file over default. A wrong one stops the start by name."""

from collections.abc import Sequence

from pydantic import Field

from proxx.engine.executor_settings import BaseExecutorSettings, executor_arguments, load_executor_settings
from proxx.runtime.settings import Words


class ExecutorSettings(BaseExecutorSettings):
    """Everything that can be set. `slots` is how many leases are worked on at once."""

    slots: int = Field(default=1, ge=1, le=256)
    mount: Words = ("local=/",)


def read_settings(arguments: Sequence[str]) -> ExecutorSettings:
    """Read the command line, the environment and the settings file.

    Raises:
        SettingsInvalidError: a setting is wrong; the error names it.
        SystemExit: the command line cannot be read, or asked for help.
    """
    parser = executor_arguments(prog="proxx-ffmpeg-executor", description="The Proxx executor that wraps FFmpeg.")
    parser.add_argument("--slots", help="how many leases to work on at once")
    return load_executor_settings(ExecutorSettings, parser=parser, arguments=arguments)
