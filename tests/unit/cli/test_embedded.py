"""The parts of the embedded run that need no scheduler: directories, locks, children, command lines."""

import asyncio
import os
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from proxx.embedded.child import Child
from proxx.embedded.connect import EmbeddedRun
from proxx.embedded.errors import ChildFailedError, DirectoryInUseError, ToolMissingError, UnknownRunError
from proxx.embedded.interrupts import Interrupts
from proxx.embedded.lock import DirectoryLock
from proxx.embedded.open_run import require_tools, socket_directory
from proxx.embedded.run_directory import RunDirectory
from proxx.embedded.stack import Stack, executor_argv, scheduler_argv
from proxx.embedded.stack_settings import StackSettings
from proxx.embedded.target import Target
from proxx.embedded.watch_settings import WatchSettings
from proxx.embedded.watching import watch_folder
from proxx.runtime.lifeline import Lifeline
from proxx.runtime.state import state_directory
from proxx_scheduler.settings import read_settings
from tests.unit.cli import samples

RUN = "20261120T090100Z-0000beef"


def test_the_state_directory_follows_xdg_and_ignores_a_relative_one():
    assert state_directory(environment={"XDG_STATE_HOME": "/var/state"}) == Path("/var/state/proxx")
    assert state_directory(environment={"XDG_STATE_HOME": "var"}) == Path.home() / ".local/state/proxx"
    assert state_directory(environment={}) == Path.home() / ".local/state/proxx"


def test_a_run_directory_is_private_and_found_again(tmp_path):
    made = RunDirectory.create(state=tmp_path, now=samples.NOW, suffix="0000beef")
    made.write_note({"job_key": "k"})
    found = RunDirectory.find(state=tmp_path, run_id=RUN)
    assert (found.run_id, found.path.stat().st_mode & 0o777, found.read_note()) == (RUN, 0o700, {"job_key": "k"})


def test_a_discarded_run_is_gone(tmp_path):
    RunDirectory.create(state=tmp_path, now=samples.NOW, suffix="0000beef").discard()
    assert RunDirectory.kept(state=tmp_path) == []


@pytest.mark.parametrize(
    "run_id",
    [
        pytest.param("20261120T090100Z-ffffffff", id="another run"),
        pytest.param("../../etc", id="a way out"),
        pytest.param("", id="nothing"),
    ],
)
def test_an_unknown_run_is_refused_with_those_that_are_kept(tmp_path, run_id):
    RunDirectory.create(state=tmp_path, now=samples.NOW, suffix="0000beef")
    with pytest.raises(UnknownRunError, match=RUN):
        RunDirectory.find(state=tmp_path, run_id=run_id)


def test_a_damaged_note_is_said(tmp_path):
    made = RunDirectory.create(state=tmp_path, now=samples.NOW, suffix="0000beef")
    (made.path / "run.json").write_text("[")
    with pytest.raises(UnknownRunError, match="damaged"):
        made.read_note()


def test_a_directory_has_one_holder_at_a_time(tmp_path):
    with DirectoryLock(tmp_path), pytest.raises(DirectoryInUseError, match="in use"), DirectoryLock(tmp_path):
        pass
    with DirectoryLock(tmp_path):
        pass


def test_a_missing_tool_is_said_in_the_contracts_sentence():
    with pytest.raises(ToolMissingError, match=r"^FFmpeg not found\. Install FFmpeg to use headless execution\.$"):
        require_tools(ffmpeg="/nonexistent/ffmpeg", ffprobe="/nonexistent/ffprobe")


SETTINGS = StackSettings(
    listen="unix:/run/s",
    database=Path("/state/proxx.db"),
    profiles=Path("/profiles"),
    slots=2,
    roots=(("a", "/media"),),
)


def test_the_schedulers_command_line_says_everything():
    assert scheduler_argv(SETTINGS)[3:] == [
        *("proxx_scheduler", "--listen", "unix:/run/s", "--database", "/state/proxx.db", "--metrics", "off"),
        *("--lease-seconds", "10", "--log-format", "json", "--source-matrix", "1"),
        *("--fence-after", "0", "--without-engine", "reject", "--root", "a=/media", "--profiles", "/profiles"),
    ]


def test_the_schedulers_own_settings_are_passed_on_as_they_stand():
    settings = replace(
        SETTINGS,
        queues=("heavy=3", "few=1:1"),
        resources=("card=1:engine/ffmpeg",),
        config=Path("/site/scheduler.toml"),
    )
    added = ("--queue", "heavy=3", "--queue", "few=1:1", "--resource", "card=1:engine/ffmpeg")
    before, after = scheduler_argv(SETTINGS)[:-2], scheduler_argv(SETTINGS)[-2:]
    assert scheduler_argv(settings) == [*before, *added, "--config", "/site/scheduler.toml", *after]
    read = read_settings(scheduler_argv(replace(settings, config=None, profiles=None))[4:])
    assert (read.queue, read.resource, read.fence_after) == (settings.queues, settings.resources, 0)


def test_a_server_of_ones_own_fences_executors_as_its_scheduler_says():
    assert "--fence-after" not in scheduler_argv(replace(SETTINGS, fence_after=None))


def test_the_executors_command_line_says_everything():
    assert executor_argv(SETTINGS, "unix:/run/s")[3:] == [
        *("proxx_ffmpeg_executor", "--scheduler", "unix:/run/s", "--name", "local", "--slots", "2"),
        *("--metrics", "off", "--health", "off", "--ffmpeg", "ffmpeg", "--ffprobe", "ffprobe", "--log-format", "json"),
        *("--drain-seconds", "5", "--mount", "a=/media"),
    ]


