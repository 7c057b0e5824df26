"""Settings of the Resolve executor: flag over PROXX_* over file over default. A wrong one stops the start by name."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, field_validator

from proxx.engine.executor_settings import BaseExecutorSettings, executor_arguments, load_executor_settings
from proxx_resolve_executor.project_name import PROJECT_PREFIX

_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,31}", re.ASCII)


class ExecutorSettings(BaseExecutorSettings):
    """Everything that can be set. One render at a time: a host has one Resolve, so slots cannot be set.

    What begins with `resolve_` is told to the bridge as it stands (bridge/options.py).
    """

    resolve_path: Path | None = None
    resolve_script_api_path: Path | None = None
    resolve_python: Path | None = None
    resolve_take_over: bool = False
    resolve_project_prefix: str = PROJECT_PREFIX
    resolve_state_directory: Path | None = None
    resolve_preset_directory: Path | None = None
    resolve_start_seconds: float = Field(default=300.0, gt=0, le=86_400)
    resolve_answer_seconds: float = Field(default=60.0, gt=0, le=86_400)
    resolve_call_seconds: float = Field(default=60.0, gt=0, le=86_400)
    resolve_import_seconds: float = Field(default=300.0, gt=0, le=86_400)
    resolve_stop_seconds: float = Field(default=30.0, gt=0, le=86_400)
    resolve_poll_seconds: float = Field(default=1.0, gt=0, le=60)
    resolve_restarts: int = Field(default=3, ge=0, le=1000)
    resolve_restart_window_seconds: float = Field(default=1800.0, gt=0, le=86_400)
    resolve_look_seconds: float = Field(default=60.0, gt=0, le=86_400)
    resolve_retry_seconds: float = Field(default=30.0, gt=0, le=86_400)
    resolve_hold_seconds: float = Field(default=30.0, gt=0, le=3600)

    @field_validator("resolve_project_prefix")
    @classmethod
    def _prefix_is_sound(cls, value: str) -> str:
        if _PREFIX.fullmatch(value) is None:
            raise ValueError("3 to 32 letters, digits, hyphens and underscores: every project so named is removed")
        return value


def read_settings(arguments: Sequence[str]) -> ExecutorSettings:
    """Read the command line, the environment and the settings file.

    Raises:
        SettingsInvalidError: a setting is wrong; the error names it.
        SystemExit: the command line cannot be read, or asked for help.
    """
    parser = executor_arguments(
        prog="proxx-resolve-executor", description="The Proxx executor that drives DaVinci Resolve Studio."
    )
    _add_resolve(parser.add_argument_group("Resolve"))
    return load_executor_settings(ExecutorSettings, parser=parser, arguments=arguments)


def _add_resolve(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--resolve-path", help="Resolve's program or folder, where the platform's places are not it")
    group.add_argument("--resolve-script-api-path", help="the folder that RESOLVE_SCRIPT_API would name")
    group.add_argument("--resolve-python", help="Python that loads the scripting module (default: this one)")
    group.add_argument("--resolve-take-over", help="whether a Resolve that already runs may be ended (true or false)")
    group.add_argument("--resolve-project-prefix", help="how names of projects of Proxx begin; all such are removed")
    group.add_argument("--resolve-state-directory", help="a directory of this executor's own that outlives restarts")
    group.add_argument("--resolve-preset-directory", help="where the render presets lie, NAME.xml")
    group.add_argument("--resolve-start-seconds", help="from the start of Resolve until it is ready")
    group.add_argument("--resolve-answer-seconds", help="how long a Resolve that already runs may not answer")
    group.add_argument("--resolve-call-seconds", help="deadline of one operation")
    group.add_argument("--resolve-import-seconds", help="deadline of importing a clip")
    group.add_argument("--resolve-stop-seconds", help="until a stopped render, or an ended Resolve, is gone")
    group.add_argument("--resolve-poll-seconds", help="how often a render is looked at")
    group.add_argument("--resolve-restarts", help="most restarts of Resolve within the window")
    group.add_argument("--resolve-restart-window-seconds", help="the window that restarts are counted in")
    group.add_argument("--resolve-look-seconds", help="an idle Resolve is looked at as often as this")
    group.add_argument("--resolve-retry-seconds", help="after trouble Resolve is tried again as often as this")
    group.add_argument("--resolve-hold-seconds", help="how long a step waits for Resolve before it is handed back")
