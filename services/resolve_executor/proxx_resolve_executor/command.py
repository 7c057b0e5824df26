"""`proxx-resolve-executor`: which of its commands is asked for. Each loads what it needs, and nothing else."""

import sys
from collections.abc import Sequence

USAGE = 64
HELP = """\
usage: proxx-resolve-executor [run] --mount NAME=DIR [settings …]
       proxx-resolve-executor install --mount NAME=DIR [--scheduler HOST:PORT] [--dry-run] [--user] …
       proxx-resolve-executor uninstall [--dry-run] [--user]
       proxx-resolve-executor doctor [--json] [--fixture FILE [--media FILE …] [--render] [--allow-restart]]

The Proxx executor that drives DaVinci Resolve Studio.

  run        pull work from the scheduler until stopped (default); run --help lists the settings
  install    install it for this user: environment, settings, service
  uninstall  remove that again; settings stay
  doctor     check this host, step by step, and record it for the tests
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the command that the arguments name. Returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    verb, rest = (words[0], words[1:]) if words and not words[0].startswith("-") else ("run", words)
    if words[:1] in (["--help"], ["-h"]):
        sys.stdout.write(HELP)
        return 0
    match verb:
        case "run":
            from proxx_resolve_executor.bootstrap import main as run

            return run(rest)
        case "install":
            from proxx_resolve_executor.install.command import install

            return install(rest)
        case "uninstall":
            from proxx_resolve_executor.install.command import uninstall

            return uninstall(rest)
        case "doctor":
            from proxx_resolve_executor.doctor.command import doctor

            return doctor(rest)
    sys.stderr.write(f"there is no command {verb!r:.60}\n{HELP}")
    return USAGE