@pytest.mark.parametrize("insecure", [False, True])
def test_consent_to_open_listeners_goes_to_both_processes(insecure):
    settings = replace(SETTINGS, insecure=insecure)
    asked = [scheduler_argv(settings), executor_argv(settings, "unix:/run/s")]
    assert ["--insecure" in argv for argv in asked] == [insecure, insecure]


async def child(program, log=None):
    with Lifeline() as lifeline:
        return await Child.start(
            name="child", argv=[sys.executable, "-c", program], lifeline=lifeline, environment={}, log=log
        )


READY = 'import os, sys, time; os.write(int(sys.argv[2]), b\'{"address": "a"}\\n\'); os.close(int(sys.argv[2])); '


async def test_a_child_is_ready_when_it_says_so_and_ends_when_asked():
    started = await child(READY + "time.sleep(60)")
    assert await started.ready(timeout_seconds=30) == {"address": "a"}
    await started.stop(grace_seconds=30)
    assert await started.ended() == "child ended by itself: killed by signal 15"


async def test_a_child_that_ignores_the_request_is_killed():
    started = await child("import signal; signal.signal(15, signal.SIG_IGN); " + READY + "time.sleep(60)")
    await started.ready(timeout_seconds=30)
    await started.stop(grace_seconds=0.1)
    assert await started.ended() == "child ended by itself: killed by signal 9"


async def test_a_child_that_ends_before_it_is_ready_is_said_with_its_last_words(tmp_path):
    log = tmp_path / "child.log"
    started = await child("import sys; sys.exit('setting slots: must be positive')", log=log)
    with pytest.raises(ChildFailedError) as caught:
        await started.ready(timeout_seconds=30)
    assert str(caught.value) == (f"child did not start: exit code 1 (log: {log})\n  setting slots: must be positive")


async def test_a_child_that_never_gets_ready_is_said():
    started = await child("import time; time.sleep(60)")
    with pytest.raises(ChildFailedError, match=r"not ready after 0\.2 seconds"):
        await started.ready(timeout_seconds=0.2)
    await started.kill()


async def test_a_child_dies_with_its_lifeline():
    program = READY + "os.read(int(os.environ['PROXX_PARENT_LIFELINE_FD']), 1); sys.exit(7)"
    with Lifeline() as lifeline:
        started = await Child.start(
            name="child", argv=[sys.executable, "-c", program], lifeline=lifeline, environment={}, log=None
        )
        await started.ready(timeout_seconds=30)
    async with asyncio.timeout(30):
        assert await started.ended() == "child ended by itself: exit code 7"


def test_a_socket_lies_in_the_private_directory_when_its_path_is_short_enough():
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        directory = Path(name)
        with socket_directory(directory) as place:
            (place / "s").touch()
        assert (place, list(directory.iterdir())) == (directory, [])


def test_a_socket_goes_to_a_new_private_directory_when_the_path_is_too_long(tmp_path):
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    with socket_directory(deep) as place:
        assert place != deep
        assert (place.stat().st_mode & 0o777, len(str(place / "s")) < 100) == (0o700, True)
    assert not place.exists()


@pytest.mark.parametrize(
    ("kept", "hint"),
    [
        pytest.param(True, f"\nthe run is kept; go on with: proxx run --resume {RUN}", id="with a job"),
        pytest.param(False, "", id="without a job"),
    ],
)
def test_after_a_failed_process_the_logs_stay_and_a_job_can_go_on(tmp_path, kept, hint):
    directory = RunDirectory.create(state=tmp_path, now=samples.NOW, suffix="0000beef")
    run = EmbeddedRun(directory, keep=False)
    if kept:
        run.keep(note={"job_key": "k"})
    said = run.after_failure()
    run.settle()
    assert (said, directory.path.is_dir()) == (hint, True)


def test_a_session_without_a_job_leaves_nothing(tmp_path):
    directory = RunDirectory.create(state=tmp_path, now=samples.NOW, suffix="0000beef")
    EmbeddedRun(directory, keep=False).settle()
    assert not directory.path.exists()


async def test_interrupts_that_came_before_anybody_waited_are_not_lost():
    interrupts = Interrupts()
    interrupts.arrive(terminated=True)
    async with asyncio.timeout(5):
        await interrupts.next()
    assert (interrupts.count, interrupts.terminated) == (1, True)


async def test_a_stack_whose_process_cannot_start_says_which_and_leaves_nobody(tmp_path):
    settings = StackSettings(
        listen="nonsense", database=tmp_path / "proxx.db", profiles=None, slots=1, logs=tmp_path, start_seconds=60
    )
    with pytest.raises(ChildFailedError, match="scheduler did not start"):
        async with Stack(settings):
            pytest.fail("it must not get here")


async def test_whoever_waits_for_a_folder_says_so_once_and_ends_with_0_at_a_signal(tmp_path):
    settings = WatchSettings(folder=tmp_path / "drops", name="drops", state=tmp_path, wait_lock=True)
    said = []

    def waiting(holder):
        said.append(holder)
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)

    with DirectoryLock(tmp_path):
        watching = watch_folder(
            settings=settings, target=Target(), directory=tmp_path, announce=lambda *_: None, waiting=waiting
        )
        assert await asyncio.wait_for(watching, 10) == 0
    assert said == [f"{tmp_path} is in use by another Proxx process (process id {os.getpid()})"]
