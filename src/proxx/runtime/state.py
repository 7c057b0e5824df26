"""Where Proxx keeps what outlives a command: the user's state directory."""

import os
from collections.abc import Mapping
from pathlib import Path


def state_directory(*, environment: Mapping[str, str] | None = None) -> Path:
    """Return `$XDG_STATE_HOME/proxx`, or `~/.local/state/proxx` when that variable is unset or not absolute."""
    variables = os.environ if environment is None else environment
    chosen = variables.get("XDG_STATE_HOME", "")
    base = Path(chosen) if chosen.startswith("/") else Path.home() / ".local" / "state"
    return base / "proxx"
