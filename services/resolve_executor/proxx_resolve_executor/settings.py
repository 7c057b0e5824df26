"""Settings of the Resolve executor: flag over PROXX_* over file over default. A wrong one stops the start by name."""

import argparse
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from proxx.rpc.address import check_address
from proxx.runtime.settings import ProcessSettings, Words, load_settings
from proxx_resolve_executor.project_name import PROJECT_PREFIX

_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,31}", re.ASCII)


class ExecutorSettings(ProcessSettings):
    """Everything that can be set. Durations are seconds; `memory_limit_mib` bounds each verifying tool.

    One render at a time: a host has one Resolve, so slots cannot be set. `probe_slots` are PROBE leases beside it;
    with 0 each takes the slot. What begins with `resolve_` is told to the bridge as it stands (bridge/options.py).
    """

    scheduler: str = "127.0.0.1:7600"
    name: str = Field(default_factory=platform.node, min_length=1, max_length=128)
    probe_slots: int = Field(default=2, ge=0, le=256)
    mount: Words
    metrics: str = "off"
    health: str = "off"
    reflection: bool = True
    ffmpeg: str = Field(default="ffmpeg", min_length=1)
    ffprobe: str = Field(default="ffprobe", min_length=1)
    drain_seconds: float = Field(default=30.0, ge=0, le=86_400)
    memory_limit_mib: int | None = Field(default=None, ge=64)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    ready_fd: int | None = None

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

    @field_validator("scheduler")
    @classmethod
    def _scheduler_is_an_address(cls, value: str) -> str:
        check_address(value)
        return value

    @field_validator("health")
    @classmethod
    def _health_is_an_address(cls, value: str) -> str:
        if value != "off":
            check_address(value)
        return value

    @field_validator("resolve_project_prefix")
    @classmethod
    def _prefix_is_sound(cls, value: str) -> str:
        if _PREFIX.fullmatch(value) is None:
            raise ValueError("3 to 32 letters, digits, hyphens and underscores: every project so named is removed")
        return value

    @field_validator("mount")
    @classmethod
    def _mounts_are_sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        mounts = [mount_of(text) for text in value]
        if not mounts:
            raise ValueError("at least one NAME=directory is needed: without a root there is no work")
        if len({name for name, _ in mounts}) != len(mounts):
            raise ValueError("a root is mounted once")
        return value

    @property
    def mounts(self) -> Mapping[str, Path]:
        """The local directory of each root, by the root's name."""
        return dict(mount_of(text) for text in self.mount)


def mount_of(text: str) -> tuple[str, Path]:
    """Return the name and the directory of a `NAME=directory`.

    Raises:
        ValueError: it is none.
    """
    name, separator, directory = text.partition("=")
    if not separator or not name or not Path(directory).is_absolute():
        raise ValueError(
            f"{text!r}: expected NAME=absolute directory, for example media=/Volumes/media or media=M:\\media"
        )
    return name, Path(directory)


def read_settings(arguments: Sequence[str]) -> ExecutorSettings:
    """Read the command line, the environment and the settings file.

    Raises:
        SettingsInvalidError: a setting is wrong; the error names it.
        SystemExit: the command line cannot be read, or asked for help.
    """
    parser = argparse.ArgumentParser(
        prog="proxx-resolve-executor", description="The Proxx executor that drives DaVinci Resolve Studio."
    )
    parser.add_argument("--config", type=Path, help="settings file (TOML)")
    _add_executor(parser)
    _add_resolve(parser.add_argument_group("Resolve"))
    flags = vars(parser.parse_args(list(arguments)))
    config = flags.pop("config")
    if flags["mount"] is not None:
        flags["mount"] = tuple(flags["mount"])
    return load_settings(ExecutorSettings, flags=flags, config_file=config)


def _add_executor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scheduler", help="where the scheduler is: host:port or unix:/path")
    parser.add_argument("--name", help="name of this executor, the same after a restart")
    parser.add_argument("--probe-slots", help="how many PROBE leases to work on beside a render")
    parser.add_argument("--mount", action="append", metavar="NAME=DIR", help="where a root is mounted, repeatable")
    parser.add_argument("--metrics", metavar="HOST:PORT|off", help="address of /metrics, /healthz and /readyz")
    parser.add_argument("--health", metavar="HOST:PORT|off", help="address of gRPC health and reflection")
    parser.add_argument("--reflection", help="serve gRPC reflection beside health (true or false)")
    parser.add_argument("--ffmpeg", help="ffmpeg that verifies, by name or path")
    parser.add_argument("--ffprobe", help="ffprobe, by name or path")
    parser.add_argument("--drain-seconds", help="how long started work may finish after SIGTERM")
    parser.add_argument("--memory-limit-mib", help="most memory of one verifying tool")
    parser.add_argument("--log-level", help="debug, info, warning or error")
    parser.add_argument("--log-format", help="json or console")
    parser.add_argument("--ready-fd", help="descriptor that gets one JSON line when the session is open")


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
