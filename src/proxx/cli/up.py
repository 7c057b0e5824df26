"""`proxx up`: scheduler and FFmpeg executor on this machine, until interrupted."""

import sys
from pathlib import Path

import click

from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import DEFAULT_SERVER, embedded_options, json_option, target
from proxx.core.client_path import path_kind


@click.command("up")
@click.option(
    "--data",
    envvar="PROXX_DATA",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where the database lies.  [env: PROXX_DATA; default: up in the user's state directory]",
)
@click.option("--listen", envvar="PROXX_LISTEN", metavar="HOST:PORT", default=DEFAULT_SERVER, show_default=True)
@click.option("--insecure", is_flag=True, help="Let anybody who reaches --listen do everything, when it is not local.")
@click.option(
    "--root",
    "roots",
    multiple=True,
    metavar="NAME=DIR",
    help="A storage root; repeatable. NAME again, with another spelling: what clients call it.  [default: local=/]",
)
@click.option(
    "--metrics",
    metavar="HOST:PORT",
    help="The scheduler's /metrics, or off.  [default: the port after --listen]",
)
@click.option(
    "--executor-metrics",
    metavar="HOST:PORT",
    help="The executor's /metrics, or off.  [default: the second port after --listen]",
)
@click.option(
    "--queue",
    "queues",
    multiple=True,
    metavar="NAME=WEIGHT[:LIMIT]",
    help="The share of a queue, and how many of its steps may run at once; repeatable.",
)
@click.option(
    "--resource",
    "resources",
    multiple=True,
    metavar="NAME=COUNT:USER",
    help="Something of which the site has COUNT, and who takes one: engine/NAME or profile/NAME, joined by +.",
)
@click.option(
    "--scheduler-config",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Further settings of the scheduler (TOML), for those that have no option here.",
)
@click.option("--lease-seconds", type=click.FloatRange(1, 3600), default=10.0, show_default=True)
@click.option("--log-format", type=click.Choice(["json", "console"]), help="[default: console on a terminal]")
@embedded_options
@json_option
def command(
    data: Path | None,
    listen: str,
    insecure: bool,
    roots: tuple[str, ...],
    metrics: str | None,
    executor_metrics: str | None,
    queues: tuple[str, ...],
    resources: tuple[str, ...],
    scheduler_config: Path | None,
    lease_seconds: float,
    log_format: str | None,
    profiles: Path | None,
    slots: int | None,
    source_matrix: int,
    as_json: bool,
) -> int:
    """Run scheduler and FFmpeg executor here until Ctrl-C or SIGTERM (exit code 0).

    Nothing is restarted: when one of them ends by itself, the other is stopped and the exit code is 4.
    """
    from proxx.cli.local_stack import run_stack
    from proxx.embedded.stack_settings import StackSettings
    from proxx.rpc.address import is_local
    from proxx.runtime.state import state_directory

    _check_listen(listen, insecure=insecure)
    place = target(server=None, profiles=profiles, slots=slots)
    directory = data.absolute() if data is not None else state_directory() / "up"
    settings = StackSettings(
        listen=listen,
        database=directory / "proxx.db",
        profiles=place.profiles,
        slots=place.slots,
        ffmpeg=place.ffmpeg,
        ffprobe=place.ffprobe,
        roots=parse_roots(roots) or (("local", "/"),),
        scheduler_metrics=metrics or beside(listen, 1),
        executor_metrics=executor_metrics or beside(listen, 2),
        executor_health=beside(listen, 3) if is_local(listen) else "off",
        lease_seconds=lease_seconds,
        log_format=log_format or ("console" if sys.stderr.isatty() else "json"),
        insecure=insecure,
        source_matrix=source_matrix,
        queues=queues,
        resources=resources,
        config=None if scheduler_config is None else scheduler_config.absolute(),
        fence_after=None,
        without_engine=None,
    )
    return run_stack(directory=directory, settings=settings, open_to_all=not is_local(listen), as_json=as_json)


def _check_listen(listen: str, *, insecure: bool) -> None:
    from proxx.rpc.address import AddressError, check_address, is_local

    try:
        check_address(listen)
    except AddressError as error:
        raise CommandError(str(error), exit_code=ExitCode.USAGE) from error
    if not is_local(listen) and not insecure:
        raise CommandError(
            f"--listen {listen}: other machines could reach it, and proxx up asks nobody who they are; listen on a "
            "loopback address, set up a site (docs/SECURITY_MODEL.md), or pass --insecure",
            exit_code=ExitCode.USAGE,
        )


def parse_roots(roots: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return (name, spelling) pairs; the first one of each name is its directory here.

    Raises:
        click.UsageError: the first of a name is not NAME=/absolute/directory, or another one is no absolute path.
    """
    pairs: list[tuple[str, str]] = []
    for root in roots:
        name, equals, spelling = root.partition("=")
        if not name or not equals or not spelling.startswith("/"):
            if any(known == name for known, _ in pairs) and path_kind(spelling) is not None:
                pairs.append((name, spelling))
                continue
            raise click.UsageError(f"--root {root}: expected NAME=/absolute/directory")
        pairs.append((name, spelling))
    return tuple(pairs)


def beside(listen: str, offset: int) -> str:
    """Return the address `offset` ports after `listen`; any free port for port 0, `off` for a Unix socket."""
    if listen.startswith("unix:"):
        return "off"
    host, _, port = listen.rpartition(":")
    return f"{host}:{int(port) + offset if int(port) else 0}"
