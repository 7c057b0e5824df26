"""All cases through the real executor under strace, and a verdict for each."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.hostile_media.case import HostileCase
from tests.hostile_media.catalogue import catalogue
from tests.hostile_media.trace import CALLS, Allowed, Seen, read_trace
from tests.hostile_media.worker import set_up

ROOT = Path(__file__).resolve().parents[2]
PROBE_SECONDS, PROBE_BYTES = 2.0, 300_000_000
"""What a bomb may cost to refuse. The seconds double for each other process that wants the processors."""


class NoTracerError(RuntimeError):
    """Without strace nobody sees what a tool opens, so there is no campaign."""


@dataclass(kw_only=True)
class Judged:
    """One case: what became of it, what was seen, and what is wrong (nothing, if all is well)."""

    case: HostileCase
    result: dict[str, Any]
    seen: Seen
    faults: list[str] = field(default_factory=list)


class Listener:
    """Counts who connects to a port of loopback."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


def find_tracer() -> str:
    """Where strace is.

    Raises:
        NoTracerError: it is not installed, or may trace nothing here.
    """
    found = shutil.which("strace")
    if found is None:
        raise NoTracerError("strace is not installed (Debian: apt install strace); without it nothing is proven")
    asked = subprocess.run([found, "-f", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        raise NoTracerError(f"strace cannot trace here: {asked.stderr.strip()[:300]}")
    return found


def run_campaign(*, directory: Path, indexes: Iterable[int], workers: int = 2) -> tuple[list[Judged], int]:
    """Run cases of the catalogue, each worker its share under a tracer of its own.

    Returns each verdict, and how many connections came to a port that the hostile files name.

    Raises:
        NoTracerError: there is no tracer.
    """
    tracer = find_tracer()
    set_up(directory)
    listener = Listener()
    chosen = list(indexes)
    shares = [share for share in (chosen[first::workers] for first in range(workers)) if share]
    try:
        running = [_start(tracer, directory, listener.port, number, share) for number, share in enumerate(shares)]
        codes = [process.wait() for process in running]
    finally:
        listener.close()
    judged: list[Judged] = []
    for number, (share, code) in enumerate(zip(shares, codes, strict=True)):
        text = (directory / f"errors.{number}").read_text(encoding="utf-8", errors="replace")
        if code != 0:
            raise RuntimeError(f"worker {number} ended with {code}: {text[-2000:]}")
        judged += _judge(directory, number, share)
    order = {index: place for place, index in enumerate(chosen)}
    judged.sort(key=lambda item: order[int(item.result["index"])])
    return judged, listener.connections


def _start(tracer: str, directory: Path, port: int, number: int, share: list[int]) -> "subprocess.Popen[bytes]":
    argv = [tracer, "-f", "--seccomp-bpf", "-y", "-qq", "-s", "4096", "-e", f"trace={CALLS}", "-e", "signal=none"]
    argv += ["-o", str(directory / f"trace.{number}"), sys.executable, "-m", "tests.hostile_media.worker"]
    argv += [str(directory), str(port), *map(str, share)]
    with (directory / f"results.{number}").open("wb") as out, (directory / f"errors.{number}").open("wb") as err:
        return subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err)


def _judge(directory: Path, number: int, share: list[int]) -> list[Judged]:
    lines = (directory / f"results.{number}").read_text(encoding="utf-8").splitlines()
    results = {int(result["index"]): result for result in map(json.loads, lines)}
    allowed = {index: _allowed(directory / "cases" / f"{index:04}", results[index]) for index in share}
    seen = read_trace(path=directory / f"trace.{number}", allowed=allowed)
    cases = catalogue()
    return [judge(case=cases[index], result=results[index], seen=seen[index]) for index in share]


def _allowed(root: Path, result: dict[str, Any]) -> Allowed:
    directories = (root / "out", root / "scratch", root / "assets")
    return Allowed(source=Path(result["source"]), directories=directories)


def judge(*, case: HostileCase, result: dict[str, Any], seen: Seen) -> Judged:
    """Compare a case with what became of it."""
    judged = Judged(case=case, result=result, seen=seen)
    faults = judged.faults
    if result["end"] not in case.ends:
        faults.append(f"ended {result['end']}, wanted {' or '.join(sorted(case.ends))}: {result['reason'][:300]}")
    elif re.search(case.says, result["reason"]) is None:
        faults.append(f"the reason does not say {case.says}: {result['reason'][:300]}")
    if result["end"] in ("REFUSED", "FAILED") and not result["reason"]:
        faults.append("no reason")
    faults += [f"opened {name}" for name in seen.foreign]
    faults += [f"made a socket: {call}" for call in seen.sockets]
    faults += [f"did {call}" for call in seen.others]
    faults += [f"a canary in {where}" for where in result["leaks"]]
    if len(result["runs"]) != seen.tools:
        faults.append(f"{len(result['runs'])} tools ran and {seen.tools} were traced")
    if case.bomb and result["end"] == "REFUSED":
        if result["probe_peak_bytes"] > PROBE_BYTES or result["own_peak_bytes"] > PROBE_BYTES:
            faults.append(f"took {max(result['probe_peak_bytes'], result['own_peak_bytes'])} bytes to refuse")
        if result["seconds"] > _patience():
            faults.append(f"took {result['seconds']:.1f} s to refuse")
    return judged


def _patience() -> float:
    """Seconds for a refusal: more where others use the processors, and for the tracer itself."""
    return PROBE_SECONDS * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))
