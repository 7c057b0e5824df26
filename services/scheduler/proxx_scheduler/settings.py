"""The scheduler's settings: flag over PROXX_* over file over default. A wrong one stops the start with its name."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, SOURCE_MATRICES
from proxx.core.roots import Root, RootTable
from proxx.runtime.settings import ProcessSettings, Words, load_settings
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.domain.rules import Rules
from proxx_scheduler.rules_text import read_rules


def _address(value: object) -> object:
    return database_address(str(value)) if isinstance(value, str | Path) else value


class SchedulerSettings(ProcessSettings):
    """Everything that can be set."""

    listen: str = "127.0.0.1:7600"
    database: Annotated[DatabaseAddress, BeforeValidator(_address)] = database_address("proxx.db")
    standby: bool = False
    root: Words = ("local=/",)
    queue: Words = ()
    resource: Words = ()
    profiles: Path | None = None
    source_matrix: int = DEFAULT_SOURCE_MATRIX
    metrics: str = "off"
    lease_seconds: float = Field(default=30.0, ge=0.5, le=3600)
    grace_seconds: float = Field(default=10.0, ge=0, le=3600)
    reflection: bool = True
    insecure: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    ready_fd: int | None = None

    @field_validator("root")
    @classmethod
    def _roots_are_sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        RootTable(tuple(_root(text) for text in value))
        return value

    @field_validator("source_matrix")
    @classmethod
    def _matrix_is_known(cls, value: int) -> int:
        if value not in SOURCE_MATRICES:
            known = ", ".join(str(version) for version in SOURCE_MATRICES)
            raise ValueError(f"known versions of the source matrix: {known}")
        return value

    @field_validator("queue")
    @classmethod
    def _queues_are_sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        read_rules(queues=value, resources=())
        return value

    @field_validator("resource")
    @classmethod
    def _resources_are_sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        read_rules(queues=(), resources=value)
        return value

    @property
    def rules(self) -> Rules:
        """What the site says about queues and resources."""
        return read_rules(queues=self.queue, resources=self.resource)

    @property
    def roots(self) -> RootTable:
        """The storage roots."""
        return RootTable(tuple(_root(text) for text in self.root))


def _root(text: str) -> Root:
    name, separator, spelling = text.partition("=")
    if not separator or not name or not spelling:
        raise ValueError(f"{text!r}: expected NAME=SPELLING, for example media=/mnt/media")
    return Root(name=name, spelling=spelling)


def read_settings(arguments: Sequence[str]) -> SchedulerSettings:
    """Read the command line, the environment and the settings file.

    Raises:
        SettingsInvalidError: a setting is wrong; the error names it.
        SystemExit: the command line cannot be read, or asked for help.
    """
    parser = argparse.ArgumentParser(prog="proxx-scheduler", description="The Proxx scheduler.")
    parser.add_argument("--config", type=Path, help="settings file (TOML)")
    parser.add_argument("--listen", help="host:port or unix:/path")
    parser.add_argument("--database", metavar="PATH|URL", help="SQLite file on a local disk, or postgresql://host/name")
    parser.add_argument("--standby", action="store_const", const=True, help="wait until no other scheduler leads")
    parser.add_argument("--root", action="append", metavar="NAME=SPELLING", help="storage root, repeatable")
    parser.add_argument("--queue", action="append", metavar="NAME=WEIGHT[:LIMIT]", help="share of a queue, repeatable")
    parser.add_argument(
        "--resource",
        action="append",
        metavar="NAME=COUNT:USER",
        help="what encodes of an engine or profile take one of",
    )
    parser.add_argument("--profiles", help="directory of the site's own profiles")
    parser.add_argument("--source-matrix", metavar="1|2", help="version of the source matrix (default 1)")
    parser.add_argument("--metrics", metavar="HOST:PORT|off", help="address of /metrics, /healthz and /readyz")
    parser.add_argument("--lease-seconds", help="how long a lease lives without renewal")
    parser.add_argument("--grace-seconds", help="how long open calls may end at shutdown")
    parser.add_argument("--reflection", help="serve gRPC reflection (true or false)")
    parser.add_argument("--insecure", action="store_const", const=True, help="allow an address that others can reach")
    parser.add_argument("--log-level", help="debug, info, warning or error")
    parser.add_argument("--log-format", help="json or console")
    parser.add_argument("--ready-fd", help="descriptor that gets one JSON line when ready")
    flags = vars(parser.parse_args(list(arguments)))
    config = flags.pop("config")
    for name in ("root", "queue", "resource"):
        if flags[name] is not None:
            flags[name] = tuple(flags[name])
    return load_settings(SchedulerSettings, flags=flags, config_file=config)
