"""`proxx watch DIR`: JobSpecs that are dropped into a folder become jobs. `proxx watch reset`: make them anew."""

from pathlib import Path

import click

from proxx.cli.options import embedded_options, server_option, submission, submission_options, target
from proxx.cli.security_options import TOKEN_VARIABLE

_FOLDER = click.Path(path_type=Path)


class WatchGroup(click.Group):
    """`watch DIR` is `watch folder DIR`: the words after `watch` name a folder unless the first is a command's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in where none is named."""
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["folder", *args]
        return super().parse_args(ctx, args)


@click.group("watch", cls=WatchGroup, no_args_is_help=True)
def command() -> None:
    """Watch DIR: JobSpecs that are dropped into it become jobs, each once.

    `proxx watch DIR` is `proxx watch folder DIR`; its options are in `proxx watch folder --help`.
    """


@command.command("folder")
@click.argument("directory", metavar="DIR", type=_FOLDER)
@click.option(
    "--layout",
    type=click.Choice(["auto", "staged", "flat"]),
    default="auto",
    show_default=True,
    help="staged: pending, running, completed, failed; flat: drops and results in DIR; auto: staged where pending is.",
)
@click.option("--once", is_flag=True, help="Take what is there, wait for its jobs, and end (for cron).")
@click.option("--strict", is_flag=True, help="With --once: exit code 2 unless everything was COMPLETED.")
@click.option(
    "--poll-seconds",
    type=click.FloatRange(0.1, 86_400),
    metavar="N",
    help="Look every N seconds and use no file events.  [default: every 2 seconds, and at once at an event]",
)
@click.option(
    "--max-workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Most jobs of this folder that go on at once.",
)
@click.option("--name", help="Name of the folder: part of what makes each drop one job.  [default: made of its path]")
@click.option("--wait-lock", is_flag=True, help="Wait while another watcher has the folder, in place of ending.")
@click.option("--metrics", metavar="HOST:PORT", default="off", show_default=True, help="The watcher's /metrics.")
@click.option("--log-format", type=click.Choice(["json", "console"]), default="console", show_default=True)
@submission_options
@embedded_options
@server_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for each event on stdout.")
def folder(
    directory: Path,
    layout: str,
    once: bool,
    strict: bool,
    poll_seconds: float | None,
    max_workers: int,
    name: str | None,
    wait_lock: bool,
    metrics: str,
    log_format: str,
    server: str | None,
    profiles: Path | None,
    slots: int | None,
    source_matrix: int,
    as_json: bool,
    failure_policy: str,
    max_parallel_clips: int,
    priority: int,
    queue: str,
    create_output_directory: bool,
    collision_policy: str,
) -> int:
    """Watch DIR until Ctrl-C or SIGTERM (exit code 0); 1 when DIR cannot be watched.

    Without --server a scheduler and an executor of the folder's own run along; their database is kept.
    """
    from proxx.cli.watch_command import run_watch
    from proxx.embedded.watch_settings import WatchSettings
    from proxx.runtime.state import state_directory
    from proxx.runtime.watch_state import folder_name, folder_state

    if strict and not once:
        raise click.UsageError("--strict is about how a single look ended: it needs --once")
    named = name or folder_name(directory)
    settings = WatchSettings(
        folder=directory.absolute(),
        name=named,
        state=state_directory(),
        layout=layout,
        once=once,
        strict=strict,
        wait_lock=wait_lock,
        poll_seconds=poll_seconds,
        max_workers=max_workers,
        options=submission(
            failure_policy=failure_policy,
            max_parallel_clips=max_parallel_clips,
            priority=priority,
            queue=queue,
            create_output_directory=create_output_directory,
            collision_policy=collision_policy,
        ),
        print_json=as_json,
        log_format=log_format,
        metrics=metrics,
    )
    place = target(server=server, profiles=profiles, slots=slots, source_matrix=source_matrix)
    if place.security.token:
        raise click.UsageError(
            f"{TOKEN_VARIABLE} is for single commands; a watcher takes --token-file, and follows what it holds"
        )
    return run_watch(settings=settings, place=place, directory=folder_state(state=settings.state, name=named))


@command.command("reset")
@click.argument("directory", metavar="DIR", type=_FOLDER)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--name", help="Name of the folder, where --name was given to watch.")
@click.option("--layout", type=click.Choice(["auto", "staged", "flat"]), default="auto", show_default=True)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    metavar="STATE",
    help="State directory of the folder's watcher, where it is a service with its own.  [default: the user's]",
)
@click.option("--accept-folder", is_flag=True, help="Confirm that DIR is the folder, although it came back empty.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
def reset(
    directory: Path,
    files: tuple[str, ...],
    name: str | None,
    layout: str,
    state: Path | None,
    accept_folder: bool,
    yes: bool,
) -> int:
    """Put JobSpecs back so that they are made anew: FILEs, or all that were done, failed or are in doubt.

    The plan is printed first. Results are kept under a number; nothing is deleted.
    """
    from proxx.cli.watch_command import run_reset

    words = ["--layout", layout, *(["--accept-folder"] if accept_folder else []), *(["--yes"] if yes else [])]
    words += ["--folder-name", name] if name else []
    words += ["--state", str(state.absolute())] if state is not None else []
    return run_reset([*words, "--", str(directory.absolute()), *files])
