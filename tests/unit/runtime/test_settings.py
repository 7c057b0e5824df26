from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from proxx.runtime.settings import ProcessSettings, SettingProblem, SettingsInvalidError, Words, load_settings


class Limits(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    slots: int = Field(default=1, ge=1, le=64)
    token: SecretStr = SecretStr("")


class Example(ProcessSettings):
    listen: str = "127.0.0.1:7600"
    slots: int = Field(default=2, ge=1, le=64)
    roots: Words = ()
    token: SecretStr | None = Field(default=None, min_length=8)
    limits: Limits = Limits()
    data_dir: Path | None = None


class Needy(ProcessSettings):
    scheduler: str


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in ("PROXX_LISTEN", "PROXX_SLOTS", "PROXX_ROOTS", "PROXX_TOKEN", "PROXX_SCHEDULER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "proxx.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def problems(**arguments):
    with pytest.raises(SettingsInvalidError) as caught:
        load_settings(Example, **arguments)
    return caught.value.problems


def test_flag_beats_environment_beats_file_beats_default(monkeypatch, file):
    path = file('slots = 3\nlisten = "127.0.0.1:3"\nroots = ["a", "b"]\n')
    monkeypatch.setenv("PROXX_SLOTS", "4")
    monkeypatch.setenv("PROXX_LISTEN", "127.0.0.1:4")
    found = load_settings(Example, flags={"slots": 5, "listen": None}, config_file=path)
    assert (found.slots, found.listen, found.roots, found.data_dir) == (5, "127.0.0.1:4", ("a", "b"), None)


def test_words_in_the_environment_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("PROXX_ROOTS", "media, proxies ,")
    assert load_settings(Example).roots == ("media", "proxies")


def test_nested_setting_comes_from_table_and_environment(monkeypatch, file):
    path = file("[limits]\nslots = 7\n")
    assert load_settings(Example, config_file=path).limits.slots == 7
    monkeypatch.setenv("PROXX_LIMITS__SLOTS", "8")
    assert load_settings(Example, config_file=path).limits.slots == 8


def test_settings_do_not_change():
    with pytest.raises(ValueError, match="frozen"):
        load_settings(Example).slots = 3


def test_file_of_one_load_is_not_seen_by_the_next(file):
    load_settings(Example, config_file=file("slots = 9\n"))
    assert load_settings(Example).slots == 2


def test_wrong_value_names_setting_value_origin_and_rule(monkeypatch):
    monkeypatch.setenv("PROXX_SLOTS", "many")
    (problem,) = problems()
    assert problem == SettingProblem(
        setting="slots",
        value="'many'",
        origin="environment PROXX_SLOTS",
        rule="Input should be a valid integer, unable to parse string as an integer",
    )


def test_every_wrong_setting_is_told_at_once(file):
    path = file('colour = "red"\n[limits]\nslots = 0\n')
    found = problems(flags={"slots": 65}, config_file=path)
    assert {(item.setting, item.value, item.origin, item.rule) for item in found} == {
        ("slots", "65", "flag --slots", "Input should be less than or equal to 64"),
        ("limits.slots", "0", f"file {path}", "Input should be greater than or equal to 1"),
        ("colour", "'red'", f"file {path}", "no such setting"),
    }


def test_missing_setting_says_how_to_give_it():
    with pytest.raises(SettingsInvalidError) as caught:
        load_settings(Needy)
    assert (
        str(caught.value)
        == "setting scheduler (not given; flag --scheduler or environment PROXX_SCHEDULER sets it): is required"
    )


def test_secret_is_never_shown(monkeypatch):
    monkeypatch.setenv("PROXX_TOKEN", "hunter2")
    (problem,) = problems()
    assert (problem.setting, problem.value) == ("token", "(hidden)")
    assert "hunter2" not in str(problem)


def test_file_that_is_not_there_is_told(tmp_path):
    (problem,) = problems(config_file=tmp_path / "absent.toml")
    assert problem.rule == "the settings file cannot be read: No such file or directory"


def test_file_that_is_not_toml_is_told(file):
    (problem,) = problems(config_file=file("slots: 3\n"))
    assert problem.rule.startswith("the settings file is not TOML: ")
