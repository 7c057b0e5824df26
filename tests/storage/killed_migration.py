"""Kill a migration with SIGKILL before its n-th statement, for every n. One process for all: each try is a fork.

python -m tests.storage.killed_migration ADDRESS FIRST_REVISION N: exit code 0 when the migration came to its end.
"""

import os
import signal
import sys

from sqlalchemy import event
from sqlalchemy.engine import Engine

import proxx_scheduler.storage.migrate  # noqa: F401  loaded once, before the forks
from proxx_scheduler.database_address import database_address
from proxx_scheduler.storage.database import open_database


def attempt(address: str, *, fatal: int) -> bool:
    """Open the database in a child that dies before its statement number `fatal`. Returns whether it lived."""
    child = os.fork()
    if child == 0:
        seen = [0]

        @event.listens_for(Engine, "before_cursor_execute")
        def count(*_: object) -> None:
            seen[0] += 1
            if seen[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        @event.listens_for(Engine, "commit")
        def at_commit(_: object) -> None:
            seen[0] += 1
            if seen[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        open_database(address=database_address(address), holder="child")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("the child failed")
    return True


def main() -> None:
    for line in sys.stdin:
        address, fatal = line.split()
        sys.stdout.write("lived\n" if attempt(address, fatal=int(fatal)) else "killed\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
