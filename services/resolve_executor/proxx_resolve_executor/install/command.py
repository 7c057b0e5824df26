"""`proxx-resolve-executor install` and `uninstall`: their arguments. What they do is loaded when it is done."""

import argparse
import platform
from collections.abc import Sequence
from pathlib import Path

DEFAULT_SCHEDULER = "127.0.0.1:7600"


def install(arguments: Sequence[str]) -> int:
    """Install for this user. Returns the exit code: 0, or 1 with the reason on stderr."""
    options = _install_parser().parse_args(list(arguments))
    from proxx_resolve_executor.install.installing import install_host

    return install_host(options=options)


def uninstall(arguments: Sequence[str]) -> int:
    """Remove what `install` made for this user. Returns the exit code: 0, or 1 with the reason on stderr."""
    parser = argparse.ArgumentParser(
        prog="proxx-resolve-executor uninstall",
        description="Stop the executor of this user and remove its service and environment; settings and logs stay.",
    )
    _add_common(parser)
    options = parser.parse_args(list(arguments))
    from proxx_resolve_executor.install.installing import uninstall_host

    return uninstall_host(dry_run=options.dry_run)


def _install_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="proxx-resolve-executor install",
        description="Install the executor for this user, in whose graphical session it and Resolve then run.",
    )
    _add_common(parser)
    parser.add_argument("--scheduler", default=DEFAULT_SCHEDULER, help="where the scheduler is (%(default)s)")
    parser.add_argument(
        "--mount", action="append", default=[], metavar="NAME=DIR", help="where a root is mounted, repeatable"
    )
    parser.add_argument("--name", default=platform.node(), help="name of this executor (%(default)s)")
    parser.add_argument("--python", help="the Python to make the environment with (default: this one, if it fits)")
    parser.add_argument("--package", type=Path, help="wheel or checkout of Proxx (default: where this program lies)")
    parser.add_argument("--ffmpeg", default="ffmpeg", help="ffmpeg that verifies, by name or path")
    parser.add_argument("--ffprobe", default="ffprobe", help="ffprobe, by name or path")
    parser.add_argument("--resolve-path", type=Path, help="Resolve's program or folder, where it is not found")
    parser.add_argument("--resolve-script-api-path", type=Path, help="the folder Developer/Scripting")
    parser.add_argument("--no-start", action="store_true", help="write everything; register and start nothing")
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show everything, touch nothing")
    parser.add_argument(
        "--user", action="store_true", help="for this user; it always is, because Resolve needs a user's session"
    )
