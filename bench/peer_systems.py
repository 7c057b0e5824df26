"""The task queues that the scheduler is measured beside, installed by the benchmark itself, never with the product.

Celery and Procrastinate come from PyPI into an environment of their own in the user's cache; Redis is Debian's,
installed where the user may do so. What cannot be had is left out, and the reason said.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from tools.locked_install import locked_install

PROGRAMS = Path(__file__).resolve().parent / "peer_programs"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements-peers.txt"
SETTLE_SECONDS = 4.0
POLL_SECONDS = 0.05
WORKERS = 2


class PeerMissingError(RuntimeError):
    """A peer cannot be had here; the text says why."""


class Peer(Protocol):
    """A task queue that runs."""

    def submit(self, count: int) -> None:
        """Submit tasks that do nothing."""
        ...

    def finish(self) -> None:
        """Wait until all of them are done."""
        ...


def environment(*, install: bool) -> Path:
    """Return the directory of the peers' programs.

    Raises:
        PeerMissingError: they are not installed, and must not or cannot be.
    """
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "proxx-bench" / f"peers-{digest}-{sys.version_info.major}.{sys.version_info.minor}"
    ready = place / "ready"
    if ready.exists():
        return place / "bin"
    if not install:
        raise PeerMissingError("the peers' environment is not there yet; a run without --short makes it")
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=True)
    argv = locked_install(python=str(place / "bin" / "python"), lock=REQUIREMENTS, more=("--no-deps",))
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PeerMissingError(f"pip could not install the peers: {done.stderr.strip()[-300:]}")
    ready.touch()
    return place / "bin"


def redis_server(*, install: bool) -> str:
    """Return Redis's server program.

    Raises:
        PeerMissingError: it is not installed, and must not or cannot be.
    """
    found = shutil.which("redis-server")
    if found is None and install and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        argv = ["apt-get", "install", "--yes", "--no-install-recommends", "redis-server"]
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(argv, env=quiet, capture_output=True, check=False)
        found = shutil.which("redis-server")
    if found is None:
        raise PeerMissingError("redis-server is not installed (Debian's package redis-server)")
    return found


class CeleryPeer:
    """Celery on Redis: late acknowledgement, two worker processes, append-only file synced every second."""

    def __init__(self, *, programs: Path, socket: Path, results: bool) -> None:
        """Take where the programs and Redis are; `results` says whether the outcome of each task is kept."""
        self._programs = programs
        self._socket = socket
        self.environ = {**os.environ, "PROXX_BENCH_BROKER": f"redis+socket://{socket}", "PYTHONPATH": str(PROGRAMS)}
        if results:
            self.environ["PROXX_BENCH_RESULTS"] = f"redis+socket://{socket}?virtual_host=1"

    @contextlib.contextmanager
    def working(self) -> Iterator["CeleryPeer"]:
        """Run its workers while the block runs."""
        argv = [str(self._programs / "celery"), "-A", "celery_peer", "worker", "--pool", "prefork", "-c", str(WORKERS)]
        argv += ["--loglevel", "error", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(argv, env=self.environ, stdout=quiet, stderr=quiet)
        try:
            time.sleep(SETTLE_SECONDS)
            self.submit(WORKERS * 10)
            self.finish()
            yield self
        finally:
            process.terminate()
            process.wait()

    def submit(self, count: int) -> None:
        """Submit tasks, one call each: Celery has no other."""
        self.run("submit", str(count))

    def run(self, *arguments: str) -> str:
        """Run the client; returns what it prints."""
        argv = [str(self._programs / "python"), str(PROGRAMS / "celery_peer.py"), *arguments]
        return subprocess.run(argv, env=self.environ, check=True, capture_output=True, text=True).stdout

    def finish(self) -> None:
        """Wait until nothing is queued and nothing is unacknowledged."""
        while self._count("LLEN", "celery") or self._count("HLEN", "unacked"):
            time.sleep(POLL_SECONDS)

    def _count(self, *command: str) -> int:
        argv = ["redis-cli", "-s", str(self._socket), *command]
        return int(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)


@contextlib.contextmanager
def redis(*, install: bool) -> Iterator[Path]:
    """Run a Redis of one's own; yields its socket.

    Raises:
        PeerMissingError.
    """
    program = redis_server(install=install)
    with tempfile.TemporaryDirectory(prefix="proxx-bench-") as name:
        socket = Path(name) / "redis.sock"
        argv = [program, "--port", "0", "--unixsocket", str(socket), "--dir", name, "--save", ""]
        argv += ["--appendonly", "yes", "--appendfsync", "everysec"]
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not socket.exists():
                if process.poll() is not None:
                    raise PeerMissingError(f"redis-server ended with exit code {process.returncode}")
                time.sleep(POLL_SECONDS)
            yield socket
        finally:
            process.terminate()
            process.wait()


class ProcrastinatePeer:
    """Procrastinate on PostgreSQL: two worker processes, jobs deferred in batches, every commit synced."""

    CONCURRENCY = 4

    def __init__(self, *, programs: Path, url: str) -> None:
        """Take where the programs and the database are."""
        self._argv = [str(programs / "python"), str(PROGRAMS / "procrastinate_peer.py")]
        self._environ = {**os.environ, "PROXX_BENCH_DATABASE": url}

    @contextlib.contextmanager
    def working(self) -> Iterator["ProcrastinatePeer"]:
        """Run its workers while the block runs."""
        self._run("schema")
        argv = [*self._argv, "worker", str(self.CONCURRENCY)]
        quiet = subprocess.DEVNULL
        workers = [subprocess.Popen(argv, env=self._environ, stdout=quiet, stderr=quiet) for _ in range(WORKERS)]
        try:
            self.submit(WORKERS * 10)
            self.finish()
            yield self
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait()

    def submit(self, count: int) -> None:
        """Defer jobs in batches."""
        self._run("submit", str(count))

    def finish(self) -> None:
        """Wait until all are done: one client looks, as often as the others do."""
        self._run("wait", str(POLL_SECONDS))

    def _run(self, *arguments: str) -> None:
        subprocess.run([*self._argv, *arguments], env=self._environ, check=True, capture_output=True)
