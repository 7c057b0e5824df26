"""Finds a Python on this host that Proxx runs on and that Resolve takes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from proxx.core.quoting import quote
from proxx_resolve_executor.install.install_error import InstallError
from proxx_resolve_executor.python_facts import ASK_SECONDS, PythonFacts, read_python

WANTED = "64-bit Python 3.11 or 3.12: Proxx needs 3.11, and of later ones not every Resolve takes the module"


def find_python(*, chosen: str | None) -> PythonFacts:
    """Return the Python that was chosen; without a choice this one, or the first other one that fits.

    Raises:
        InstallError: the chosen one does not fit, or none does.
    """
    if chosen is not None:
        facts = read_python(program=chosen)
        if facts is None:
            raise InstallError(f"--python {quote(text=chosen, limit=400)} does not start, or is no Python")
        if not facts.safe:
            raise InstallError(f"--python is {facts}; expected {WANTED}")
        return facts
    seen = []
    for program in _programs():
        facts = read_python(program=program)
        if facts is not None and facts.safe:
            return facts
        if facts is not None:
            seen.append(str(facts))
    found = "; ".join(seen) or "none"
    raise InstallError(f"expected {WANTED}; found {found}; install one, or name one with --python")


def _programs() -> Iterator[str]:
    yield sys.executable
    for name in ("python3.12", "python3.11"):
        if (found := shutil.which(name)) is not None:
            yield found
    launcher = shutil.which("py") if os.name == "nt" else None
    for version in ("-3.12", "-3.11") if launcher is not None else ():
        found = _through_launcher(launcher or "", version)
        if found:
            yield found


def _through_launcher(launcher: str, version: str) -> str:
    """The program that the launcher of Windows starts for a version; empty where it has none."""
    try:
        done = subprocess.run(
            [launcher, version, "-c", "import sys; print(sys.executable)"],
            capture_output=True,
            timeout=ASK_SECONDS,
            check=False,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
