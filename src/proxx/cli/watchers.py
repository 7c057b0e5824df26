"""`proxx watchers`: the watch folders that watchers report to a server, what waits in them, and why."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from proxx.cli.asking import ask_server
from proxx.cli.errors import CommandError
from proxx.cli.exits import ExitCode
from proxx.cli.options import json_option, needed_server_option
from proxx.cli.output import show, show_json
from proxx.cli.text import seconds_text, table
from proxx.core.plain import to_plain
from proxx.core.watch_folders import EntryState, WatchFolder
from proxx.embedded.port import SchedulerPort

_COLUMNS = (EntryState.WAITING, EntryState.READY, EntryState.HELD, EntryState.RUNNING, EntryState.DONE)
_SETTINGS = ("name", "layout", "path", "enabled", "poll_seconds", "max_workers", "preset", "auto_execute", "remark")
_TROUBLE = (EntryState.FAILED, EntryState.REFUSED, EntryState.RECOVERY_REQUIRED)


@click.group("watchers")
def command() -> None:
    """Show the watch folders of a server, what waits in them, and why."""


@command.command("list")
@needed_server_option
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="List the folders of a watcher's settings file instead, and check it; no server is asked.",
)
@json_option
@click.pass_context
def list_folders(context: click.Context, server: str, settings: Path | None, as_json: bool) -> int:
    """List the watch folders that any watcher reported in the last hour, by name.

    With --settings: those that FILE configures; exit code 1 with everything that is wrong in it.
    """
    if settings is not None:
        return _configured(settings, as_json=as_json)

    async def ask(client: SchedulerPort) -> int:
        folders = await client.list_folders()
        if as_json:
            show_json({"folders": to_plain(folders)})
        else:
            show(*_folder_lines(folders))
        return ExitCode.OK

    return ask_server(context, server, ask)


@command.command("show")
@click.argument("name")
@needed_server_option
@json_option
@click.pass_context
def show_folder(context: click.Context, name: str, server: str, as_json: bool) -> int:
    """Show the files of watch folder NAME: the state of each, and why it is in it."""

    async def ask(client: SchedulerPort) -> int:
        folders = await client.list_folders(name=name)
        if not folders:
            message = f"no watcher reported a folder of the name {name} in the last hour"
            raise CommandError(message, exit_code=ExitCode.VALIDATION)
        if as_json:
            show_json(to_plain(folders[0]))
        else:
            show(*_entry_lines(folders[0]))
        return ExitCode.OK

    return ask_server(context, server, ask)


def _configured(settings: Path, *, as_json: bool) -> int:
    """Let the watcher itself read the file: the command line knows none of its keys."""
    argv = [sys.executable, "-P", "-m", "proxx_watcher", "--settings", str(settings), "--check", "--json"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        exit_code = ExitCode.VALIDATION if done.returncode == 1 else ExitCode.SYSTEM
        raise CommandError(*done.stderr.splitlines(), exit_code=exit_code)
    found: dict[str, Any] = json.loads(done.stdout)
    if as_json:
        show_json(found)
    else:
        rows = ([str(folder.get(key, "")) for key in _SETTINGS] for folder in found["folders"])
        show(*table(headers=[key.upper().replace("_", " ") for key in _SETTINGS], rows=rows))
    return ExitCode.OK


def _folder_lines(folders: tuple[WatchFolder, ...]) -> list[str]:
    if not folders:
        return ["no watcher reports to this server"]
    counts = [{item.state: item.count for item in folder.counts} for folder in folders]
    headers = ("NAME", "LAYOUT", "STATE", *(state.value for state in _COLUMNS), "TROUBLE", "OLDEST", "LAST SCAN", "WHY")
    rows = (
        (
            folder.name,
            folder.layout,
            folder.state.value,
            *(str(count.get(state, 0)) for state in _COLUMNS),
            str(sum(count.get(state, 0) for state in _TROUBLE)),
            seconds_text(folder.oldest_wait_seconds),
            "never" if folder.last_scan_time is None else folder.last_scan_time.isoformat(timespec="seconds"),
            folder.reason,
        )
        for folder, count in zip(folders, counts, strict=True)
    )
    return table(headers=headers, rows=rows)


def _entry_lines(folder: WatchFolder) -> list[str]:
    lines = _folder_lines((folder,))
    lines += table(headers=("", ""), rows=(("path", folder.path), ("watcher", folder.watcher)))[1:]
    if folder.entries:
        headers = ("STATE", "SINCE", "PATH", "JOB", "WHY")
        rows = (
            (
                entry.state.value,
                entry.since_time.isoformat(timespec="seconds"),
                entry.path,
                entry.job_key,
                entry.reason or entry.evidence,
            )
            for entry in folder.entries
        )
        lines += ["", *table(headers=headers, rows=rows)]
    if folder.entries_truncated:
        lines.append(f"(the first {len(folder.entries)}; there are more)")
    return lines
