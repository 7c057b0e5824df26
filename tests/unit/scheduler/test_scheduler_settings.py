"""The scheduler's own settings: which database, and what is said about a wrong one."""

from pathlib import Path

import pytest

from proxx.runtime.settings import SettingsInvalidError
from proxx_scheduler.settings import SchedulerSettings, read_settings


def test_without_any_setting_the_database_is_a_file_here() -> None:
    settings = read_settings([])
    assert (settings.database.kind, settings.database.path, settings.standby) == ("sqlite", Path("proxx.db"), False)


def test_the_database_comes_from_the_environment_where_a_password_is_not_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PROXX_DATABASE", "postgresql://proxx:hush@db.example/proxx")
    settings = read_settings(["--standby"])
    assert settings.database.url == "postgresql://proxx:hush@db.example/proxx"
    assert (settings.database.shown, settings.standby) == ("postgresql://db.example/proxx", True)
    assert "hush" not in repr(settings)


def test_a_path_object_is_a_file() -> None:
    assert SchedulerSettings(database=Path("/state/proxx.db")).database.path == Path("/state/proxx.db")  # type: ignore[arg-type]  # as programs pass it


def test_a_wrong_address_is_named_without_its_password() -> None:
    with pytest.raises(SettingsInvalidError) as raised:
        read_settings(["--database", "mysql://root:hush@db/proxx"])
    assert "scheme 'mysql' is unknown" in str(raised.value)
    assert "hush" not in str(raised.value)
