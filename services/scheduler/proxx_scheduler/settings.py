"""The scheduler's settings: flag over PROXX_* over file over default. A wrong one stops the start with its name."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, SOURCE_MATRICES
from proxx.core.roots import Root, RootTable
from proxx.rpc.address import check_address, is_wildcard
from proxx.rpc.channel_options import MAX_CONNECTIONS
from proxx.rpc.client_settings import ClientSettings, add_client_arguments
from proxx.rpc.listener_settings import ListenerSettings, add_listener_arguments
from proxx.runtime.settings import Words, load_settings
from proxx_scheduler.database_address import DatabaseAddress, database_address
from proxx_scheduler.domain.fencing import REMEMBERED
from proxx_scheduler.domain.rules import Rules
from proxx_scheduler.rules_text import read_rules


def _address(value: object) -> object:
    return database_address(str(value)) if isinstance(value, str | Path) else value


class SchedulerSettings(ListenerSettings, ClientSettings):
    """Everything that can be set. What a client sets, a standby proves itself to the leader with."""

    listen: str = "127.0.0.1:7600"
    database: Annotated[DatabaseAddress, BeforeValidator(_address)] = database_address("proxx.db")
    standby: bool = False
    advertise: str = Field(default="", validate_default=True)
    root: Words = ("local=/",)
    root_host: Words = ()
    queue: Words = ()
    resource: Words = ()
    staging_budget: Words = ()
    profiles: Path | None = None
    source_matrix: int = DEFAULT_SOURCE_MATRIX
    without_engine: Literal["hold", "reject"] = "hold"
    metrics: str = "off"
    lease_seconds: float = Field(default=30.0, ge=0.5, le=3600)
    fence_after: int = Field(default=5, ge=0, le=REMEMBERED)
    grace_seconds: float = Field(default=10.0, ge=0, le=3600)
    reflection: bool = True
    require_deadline: bool = False
    max_connections: int = Field(default=MAX_CONNECTIONS, ge=16, le=100_000)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    ready_fd: int | None = None

    @field_validator("advertise")
    @classmethod
    def _others_find_it(cls, value: str, found: ValidationInfo) -> str:
        database, listen = found.data.get("database"), str(found.data.get("listen", ""))
        if value:
            check_address(value)
            if value.endswith(":0") or is_wildcard(value):
                raise ValueError("others call this address: it needs a host and a port")
        elif (
            found.data.get("standby") and database is not None and database.kind == "postgresql" and is_wildcard(listen)
        ):
            raise ValueError(
                f"a standby that listens on {listen} needs it: when it leads, others forward to this address; for "
                "example --advertise scheduler-1.example:7600"
            )
        return value

    @field_validator("root")
    @classmethod
    def _roots_are_sound(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        RootTable(tuple(_root(text) for text in value))
        return value

    @field_validator("root_host")
    @classmethod
    def _root_hosts_are_sound(cls, value: tuple[str, ...], known: ValidationInfo) -> tuple[str, ...]:
        roots = {_root(text).name for text in known.data.get("root", ())}
        for text in value:
            name, separator, executor = text.partition("=")
            if not separator or not executor or name not in roots:
                raise ValueError(f"{text!r}: expected ROOT=EXECUTOR; roots: {', '.join(sorted(roots))}")
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
    def stands_by(self) -> bool:
        """Whether it serves while another one leads. A SQLite file has one scheduler only."""
        return self.standby and self.database.kind == "postgresql"

    def advertised(self, bound: str) -> str:
        """Return where others reach what listens on `bound`, "" when nobody said."""
        return self.advertise or ("" if is_wildcard(bound) else bound)

    @field_validator("staging_budget")
    @classmethod
    def _budgets_are_sound(cls, value: tuple[str, ...], known: ValidationInfo) -> tuple[str, ...]:
        roots = {_root(text).name for text in known.data.get("root", ())}
        for name in read_rules(queues=(), resources=(), budgets=value).budgets:
            if name not in roots:
                raise ValueError(f"{name!r} is no root; known: {', '.join(sorted(roots))}")
        return value

    @property
    def rules(self) -> Rules:
        """What the site says about queues, resources and staging budgets."""
        return read_rules(queues=self.queue, resources=self.resource, budgets=self.staging_budget)

    @property
    def root_hosts(self) -> Mapping[str, frozenset[str]]:
        """The executors that roots are bound to, by the root's name; the others are shared."""
        found: dict[str, frozenset[str]] = {}
        for text in self.root_host:
            name, _, executor = text.partition("=")
            found[name] = found.get(name, frozenset()) | {executor}
        return found

    @property
    def roots(self) -> RootTable:
        """The storage roots."""
        return RootTable(tuple(_root(text) for text in self.root))


def _root(text: str) -> Root:
    name, separator, spelling = text.partition("=")
    if not separator or not name or not spelling:
        raise ValueError(f"{text!r}: expected NAME=SPELLING, for example media=/mnt/media or media=M:\\")
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
    parser.add_argument(
        "--standby", action="store_const", const=True, help="forward to the scheduler that leads, and follow it"
    )
    parser.add_argument(
        "--advertise", metavar="HOST:PORT", help="where standbys reach this one when it leads (default: --listen)"
    )
    parser.add_argument(
        "--root", action="append", metavar="NAME=SPELLING", help="spelling of a storage root, repeatable"
    )
    parser.add_argument(
        "--root-host", action="append", metavar="ROOT=EXECUTOR", help="executor that a root is bound to, repeatable"
    )
    parser.add_argument("--queue", action="append", metavar="NAME=WEIGHT[:LIMIT]", help="share of a queue, repeatable")
    parser.add_argument(
        "--resource",
        action="append",
        metavar="NAME=COUNT:USER",
        help="what encodes of an engine or profile take one of",
    )
    parser.add_argument(
        "--staging-budget",
        action="append",
        metavar="ROOT=BYTES",
        help="most that is staged on a root ahead of the heads of jobs, repeatable",
    )
    parser.add_argument("--profiles", help="directory of the site's own profiles")
    parser.add_argument("--source-matrix", metavar="1|2", help="version of the source matrix (default 1)")
    parser.add_argument(
        "--without-engine",
        metavar="hold|reject",
        help="what becomes of a job that routes to resolve while no Resolve executor is healthy (default hold)",
    )
    parser.add_argument("--metrics", metavar="HOST:PORT|off", help="address of /metrics, /healthz and /readyz")
    parser.add_argument("--lease-seconds", help="how long a lease lives without renewal")
    parser.add_argument(
        "--fence-after", metavar="N", help="failures in a row after which an executor gets nothing new (0: never)"
    )
    parser.add_argument("--grace-seconds", help="how long open calls may end at shutdown")
    parser.add_argument("--reflection", help="serve gRPC reflection (true or false)")
    add_listener_arguments(parser)
    add_client_arguments(parser)
    parser.add_argument("--require-deadline", help="refuse calls that answer once and have no deadline (true or false)")
    parser.add_argument("--max-connections", metavar="N", help="connections at once; a further one is closed")
    parser.add_argument("--log-level", help="debug, info, warning or error")
    parser.add_argument("--log-format", help="json or console")
    parser.add_argument("--ready-fd", help="descriptor that gets one JSON line when ready")
    flags = vars(parser.parse_args(list(arguments)))
    config = flags.pop("config")
    for name in ("root", "root_host", "queue", "resource", "staging_budget"):
        if flags[name] is not None:
            flags[name] = tuple(flags[name])
    return load_settings(SchedulerSettings, flags=flags, config_file=config)
