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


POSTGRES = ("--database", "postgresql://db.example/proxx")


@pytest.mark.parametrize(
    ("words", "bound", "told"),
    [
        pytest.param(("--listen", "127.0.0.1:0"), "127.0.0.1:4711", "127.0.0.1:4711", id="loopback"),
        pytest.param(("--listen", "host-a:7600"), "host-a:7600", "host-a:7600", id="a name"),
        pytest.param(
            ("--listen", "0.0.0.0:7600", "--advertise", "a.example:7600"), "0.0.0.0:7600", "a.example:7600", id="said"
        ),
        pytest.param(("--listen", "[::]:7600"), "[::]:7600", "", id="every interface, and nobody stands by"),
        pytest.param(("--listen", "unix:/run/proxx"), "unix:/run/proxx", "unix:/run/proxx", id="a socket file"),
    ],
)
def test_others_are_told_the_address_that_was_said_or_that_is_listened_on(
    words: tuple[str, ...], bound: str, told: str
) -> None:
    assert read_settings([*POSTGRES, *words]).advertised(bound) == told


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        pytest.param(
            ("--standby", "--listen", "0.0.0.0:7600"), "a standby that listens on 0.0.0.0:7600 needs it", id="none"
        ),
        pytest.param(("--standby", "--listen", "[::]:7600"), "a standby that listens on [::]:7600 needs it", id="IPv6"),
        pytest.param(("--advertise", "0.0.0.0:7600"), "it needs a host and a port", id="every interface"),
        pytest.param(("--advertise", "a.example:0"), "it needs a host and a port", id="any port"),
        pytest.param(("--advertise", "a.example"), "expected host:port", id="no port"),
    ],
)
def test_an_address_that_others_cannot_call_is_refused(words: tuple[str, ...], rule: str) -> None:
    with pytest.raises(SettingsInvalidError) as raised:
        read_settings([*POSTGRES, *words])
    assert "advertise" in str(raised.value)
    assert rule in str(raised.value)


def test_only_a_standby_on_postgresql_serves_while_another_one_leads() -> None:
    sqlite = read_settings(["--standby", "--listen", "0.0.0.0:7600"])
    assert [sqlite.stands_by, read_settings([*POSTGRES, "--standby"]).stands_by, read_settings(POSTGRES).stands_by] == [
        False,
        True,
        False,
    ]


def test_an_executor_is_fenced_after_five_failures_unless_the_site_says_otherwise() -> None:
    assert [read_settings(words).fence_after for words in ([], ["--fence-after", "0"])] == [5, 0]


def test_jobs_for_resolve_are_held_unless_the_site_rejects_them() -> None:
    assert [read_settings(words).without_engine for words in ([], ["--without-engine", "reject"])] == ["hold", "reject"]
    with pytest.raises(SettingsInvalidError, match="without_engine"):
        read_settings(["--without-engine", "drop"])


@pytest.mark.parametrize("value", ["-1", "33", "many"])
def test_a_number_of_failures_that_cannot_be_counted_is_refused(value: str) -> None:
    with pytest.raises(SettingsInvalidError) as raised:
        read_settings(["--fence-after", value])
    assert "fence_after" in str(raised.value)


def test_a_staging_budget_is_that_of_a_known_root() -> None:
    words = ("--root", "media=/mnt/media", "--staging-budget", "media=20GiB")
    assert read_settings(words).rules.budgets == {"media": 20 * 2**30}
    with pytest.raises(SettingsInvalidError, match="'other' is no root; known: media"):
        read_settings([*words, "--staging-budget", "other=1"])
