"""Settings of the watcher: flag over PROXX_* over file over default. A wrong one stops the start by name.

A settings file has one `[[folder]]` table for each folder; the command line can name one folder instead.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from proxx.core.jobs import CollisionPolicy, FailurePolicy, SubmissionOptions
from proxx.rpc.address import check_address
from proxx.rpc.client_settings import ClientSettings, add_client_arguments
from proxx.rpc.listener_settings import ListenerSettings, add_listener_arguments
from proxx.runtime.settings import SettingProblem, SettingsInvalidError, load_settings
from proxx.runtime.state import state_directory
from proxx.runtime.watch_state import folder_name
from proxx_watcher.domain.folder_settings import FolderSettings, Layout, SpecTiming
from proxx_watcher.domain.media_settings import MediaSettings, MediaSettingsError, read_media_settings
from proxx_watcher.domain.nesting import Place, nesting_problems
from proxx_watcher.real_path import real_path
from proxx_watcher.usage import UsageParser

_OF_JOBSPECS = frozenset(
    {
        *("max_workers", "still_seconds", "quiet_seconds", "queue", "priority", "failure_policy", "collision_policy"),
        *("max_parallel_clips", "create_output_directory"),
    }
)
"""Keys that say what the preset of a media folder says, or what its own keys say."""

_QUEUE_CHARACTERS = 200
_LABELS = 61
"""Bounds of the scheduler; of the 64 labels that it keeps of a job three are the watcher's own."""


