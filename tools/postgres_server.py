"""A PostgreSQL server of one's own, for tests and benchmarks: a new data directory, a socket file, no port.

The server's programs are those on PATH or of the newest Debian package. initdb refuses root; then the server runs as
another user. It ends with the process that started it.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SERVER_USERS = ("postgres", "nobody")
START_SECONDS = 30.0
ROOM_BYTES = 1024 * 1024 * 1024


class PostgresMissingError(RuntimeError):
    """No server can be started here; the text says why."""


class PostgresServer:
    """A server that runs. Every database is made from template0: UTF-8, sorted by bytes."""

    def __init__(self, *, programs: Path, directory: Path, prefix: tuple[str, ...], user: str) -> None:
        """Take what `postgres_server` prepared."""
        self.programs = programs
        self.directory = directory
        self._prefix = prefix
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None
        self._names = 0
        self._free: list[str] = []

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql:///{name}?host={self.directory}&user={self._user}"

    def create(self, name: str = "") -> str:
        """Create a database, or take an empty one that was given back; return its address."""
        if not name and self._free:
            return self.url(self._free.pop())
        self._names += 1
        name = name or f"test_{self._names}"
        self.command(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        return self.url(name)

    def give_back(self, url: str) -> None:
        """Empty a database for the next one who needs some: cheaper than making and removing three hundred files."""
        name = url.removeprefix("postgresql:///").partition("?")[0]
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        self.command(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}", name=name)  # noqa: S608
        self.command("DROP SCHEMA public CASCADE; CREATE SCHEMA public", name=name)
        self._free.append(name)

    def command(self, sql: str, *, name: str = "postgres") -> str:
        """Run a statement with psql, and return what it prints."""
        argv = [str(self.programs / "psql"), "-XAtqd", self.url(name), "-v", "ON_ERROR_STOP=1", "-c", sql]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    def start(self, *options: str) -> None:
        """Start the server with settings (`name=value`), and wait until it answers.

        Raises:
            PostgresMissingError: it ended, or does not answer.
        """
        words = [word for option in options for word in ("-c", option)]
        argv = [*self._prefix, str(self.programs / "postgres"), "-D", str(self.directory / "data")]
        argv += ["-c", "listen_addresses=", "-k", str(self.directory), "-c", "max_connections=60", *words]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        ready = [str(self.programs / "pg_isready"), "-qh", str(self.directory)]
        while subprocess.run(ready, check=False).returncode != 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = (self.directory / "log").read_text(encoding="utf-8", errors="replace")[-2000:]
                raise PostgresMissingError(f"the PostgreSQL server did not start: {tail}")
            time.sleep(0.02)

    def stop(self, *, immediately: bool = False) -> None:
        """End the server: connections are cut; `immediately` is a crash."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
            self._process.wait(timeout=START_SECONDS)
            self._process = None


@contextlib.contextmanager
def postgres_server(*options: str, in_memory: bool = False) -> Iterator[PostgresServer]:
    """Run a server while the block runs. `options` are settings as `name=value`.

    `in_memory` puts its data into memory where there is room: all it does is the same, and syncing costs nothing.

    Raises:
        PostgresMissingError: PostgreSQL is not installed, or cannot be started.
    """
    programs = find_programs()
    prefix, user = _other_user()
    memory = Path("/dev/shm")  # noqa: S108  what Linux calls it
    roomy = in_memory and memory.is_dir() and shutil.disk_usage(memory).free > ROOM_BYTES
    directory = Path(tempfile.mkdtemp(prefix="proxx-pg-", dir=memory if roomy else None))
    try:
        if prefix:
            shutil.chown(directory, user)
        directory.chmod(0o755)  # clients of other users pass through to the socket
        initdb = [*prefix, str(programs / "initdb"), "-D", str(directory / "data"), "-U", user, "-A", "trust"]
        done = subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C", "--no-sync"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise PostgresMissingError(f"initdb failed with exit code {done.returncode}: {done.stderr.strip()}")
        server = PostgresServer(programs=programs, directory=directory, prefix=prefix, user=user)
        try:
            server.start(*options)
            yield server
        finally:
            server.stop(immediately=True)  # nothing of it is kept
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def find_programs() -> Path:
    """Return the directory with the server's programs, the newest where there are several.

    Raises:
        PostgresMissingError: there is none.
    """
    found = shutil.which("initdb")
    if found is not None and (Path(found).resolve().parent / "psql").exists():
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(installed, key=lambda path: [int(digits) for digits in re.findall(r"\d+", path.parts[-3])])
    if not newest:
        raise PostgresMissingError("initdb is neither on PATH nor in /usr/lib/postgresql/*/bin")
    return newest[-1].parent


def _other_user() -> tuple[tuple[str, ...], str]:
    """Return how to start a program that does not want root and ends with us, and as which user it runs."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0:
        user = pwd.getpwuid(os.geteuid()).pw_name
        return ((setpriv, "--pdeathsig", "QUIT") if setpriv else ()), user
    if setpriv is None:
        raise PostgresMissingError("this is root, which initdb refuses, and setpriv is missing (package util-linux)")
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in SERVER_USERS:
        if name in known:
            ids = ("--reuid", str(known[name].pw_uid), "--regid", str(known[name].pw_gid), "--clear-groups")
            return (setpriv, *ids, "--pdeathsig", "QUIT"), name
    raise PostgresMissingError(f"this is root, which initdb refuses, and none of {', '.join(SERVER_USERS)} exists")
