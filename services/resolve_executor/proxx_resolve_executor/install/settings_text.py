"""The executor's settings file as the installer writes it. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from proxx_resolve_executor.install.host_layout import check_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSettings:
    """What the installer knows. The rest has defaults; `proxx-resolve-executor run --help` lists them."""

    scheduler: str
    name: str
    mounts: Sequence[str]
    ffmpeg: str
    ffprobe: str
    resolve_path: str
    script_api: str
    python: str


def settings_text(*, settings: FirstSettings) -> str:
    """Return the file, TOML.

    Raises:
        InstallError: a value cannot stand in it.
    """
    mounts = ", ".join(_value("mount", mount) for mount in settings.mounts)
    lines = (
        "# Settings of the Resolve executor of Proxx. Written once by `proxx-resolve-executor install`, which",
        "# never changes them again. All keys: proxx-resolve-executor run --help, with _ in the place of -.",
        "",
        _line("scheduler", settings.scheduler),
        _line("name", settings.name),
        f"mount = [{mounts}]",
        _line("ffmpeg", settings.ffmpeg),
        _line("ffprobe", settings.ffprobe),
        _line("resolve_path", settings.resolve_path),
        _line("resolve_script_api_path", settings.script_api),
        _line("resolve_python", settings.python),
    )
    return "\n".join(lines) + "\n"


def _line(key: str, value: str) -> str:
    return f"{key} = {_value(key, value)}"


def _value(key: str, value: str) -> str:
    # a basic string of TOML is one of JSON, as long as nothing but quotation marks and backslashes is escaped
    return json.dumps(check_plain(text=value, what=key), ensure_ascii=False)
