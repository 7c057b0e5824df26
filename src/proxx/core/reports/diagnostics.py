"""Where a report was made: facts of one machine at one moment, captured by proxx.runtime.diagnostics."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """The environment of a report. None stands for what nobody could tell; `problems` say why, one sentence each.

    The tools that made each proxy stand in its clip, not here: they may have run on other machines.
    """

    generated_at: datetime
    proxx_version: str | None
    python_version: str | None
    operating_system: str | None
    hostname: str | None
    resolve_path: str | None
    resolve_version: str | None
    resolve_licence: str | None
    problems: tuple[str, ...]
