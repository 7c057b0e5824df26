"""`proxx watch`: what the words mean, and what the watcher is started with."""

from pathlib import Path

import pytest

from proxx.cli.main import run_cli
from proxx.core.jobs import CollisionPolicy, FailurePolicy, SubmissionOptions
from proxx.embedded.watch_settings import WatchSettings, watcher_argv
from proxx_watcher.settings import read_settings


def test_what_the_command_line_sets_is_what_the_watcher_reads(tmp_path: Path) -> None:
    options = SubmissionOptions(
        priority=-5,
        queue="night",
        failure_policy=FailurePolicy.CONTINUE,
        max_parallel_clips=3,
        collision_policy=CollisionPolicy.SUFFIX,
        create_output_directory=True,
    )
    settings = WatchSettings(
        folder=tmp_path,
        name="drops",
        state=tmp_path / "state",
        layout="flat",
        once=True,
        strict=True,
        wait_lock=True,
        poll_seconds=7.5,
        max_workers=4,
        options=options,
        print_json=True,
        metrics="127.0.0.1:0",
    )
    read = read_settings(watcher_argv(settings, "unix:/s", python="python")[4:])
    (folder,) = read.folders
    assert (read.scheduler, read.state, read.log_format, read.metrics) == (
        "unix:/s",
        tmp_path / "state",
        "console",
        "127.0.0.1:0",
    )
    assert (read.once, read.strict, read.wait_lock, read.print_json) == (True, True, True, True)
    assert (folder.name, folder.path, folder.layout.value) == ("drops", tmp_path.resolve(), "flat")
    assert (folder.poll_seconds, folder.file_events, folder.max_workers) == (7.5, False, 4)
    assert folder.options == options


def test_without_options_the_watcher_uses_file_events_and_one_job_at_a_time(tmp_path: Path) -> None:
    settings = WatchSettings(folder=tmp_path, name="drops", state=tmp_path)
    (folder,) = read_settings(watcher_argv(settings, "127.0.0.1:1", python="python")[4:]).folders
    assert (folder.poll_seconds, folder.file_events, folder.max_workers) == (2.0, True, 1)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["watch"], id="no_folder"),
        pytest.param(["watch", "d", "--layout", "media"], id="media_needs_a_settings_file"),
        pytest.param(["watch", "d", "--poll-seconds", "0"], id="no_time_between_looks"),
        pytest.param(["watch", "d", "--strict"], id="strict_without_once"),
        pytest.param(["watch", "d", "e"], id="two_folders"),
    ],
)
def test_wrong_usage_ends_with_64(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(words) == 64
    assert "Usage: proxx watch" in capsys.readouterr().err
