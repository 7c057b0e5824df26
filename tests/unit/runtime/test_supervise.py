import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from proxx.runtime.lifeline import LIFELINE_VARIABLE, PARENT_LOST_EXIT, Lifeline, die_with_parent

PROCESS = """
import asyncio, os
from proxx.runtime.logs import configure_logs
from proxx.runtime.supervise import run_process

configure_logs()

async def main(drain):
    print("up", os.environ["GRPC_ENABLE_FORK_SUPPORT"], os.environ.get("PROXX_PARENT_LIFELINE_FD"), flush=True)
    await drain.wait()
    print("draining", flush=True)
    if {stay}:
        await asyncio.Event().wait()
    return 3

raise SystemExit(run_process(main))
"""

PARENT = """
import subprocess, sys
from proxx.runtime.lifeline import Lifeline

lifeline = Lifeline()
child = subprocess.Popen(
    [sys.executable, "-c", sys.argv[1]], pass_fds=lifeline.pass_fds, env=lifeline.environment, stdout=sys.stdout
)
child.wait()
"""


@contextmanager
def started(code, *arguments, **options):
    argv = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["terminate", "interrupt"])
def test_first_signal_drains(number):
    with started(PROCESS.format(stay=False)) as process:
        assert process.stdout.readline() == "up 0 None\n"
        process.send_signal(number)
        assert process.stdout.readline() == "draining\n"
        assert process.wait(timeout=30) == 3


@pytest.mark.process
def test_second_signal_ends_at_once():
    with started(PROCESS.format(stay=True)) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "draining\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 128 + signal.SIGINT


@pytest.mark.process
def test_child_dies_with_its_killed_parent():
    with started(PARENT, PROCESS.format(stay=True)) as parent:
        assert parent.stdout.readline() == "up 0 None\n"
        parent.kill()
        assert parent.stdout.read() == ""  # ends when the last holder of the pipe, the child, is gone


@pytest.mark.process
def test_child_dies_when_its_parent_lets_go():
    lifeline = Lifeline()
    options = {"pass_fds": lifeline.pass_fds, "env": dict(lifeline.environment)}
    with started(PROCESS.format(stay=True), **options) as process:
        assert process.stdout.readline() == "up 0 None\n"
        lifeline.close()
        assert process.wait(timeout=30) == PARENT_LOST_EXIT


def test_without_a_lifeline_nothing_happens(monkeypatch):
    monkeypatch.delenv(LIFELINE_VARIABLE, raising=False)
    before = set(os.environ)
    die_with_parent()
    assert set(os.environ) == before


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("stdin", "expected the number of an open descriptor", id="a word"),
        pytest.param("987654", "Bad file descriptor", id="no open descriptor"),
    ],
)
def test_broken_lifeline_stops_the_start(monkeypatch, text, rule):
    monkeypatch.setenv(LIFELINE_VARIABLE, text)
    with pytest.raises(ValueError, match=rule):
        die_with_parent()
