"""The Resolve executor's settings: where they come from, how a wrong one is named, what the bridge is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from proxx.runtime.settings import SettingsInvalidError
from proxx_resolve_executor.bootstrap import bridge_options
from proxx_resolve_executor.bridge.options import ResolveOptions
from proxx_resolve_executor.settings import read_settings

MOUNT = ("--mount", "media=/Volumes/media")


def test_the_environment_that_the_vendor_documents_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXX_RESOLVE_PATH", "/opt/resolve")
    monkeypatch.setenv("PROXX_RESOLVE_SCRIPT_API_PATH", "/opt/resolve/Developer/Scripting")
    monkeypatch.setenv("PROXX_MOUNT", "a=/x, b=/y")

    settings = read_settings([])

    assert (settings.resolve_path, settings.resolve_script_api_path) == (
        Path("/opt/resolve"),
        Path("/opt/resolve/Developer/Scripting"),
    )
    assert settings.mounts == {"a": Path("/x"), "b": Path("/y")}


def test_without_settings_the_bridge_is_told_its_own_defaults(tmp_path: Path) -> None:
    told = bridge_options(settings=read_settings([*MOUNT]), state=tmp_path)

    own = ResolveOptions(state_directory=tmp_path, preset_directory=told.preset_directory)
    assert told == own
    assert (told.preset_directory / "proxy_dnxhr_lb_resolve.xml").is_file()


def test_flags_reach_the_bridge(tmp_path: Path) -> None:
    words = [
        *("--resolve-take-over", "true", "--resolve-project-prefix", "farm2_", "--resolve-call-seconds", "7"),
        *("--resolve-state-directory", "/var/proxx", "--resolve-preset-directory", "/etc/presets"),
        *("--resolve-python", "/usr/bin/python3.11", "--resolve-restarts", "0"),
    ]

    told = bridge_options(settings=read_settings([*MOUNT, *words]), state=tmp_path)

    assert told == replace(
        ResolveOptions(state_directory=Path("/var/proxx"), preset_directory=Path("/etc/presets")),
        take_over=True,
        project_prefix="farm2_",
        parking_project="farm2_parking",
        call_seconds=7.0,
        python=Path("/usr/bin/python3.11"),
        restarts=0,
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        pytest.param([], "--mount", id="no mount at all"),
        pytest.param(["--mount", "footage"], "--mount", id="no directory"),
        pytest.param(["--mount", "a=relative"], "--mount", id="a relative mount"),
        pytest.param(["--mount", "a=/x", "--mount", "a=/y"], "--mount", id="one root twice"),
        pytest.param([*MOUNT, "--resolve-project-prefix", ""], "--resolve-project-prefix", id="no prefix"),
        pytest.param([*MOUNT, "--resolve-project-prefix", "a/b"], "--resolve-project-prefix", id="a path as prefix"),
        pytest.param([*MOUNT, "--resolve-call-seconds", "0"], "--resolve-call-seconds", id="no time"),
        pytest.param([*MOUNT, "--scheduler", "nowhere"], "--scheduler", id="no address"),
    ],
)
def test_a_wrong_setting_is_named(arguments: list[str], named: str) -> None:
    with pytest.raises(SettingsInvalidError, match=named):
        read_settings(arguments)


def test_there_is_no_setting_for_slots(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_settings([*MOUNT, "--slots", "2"])

    assert "unrecognized arguments: --slots" in capsys.readouterr().err
