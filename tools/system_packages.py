"""Install a missing system tool with the system's own package manager, or say exactly what to do.

Runs on any Python 3.7 or later and needs the standard library only: it works before there is a virtual environment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import NoReturn

APT_OPTIONS = [
    "-o",
    "DPkg::Lock::Timeout=120",
    "-o",
    "Acquire::Retries=3",
    "-o",
    "Dpkg::Options::=--force-confold",  # a file that ensure_system_file wrote before stays
]


def fail(message: str) -> NoReturn:
    """Print what is wrong and what to do, and end with exit code 1."""
    sys.stdout.flush()
    sys.stderr.write("setup: " + message.rstrip() + "\n")
    sys.exit(1)


def run(argv: list[str], *, what: str, env: dict[str, str] | None = None) -> None:
    """Run one command; when it fails, name it and its exit code, and end."""
    done = subprocess.run(argv, env=env, check=False)
    if done.returncode != 0:
        fail(f"{what} failed with exit code {done.returncode}: {' '.join(argv)}")


def ensure_tools(tools: list[str], *, debian: list[str], brew: str, others: str, needed_for: str) -> None:
    """Make sure that every one of `tools` is on PATH, installing `debian` or `brew` packages where they are missing.

    `others` is what to do on a system whose package manager this script does not drive.
    """
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if not missing:
        return
    print(f"  {' and '.join(missing)} missing (needed for {needed_for})", flush=True)
    if shutil.which("apt-get"):
        install_debian(debian)
    elif sys.platform == "darwin" and shutil.which("brew"):
        run(["brew", "install", brew], what=f"installing {brew}")
    elif sys.platform == "darwin":
        fail(
            f"{', '.join(missing)} not found, and no Homebrew either. "
            f"Install Homebrew (https://brew.sh), then: brew install {brew}"
        )
    else:
        fail(f"{', '.join(missing)} not found on PATH. {others}")
    still = [tool for tool in tools if shutil.which(tool) is None]
    if still:
        fail(
            f"{', '.join(still)} still not on PATH after the packages were installed. PATH is {os.environ.get('PATH')}"
        )


def install_debian(packages: list[str]) -> None:
    """apt-get update and install, as root or by sudo without a password; otherwise name the command and end."""
    command = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    prefix = _root_prefix()
    if prefix is None:
        fail(f"installing packages needs root, and sudo asks for a password. Run: sudo {command}   then try again.")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *APT_OPTIONS]
    print(f"  {command}", flush=True)
    run([*apt, "-qq", "update"], what="reading the package lists")
    run([*apt, "-qq", "install", "-y", "--no-install-recommends", *packages], what="installing packages")


def ensure_system_file(path: str, text: str) -> None:
    """Write a small file that a package reads when it is installed; one that is there already stays as it is."""
    prefix = _root_prefix()
    if prefix is None or os.path.exists(path):  # noqa: PTH110  this runs on any Python
        return
    run([*prefix, "mkdir", "-p", os.path.dirname(path)], what="making a directory")  # noqa: PTH120
    done = subprocess.run([*prefix, "tee", path], input=text.encode(), stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        fail(f"writing {path} failed with exit code {done.returncode}")


def _root_prefix() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None