class FolderTable(BaseModel):
    """One `[[folder]]`. Keys of the media layout are checked by proxx_watcher.domain.media_settings."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    name: str = Field(min_length=1, max_length=200)
    path: str = Field(min_length=1)
    layout: Literal["auto", "staged", "flat", "media"] = "auto"
    enabled: bool = True
    poll_seconds: float = Field(default=2.0, ge=0.1, le=86_400)
    file_events: bool = True
    max_workers: int = Field(default=1, ge=1, le=256)
    still_seconds: float = Field(default=0.5, ge=0.1, le=3600)
    quiet_seconds: float = Field(default=10.0, ge=0, le=86_400)
    queue: str = Field(default="default", max_length=_QUEUE_CHARACTERS)
    priority: int = Field(default=0, ge=-100, le=100)
    failure_policy: Literal["fail-fast", "continue"] = "fail-fast"
    collision_policy: Literal["fail", "suffix", "overwrite"] = "fail"
    max_parallel_clips: int = Field(default=8, ge=1, le=64)
    create_output_directory: bool = False
    labels: dict[str, str] = Field(default_factory=dict, max_length=_LABELS)

    @field_validator("name", "queue")
    @classmethod
    def _name_is_printable(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("only printable characters are allowed")
        return value

    @field_validator("path")
    @classmethod
    def _path_is_absolute(cls, value: str) -> str:
        if not value.startswith("/"):
            raise ValueError("an absolute path is needed")
        return value

    @model_validator(mode="wrap")
    @classmethod
    def _every_violation_at_once(cls, table: Any, check: ModelWrapValidatorHandler["FolderTable"]) -> "FolderTable":
        problems = _key_problems(table, frozenset(cls.model_fields)) if isinstance(table, Mapping) else []
        own = [
            InitErrorDetails(type=PydanticCustomError("folder_key", "{rule}", {"rule": rule}), loc=(key,), input=value)
            for key, value, rule in problems
        ]
        try:
            found = check(table)
        except ValidationError as error:
            raise ValidationError.from_exception_data(cls.__name__, [*map(_same, error.errors()), *own]) from None
        if own:
            raise ValidationError.from_exception_data(cls.__name__, own)
        return found

    def folder(self) -> FolderSettings:
        """Return the settings of the folder, its path with every link resolved as far as it is there."""
        options = SubmissionOptions(
            priority=self.priority,
            queue=self.queue,
            failure_policy=FailurePolicy(self.failure_policy.upper().replace("-", "_")),
            collision_policy=CollisionPolicy(self.collision_policy.upper()),
            max_parallel_clips=self.max_parallel_clips,
            create_output_directory=self.create_output_directory,
            labels=self.labels,
        )
        return FolderSettings(
            name=self.name,
            path=real_path(Path(self.path)),
            layout=Layout(self.layout),
            enabled=self.enabled,
            poll_seconds=self.poll_seconds,
            file_events=self.file_events,
            max_workers=self.max_workers,
            options=options,
            timing=SpecTiming(still_seconds=self.still_seconds, quiet_seconds=self.quiet_seconds),
            media=dict(self.model_extra or {}),
        )


class WatcherSettings(ListenerSettings, ClientSettings):
    """Everything that can be set. `once` and `strict` are for one look, as cron wants it."""

    folder: tuple[FolderTable, ...] = ()
    scheduler: str = "127.0.0.1:7600"
    state: Path = Field(default_factory=state_directory)
    presets: Path | None = None
    name: str = ""
    metrics: str = "off"
    once: bool = False
    strict: bool = False
    wait_lock: bool = False
    print_json: bool = False
    check: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    ready_fd: int | None = None

    @field_validator("scheduler")
    @classmethod
    def _scheduler_is_an_address(cls, value: str) -> str:
        check_address(value)
        return value

    @model_validator(mode="after")
    def _folders_go_together(self) -> "WatcherSettings":
        if not self.folder:
            raise ValueError("no folder is given: name a directory, or a settings file with [[folder]] tables")
        names = [table.name for table in self.folder]
        doubled = sorted({name for name in names if names.count(name) > 1})
        problems = [f"two folders have the same name: {', '.join(doubled)}"] if doubled else []
        problems += nesting_problems(tuple(_place(table) for table in self.folder if table.enabled))
        if self.strict and not self.once:
            problems.append("strict is about how a single look ended: it needs once")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def folders(self) -> tuple[FolderSettings, ...]:
        """Every folder, also those that are not enabled."""
        return tuple(table.folder() for table in self.folder)


def media_settings(settings: FolderSettings) -> MediaSettings:
    """Return the keys of a media folder; its own output below it is left out of the scan.

    Raises:
        MediaSettingsError: they break rules.
    """
    read = read_media_settings(table=settings.media)
    output = real_path(Path(read.output_directory)) if read.output_directory else None
    if output is None or not output.is_relative_to(settings.path):
        return read
    return read_media_settings(table=settings.media, outputs=(str(output.relative_to(settings.path)),))


def read_settings(arguments: Sequence[str]) -> WatcherSettings:
    """Read the command line, the environment and the settings file.

    Raises:
        SettingsInvalidError: a setting is wrong; the error names it.
        SystemExit: the command line cannot be read, or asked for help.
    """
    flags = vars(_parser().parse_args(list(arguments)))
    config, directory = flags.pop("settings"), flags.pop("directory")
    one = {key: flags.pop(key) for key in _FOLDER_FLAGS}
    for key in ("once", "strict", "wait_lock", "print_json", "check"):
        flags[key] = flags[key] or None
    if (config is None) == (directory is None):
        problem = SettingProblem(
            setting="folder", value="", origin="command line", rule="give either a directory or --settings FILE"
        )
        raise SettingsInvalidError((problem,))
    if directory is not None:
        flags["folder"] = (_table(Path(directory), one),)
    return load_settings(WatcherSettings, flags=flags, config_file=config)


_FOLDER_FLAGS = (
    *("folder_name", "layout", "poll_seconds", "max_workers", "queue", "priority"),
    *("failure_policy", "collision_policy", "max_parallel_clips", "create_output_directory"),
)


def _table(directory: Path, flags: Mapping[str, Any]) -> dict[str, object]:
    given = {key: value for key, value in flags.items() if value is not None and key != "folder_name"}
    if "poll_seconds" in given:
        given["file_events"] = False
    name = flags["folder_name"] or folder_name(directory)
    return {"name": name, "path": str(directory.absolute()), **given}


def _parser() -> argparse.ArgumentParser:
    parser = UsageParser(
        prog="proxx-watcher", description="Turns files that are dropped into folders into jobs of a scheduler."
    )
    parser.add_argument("directory", nargs="?", help="one folder to watch")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings file (TOML) with [[folder]] tables")
    parser.add_argument("--scheduler", help="where the scheduler is: host:port or unix:/path")
    add_client_arguments(parser)
    parser.add_argument(
        "--state", metavar="DIR", help="state directory, ledgers lie below it in watch (default: the user's)"
    )
    parser.add_argument("--presets", metavar="DIR", help="directory of further preset files (*.toml)")
    parser.add_argument("--name", help="name of this watcher (default: host and process)")
    parser.add_argument("--metrics", metavar="HOST:PORT|off", help="address of /metrics, /healthz and /readyz")
    add_listener_arguments(parser)
    parser.add_argument("--once", action="store_true", help="take what is there, wait for its jobs, and end")
    parser.add_argument("--strict", action="store_true", help="with --once: exit code 2 unless all were COMPLETED")
    parser.add_argument("--wait-lock", action="store_true", help="wait while another watcher has the folder")
    parser.add_argument("--json", action="store_true", dest="print_json", help="print one JSON line for each event")
    parser.add_argument("--check", action="store_true", help="print the folders as they are set, and end")
    parser.add_argument("--log-level", help="debug, info, warning or error")
    parser.add_argument("--log-format", help="json or console")
    parser.add_argument("--ready-fd", help="descriptor that gets one JSON line when the folders are watched")
    one = parser.add_argument_group("for DIRECTORY; a settings file has them as keys")
    one.add_argument("--folder-name", help="name of the folder: part of every submission's idempotency key")
    one.add_argument("--layout", choices=["auto", "staged", "flat"])
    one.add_argument("--poll-seconds", type=float, help="look so often, and use no file events")
    one.add_argument("--max-workers", type=int, help="most jobs of the folder that go on at once")
    one.add_argument("--queue")
    one.add_argument("--priority", type=int)
    one.add_argument("--failure-policy", choices=["fail-fast", "continue"])
    one.add_argument("--collision-policy", choices=["fail", "suffix", "overwrite"])
    one.add_argument("--max-parallel-clips", type=int)
    one.add_argument("--create-output-directory", action="store_true", default=None)
    return parser


def _key_problems(table: Mapping[str, Any], known: frozenset[str]) -> list[tuple[str, Any, str]]:
    """Return key, value and broken rule of every key that does not go with the folder's layout."""
    others = {key: value for key, value in table.items() if key not in known}
    layout = table.get("layout", "auto")
    if layout != "media":
        return [(key, value, f"no such setting for layout {layout}") for key, value in sorted(others.items())]
    problems = [(key, table[key], "goes with JobSpec layouts only") for key in sorted(_OF_JOBSPECS & table.keys())]
    try:
        read_media_settings(table=others)
    except MediaSettingsError as error:
        for problem in error.problems:
            key, _, rule = problem.partition(": ")
            problems.append((key, others.get(key.partition(".")[0]), rule))
    return problems


def _same(item: ErrorDetails) -> InitErrorDetails:
    """Return an error of a field as it was, to be raised together with others."""
    kind = PydanticCustomError(item["type"], "{rule}", {"rule": item["msg"]})
    return InitErrorDetails(type=kind, loc=item["loc"], input=item["input"])


def _place(table: FolderTable) -> Place:
    output = None
    if table.layout == "media":
        directory = read_media_settings(table=table.model_extra or {}).output_directory
        output = PurePosixPath(real_path(Path(directory))) if directory else None
    return Place(name=table.name, path=PurePosixPath(real_path(Path(table.path))), output=output)
