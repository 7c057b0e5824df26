"""The FFmpeg executor's settings: where they come from, and how a wrong one is named."""

from pathlib import Path

import pytest

from proxx.runtime.settings import SettingsInvalidError
from proxx_ffmpeg_executor.settings import read_settings


def test_flags_are_read():
    settings = read_settings(
        [
            *("--scheduler", "unix:/run/s", "--name", "n1", "--slots", "3", "--mount", "a=/x", "--mount", "b=/y"),
            *("--metrics", "127.0.0.1:0", "--ffmpeg", "/opt/ffmpeg", "--drain-seconds", "5", "--ready-fd", "7"),
            *("--probe-slots", "0"),
        ]
    )
    assert (settings.scheduler, settings.name, settings.slots) == ("unix:/run/s", "n1", 3)
    assert settings.mounts == {"a": Path("/x"), "b": Path("/y")}
    assert (settings.metrics, settings.ffmpeg, settings.ffprobe) == ("127.0.0.1:0", "/opt/ffmpeg", "ffprobe")
    assert (settings.drain_seconds, settings.ready_fd, settings.probe_slots) == (5.0, 7, 0)


def test_the_sandbox_is_the_best_unless_told_otherwise():
    plain = read_settings([])
    asked = read_settings(
        [
            *("--sandbox", "filters", "--require-sandbox", "process"),
            *("--sandbox-read", "/opt/a", "--sandbox-read", "/opt/b"),
        ]
    )
    assert (plain.sandbox, plain.require_sandbox, plain.loadable) == ("namespaces", "none", ())
    assert (asked.sandbox, asked.require_sandbox) == ("filters", "process")
    assert asked.loadable == (Path("/opt/a"), Path("/opt/b"))


def test_a_flag_wins_over_the_environment_and_that_over_the_file(monkeypatch, tmp_path):
    config = tmp_path / "executor.toml"
    config.write_text('name = "file"\nslots = 2\ndrain_seconds = 3\n')
    monkeypatch.setenv("PROXX_NAME", "environment")
    monkeypatch.setenv("PROXX_SLOTS", "4")
    settings = read_settings(["--config", str(config), "--name", "flag"])
    assert (settings.name, settings.slots, settings.drain_seconds) == ("flag", 4, 3.0)


def test_mounts_of_the_environment_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("PROXX_MOUNT", "a=/x, b=/y")
    assert read_settings([]).mounts == {"a": Path("/x"), "b": Path("/y")}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param(["--slots", "0"], "--slots", id="no slot"),
        pytest.param(["--slots", "many"], "--slots", id="no number"),
        pytest.param(["--mount", "footage"], "--mount", id="no mount"),
        pytest.param(["--mount", "a=relative"], "--mount", id="a relative mount"),
        pytest.param(["--mount", "a=/x", "--mount", "a=/y"], "--mount", id="one root twice"),
        pytest.param(["--scheduler", "nowhere"], "--scheduler", id="no address"),
        pytest.param(["--sandbox", "bubblewrap"], "--sandbox", id="an unknown level"),
        pytest.param(["--sandbox-read", "relative"], "--sandbox-read", id="a relative path to read"),
        pytest.param(["--log-format", "xml"], "--log-format", id="an unknown word"),
        pytest.param(["--config", "/nonexistent.toml"], "config", id="no settings file"),
    ],
)
def test_a_wrong_setting_is_named(arguments, named):
    with pytest.raises(SettingsInvalidError, match=named):
        read_settings(arguments)


def test_every_wrong_setting_is_named_at_once():
    with pytest.raises(SettingsInvalidError) as caught:
        read_settings(["--slots", "0", "--scheduler", "nowhere"])
    assert [problem.setting for problem in caught.value.problems] == ["scheduler", "slots"]
