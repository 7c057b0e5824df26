"""Small facts of a host: a full disk, memory kills, threads that are seen to their end."""

import asyncio
import errno
import threading
from pathlib import Path

import pytest

from proxx.core.failure import Failure, FailureKind
from proxx.engine.disk import disk_error, out_of_space
from proxx.engine.oom import oom_kills
from proxx.engine.threads import to_thread_whole


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        (errno.ENOSPC, FailureKind.NO_SPACE, "No space left on device"),
        (errno.EDQUOT, FailureKind.NO_SPACE, "Disk quota exceeded"),
        (errno.EIO, FailureKind.IO_ERROR, "Input/output error"),
        (errno.EACCES, FailureKind.IO_ERROR, "Permission denied"),
    ],
    ids=["full", "quota", "io", "permission"],
)
def test_an_error_of_the_disk_says_what_where_and_why(number: int, kind: FailureKind, text: str) -> None:
    error = OSError(number, text, "/m/out.mov")

    assert disk_error(error, what="cannot publish").failure == Failure(
        kind=kind, message=f"cannot publish /m/out.mov: {text}"
    )


def test_a_disk_with_room_is_not_full(tmp_path: Path) -> None:
    assert out_of_space(directory=tmp_path, stderr="[error] damaged") is None


def test_a_directory_that_is_gone_says_nothing_about_space(tmp_path: Path) -> None:
    assert out_of_space(directory=tmp_path / "gone", stderr="") is None


def test_memory_kills_are_read_from_the_own_cgroup(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("0::/pods/one\n")
    (tmp_path / "pods/one").mkdir(parents=True)
    (tmp_path / "pods/one/memory.events").write_text("low 0\noom 3\noom_kill 2\n")

    assert oom_kills(cgroups=tmp_path, own=tmp_path / "own") == 2


def test_a_host_that_does_not_count_memory_kills_says_so(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("4:memory:/old\n")

    assert oom_kills(cgroups=tmp_path, own=tmp_path / "own") is None
    assert oom_kills(cgroups=tmp_path, own=tmp_path / "missing") is None


async def test_a_thread_is_seen_to_its_end_before_a_cancellation_counts() -> None:
    begun, go, done = asyncio.Event(), threading.Event(), []
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        go.wait(10)
        done.append(True)

    task = asyncio.create_task(to_thread_whole(work))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    ended_early = task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (ended_early, done) == (False, [True])


async def test_an_error_in_a_thread_is_raised() -> None:
    def work() -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        await to_thread_whole(work)
