"""Captures the environment that a report is made in. What cannot be told is recorded and stops nothing."""

import platform
import socket
import sys
from collections.abc import Callable
from datetime import datetime
from importlib import metadata
from pathlib import Path

from proxx.core.reports import Diagnostics
from proxx.runtime.version import current_version

_RESOLVE = {
    "linux": Path("/opt/resolve/bin/resolve"),
    "darwin": Path("/Applications/DaVinci Resolve/DaVinci Resolve.app"),
    "win32": Path("C:/Program Files/Blackmagic Design/DaVinci Resolve/Resolve.exe"),
}
"""Where Resolve's installer puts it."""


def capture_diagnostics(*, now: datetime) -> Diagnostics:
    """Return the facts of this machine."""
    problems: list[str] = []

    def told(name: str, ask: Callable[[], str]) -> str | None:
        try:
            return ask()
        except (OSError, ValueError, metadata.PackageNotFoundError) as error:
            problems.append(f"{name}: {error}")
            return None

    resolve = _RESOLVE.get(sys.platform)
    installed = told("resolve", lambda: str(resolve) if resolve is not None and resolve.exists() else "")
    if installed:
        problems.append("resolve: version and licence are told by a running Resolve only, and none was asked")
    return Diagnostics(
        generated_at=now,
        proxx_version=told("proxx", lambda: str(current_version())),
        python_version=platform.python_version(),
        operating_system=told("system", platform.platform),
        hostname=told("host", socket.gethostname),
        resolve_path=installed or None,
        resolve_version=None,
        resolve_licence=None,
        problems=tuple(problems),
    )
