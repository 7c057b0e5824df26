"""What can be set of every executor, whichever engine it wraps."""

import argparse
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator

from proxx.engine.mounts import MountTable
from proxx.engine.sandbox.level import SandboxLevel
from proxx.rpc.address import check_address
from proxx.rpc.client_settings import ClientSettings, add_client_arguments
from proxx.rpc.listener_settings import ListenerSettings, add_listener_arguments
from proxx.runtime.root_directory import ANY_MARKER
from proxx.runtime.settings import Words, load_settings


class BaseExecutorSettings(ListenerSettings, ClientSettings):
    """The common settings. Durations are seconds; `memory_limit_mib` bounds each tool.

    Tools are isolated as well as the host allows, up to the level `sandbox`; with less than `require_sandbox` the
    executor does not start. Of the host's files tools see the system's programs and libraries, and `sandbox_read`.
    `probe_slots` are PROBE leases beside the slots; with 0 each takes a slot.
    """

    scheduler: str = "127.0.0.1:7600"
    name: str = Field(default_factory=platform.node, min_length=1, max_length=128)
    probe_slots: int = Field(default=2, ge=0, le=256)
    mount: Words
    root_marker: Words = ()
    require_root_markers: bool = False
    metrics: str = "off"
    health: str = "off"
    reflection: bool = True
    ffmpeg: str = Field(default="ffmpeg", min_length=1)
    ffprobe: str = Field(default="ffprobe", min_length=1)
    drain_seconds: float = Field(default=30.0, ge=0, le=86_400)
    memory_limit_mib: int | None = Field(default=None, ge=64)
    sandbox: SandboxLevel = SandboxLevel.NAMESPACES
    require_sandbox: SandboxLevel = SandboxLevel.NONE
    sandbox_read: Words = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    ready_fd: int | None = None

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

    @field_validator("mount")
    @classmethod
    def _mounts_are_sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        mounts = [mount_of(text) for text in value]
        if not mounts:
            raise ValueError("at least one NAME=directory is needed: without a root there is no work")
        if len({name for name, _ in mounts}) != len(mounts):
            raise ValueError("a root is mounted once")
        return value

    @field_validator("sandbox_read")
    @classmethod
    def _read_paths_are_absolute(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not Path(text).is_absolute() for text in value):
            raise ValueError("every path must be absolute")
        return value

    @property
    def loadable(self) -> tuple[Path, ...]:
        """What every tool may read and load beside the system's files and its own."""
        return tuple(Path(text) for text in self.sandbox_read)

    @field_validator("root_marker")
    @classmethod
    def _markers_are_sound(cls, value: tuple[str, ...], known: ValidationInfo) -> tuple[str, ...]:
        roots = {mount_of(text)[0] for text in known.data.get("mount", ())}
        for text in value:
            name, separator, marker = text.partition("=")
            if not separator or not marker or name not in roots:
                raise ValueError(f"{text!r}: expected NAME=ID of a root that is mounted: {', '.join(sorted(roots))}")
        return value

    @property
    def mount_table(self) -> MountTable:
        """The mounts, with the markers that they must have."""
        wanted = dict.fromkeys(self.mounts, ANY_MARKER) if self.require_root_markers else {}
        for text in self.root_marker:
            name, _, marker = text.partition("=")
            wanted[name] = marker
        return MountTable(self.mounts, markers=wanted)

    @property
    def mounts(self) -> Mapping[str, Path]:
        """The local directory of each root, by the root's name."""
        return dict(mount_of(text) for text in self.mount)

    @property
    def memory_limit_bytes(self) -> int | None:
        """The most memory of one tool, None without a limit."""
        return None if self.memory_limit_mib is None else self.memory_limit_mib * 1024 * 1024


def mount_of(text: str) -> tuple[str, Path]:
    """Return the name and the directory of a `NAME=directory`.

    Raises:
        ValueError: it is none.
    """
    name, separator, directory = text.partition("=")
    if not separator or not name or not Path(directory).is_absolute():
        raise ValueError(f"{text!r}: expected NAME=absolute directory, for example media=/mnt/media or media=M:\\media")
    return name, Path(directory)


def executor_arguments(*, prog: str, description: str) -> argparse.ArgumentParser:
    """Return a parser of the common flags, for more to be added."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--config", type=Path, help="settings file (TOML)")
    parser.add_argument("--scheduler", help="where the scheduler is: host:port or unix:/path")
    add_client_arguments(parser)
    parser.add_argument("--name", help="name of this executor, the same after a restart")
    parser.add_argument("--probe-slots", help="how many PROBE leases to work on beside the slots; 0: they take slots")
    parser.add_argument("--mount", action="append", metavar="NAME=DIR", help="where a root is mounted, repeatable")
    parser.add_argument(
        "--root-marker", action="append", metavar="NAME=ID", help="id in the marker of a root (proxx roots), repeatable"
    )
    parser.add_argument(
        "--require-root-markers", action="store_const", const=True, help="every root must have a marker"
    )
    parser.add_argument("--metrics", metavar="HOST:PORT|off", help="address of /metrics, /healthz and /readyz")
    parser.add_argument("--health", metavar="HOST:PORT|off", help="address of gRPC health and reflection")
    add_listener_arguments(parser)
    parser.add_argument("--reflection", help="serve gRPC reflection beside health (true or false)")
    parser.add_argument("--ffmpeg", help="ffmpeg, by name or path")
    parser.add_argument("--ffprobe", help="ffprobe, by name or path")
    parser.add_argument("--drain-seconds", help="how long started work may finish after SIGTERM")
    parser.add_argument("--memory-limit-mib", help="most memory of one tool")
    parser.add_argument("--sandbox", metavar="LEVEL", help="most isolation of tools: namespaces, filters or process")
    parser.add_argument("--require-sandbox", metavar="LEVEL", help="start only where tools are isolated this well")
    parser.add_argument(
        "--sandbox-read",
        action="append",
        metavar="PATH",
        help="further file or directory for tools to load, repeatable",
    )
    parser.add_argument("--log-level", help="debug, info, warning or error")
    parser.add_argument("--log-format", help="json or console")
    parser.add_argument("--ready-fd", help="descriptor that gets one JSON line when the session is open")
    return parser


Settings = TypeVar("Settings", bound=BaseExecutorSettings)


def load_executor_settings(
    model: type[Settings], *, parser: argparse.ArgumentParser, arguments: Sequence[str]
) -> Settings:
    """Read the command line, the environment and the settings file.

    Raises:
        SettingsInvalidError: a setting is wrong; the error names it.
        SystemExit: the command line cannot be read, or asked for help.
    """
    flags = vars(parser.parse_args(list(arguments)))
    config = flags.pop("config")
    for repeatable in ("mount", "root_marker", "sandbox_read"):
        if flags[repeatable] is not None:
            flags[repeatable] = tuple(flags[repeatable])
    return load_settings(model, flags=flags, config_file=config)
