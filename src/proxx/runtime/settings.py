"""Settings of a process: flag over PROXX_* over file over default. A wrong one stops the start with its name.

A process declares its settings as a subclass of ProcessSettings and reads them with `load_settings`. A list in the
environment is written with commas: use `Words` for it. Tables of the file and nested models are joined with two
underscores in the environment: PROXX_SCHEDULER__LISTEN.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

ENV_PREFIX = "PROXX_"
_NESTING = "__"
_ADDRESS = re.compile(r"([a-zA-Z0-9+.-]+://)(.*)", re.DOTALL)
_PLAIN_PLACE = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[\w.-]*)(?::[0-9]{1,5})?(?:/[\w.-]*)*")
"""Host, port and path of an address. In anything else a password may stand, wherever its writer forgot to encode it."""

_NAMES_A_SECRET = re.compile(r"pass(?:word|wd|phrase)|secret|bearer|^token$|proxx_[A-Za-z0-9_-]{20}", re.IGNORECASE)
HIDDEN = "(hidden)"
_file_values: ContextVar[Mapping[str, Any]] = ContextVar("proxx_settings_file", default={})  # noqa: B039  never written to


def _split(value: object) -> object:
    return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""A list of words; in the environment and in a flag they are separated by commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingProblem:
    """One wrong setting: its name, what was found (hidden for secrets, empty when absent), where, and the rule."""

    setting: str
    value: str
    origin: str
    rule: str

    def __str__(self) -> str:
        """One sentence with the facts."""
        found = f" is {self.value}" if self.value else ""
        return f"setting {self.setting}{found} ({self.origin}): {self.rule}"


class SettingsInvalidError(ValueError):
    """The process cannot start with these settings; carries every problem at once."""

    def __init__(self, problems: tuple[SettingProblem, ...]) -> None:
        """Keep the problems; the text of the error has one a line."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class ProcessSettings(BaseSettings):
    """The base of every process's settings: frozen, unknown keys refused."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=_NESTING,
        enable_decoding=False,
        extra="forbid",
        frozen=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic-settings passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic-settings passes it
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file that `load_settings` read. No .env file, ever."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=dict(_file_values.get()))


Settings = TypeVar("Settings", bound=ProcessSettings)


def load_settings(
    model: type[Settings], *, flags: Mapping[str, object] | None = None, config_file: Path | None = None
) -> Settings:
    """Return the settings. Flags that are None count as not given; the environment is the process's own.

    Raises:
        SettingsInvalidError: the file cannot be read, has a key that the model lacks, or a value breaks a rule.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    in_file = _read(config_file) if config_file is not None else {}
    token = _file_values.set(in_file)
    try:
        return model(**given)
    except ValidationError as error:
        origins = _Origins(flags=given, in_file=in_file, config_file=config_file)
        raise SettingsInvalidError(
            tuple(_problem(model, item, origins) for item in error.errors(include_url=False))
        ) from None  # pydantic's own text would show secrets
    finally:
        _file_values.reset(token)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        rule = f"the settings file cannot be read: {error.strerror}"
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        rule = f"the settings file is not TOML: {error}"
    raise SettingsInvalidError((SettingProblem(setting="config", value=repr(str(path)), origin="flag", rule=rule),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origins:
    flags: Mapping[str, object]
    in_file: Mapping[str, object]
    config_file: Path | None

    def of(self, place: tuple[str, ...]) -> str:
        if place[0] in self.flags:
            return f"flag --{place[0].replace('_', '-')}"
        names = [(ENV_PREFIX + _NESTING.join(place[:depth])).upper() for depth in range(len(place), 0, -1)]
        upper = {name.upper() for name in os.environ}
        for name in names:
            if name in upper:
                return f"environment {name}"
        if place[0] in self.in_file:
            return f"file {self.config_file}"
        return f"not given; flag --{place[0].replace('_', '-')} or environment {names[0]} sets it"


def _problem(model: type[BaseModel], item: Any, origins: _Origins) -> SettingProblem:
    place = tuple(str(part) for part in item["loc"]) or ("settings",)
    known = {"missing": "is required", "extra_forbidden": "no such setting"}
    value = "" if item["type"] == "missing" else _shown(item["input"])
    if value and (_is_secret(model, place) or _NAMES_A_SECRET.search(place[-1])):
        value = HIDDEN
    return SettingProblem(
        setting=".".join(place), value=value, origin=origins.of(place), rule=known.get(item["type"], item["msg"])
    )


def _shown(value: object) -> str:
    """Return a value for a sentence, without what may be a secret in it."""
    address = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if address is not None and _PLAIN_PLACE.fullmatch(address[2]) is None:
        return repr(f"{address[1]}{HIDDEN}")
    text = repr(value)
    return HIDDEN if _NAMES_A_SECRET.search(text) else text


def _is_secret(model: type[BaseModel], place: tuple[str, ...]) -> bool:
    for name in place:
        field = model.model_fields.get(name)
        if field is None:
            return False
        if "SecretStr" in str(field.annotation) or field.annotation is SecretStr:
            return True
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return False
        model = field.annotation
    return False
