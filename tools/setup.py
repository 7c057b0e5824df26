"""`make setup`: everything that Proxx needs to run and to be tested, into .venv and from the system's packages.

Needs Python and its standard library only. Started by any Python 3.7 or later, so that a Python that is too old can be
named instead of failing on syntax. Safe to run again; does nothing when nothing changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tools.locked_install import locked_install, own_install
from tools.system_packages import ensure_system_file, ensure_tools, fail, install_debian, run

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".proxx-setup"
NODE_STAMP = ROOT / "node_modules" / ".proxx-setup"
WANTED = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> int:
    """Run the steps that are needed, each announced."""
    arguments = argparse.ArgumentParser(description="Prepare this checkout for work.")
    arguments.add_argument("--node", choices=("off", "optional", "required", "only"), default="off")
    node = arguments.parse_args().node
    if os.name != "posix":
        fail(f"this is {sys.platform}; Proxx runs on Linux and macOS. On Windows use WSL.")
    if node != "only":
        started = time.monotonic()
        use_wanted_python()
        did = ensure_venv()
        ensure_ffmpeg()
        ensure_strace()
        ensure_postgresql()
        print(f"setup: {did} ({time.monotonic() - started:.1f} s); the command is .venv/bin/proxx", flush=True)
    if node != "off":
        ensure_node(required=node != "optional")
    return 0


def use_wanted_python() -> None:
    """Go on under a Python that is new enough, or say which was found and which is wanted."""
    if sys.version_info >= WANTED:
        return
    found = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, WANTED))
    for name in NEWER:
        other = shutil.which(name)
        if other is not None and is_wanted(other):
            print(f"setup: python3 is {found}; using {other}", flush=True)
            os.execv(other, [other, "-m", "tools.setup", *sys.argv[1:]])  # noqa: S606  no shell is wanted
    fail(
        f"Python {wanted} or later is wanted; found {found} at {sys.executable}. "
        f"Install a newer Python, then run: make setup PYTHON=/path/to/python{wanted}"
    )


def is_wanted(python: str) -> bool:
    """Whether this Python starts and is new enough: a version manager's shim may do neither."""
    code = f"import sys; sys.exit(0 if sys.version_info >= {WANTED} else 1)"
    asked = subprocess.run([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return asked.returncode == 0


def ensure_venv() -> str:
    """Create .venv and install the locked packages and Proxx itself. Returns what was done."""
    state = wanted_state()
    found = read_state()
    if not venv_works() or (found and found["root"] != state["root"]):  # scripts in a venv carry its path
        create_venv()
        found = {}
    if found == state and (VENV / "bin" / "proxx").exists():
        STAMP.touch()
        return "nothing changed"
    print("setup: installing the locked packages", flush=True)
    python = str(VENV / "bin" / "python")
    env = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    STAMP.unlink(missing_ok=True)
    packages = locked_install(python=python, lock=ROOT / "requirements-dev.lock")
    run(packages, what="installing packages", env=env)
    run(own_install(python=python, root=ROOT), what="installing Proxx", env=env)
    STAMP.write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
    return "installed"


def wanted_state() -> dict[str, str]:
    """What the installed packages depend on: the lock, the project file and where the checkout lies."""
    digests = {name: digest(ROOT / name) for name in ("requirements-dev.lock", "pyproject.toml")}
    return {"root": str(ROOT), **digests}


def read_state() -> dict[str, str]:
    """What the last setup recorded; empty when there was none or its record cannot be read."""
    try:
        return {str(key): str(value) for key, value in json.loads(STAMP.read_text(encoding="utf-8")).items()}
    except (FileNotFoundError, json.JSONDecodeError, AttributeError):
        return {}


def venv_works() -> bool:
    """Whether .venv has a Python that starts, is new enough and has pip."""
    python = VENV / "bin" / "python"
    return python.exists() and is_wanted(str(python)) and has_modules(str(python), "pip")


def has_modules(python: str, *names: str) -> bool:
    """Whether this Python can import all of `names`."""
    argv = [python, "-c", f"import {', '.join(names)}"]
    return subprocess.run(argv, stderr=subprocess.DEVNULL, check=False).returncode == 0


def create_venv() -> None:
    """Create .venv anew; on Debian install the package that Python's venv lives in when it is missing."""
    if not has_modules(sys.executable, "venv", "ensurepip"):
        if shutil.which("apt-get") is None:
            fail(f"{sys.executable} has no venv and ensurepip modules. Install the package that carries them.")
        print(f"setup: {sys.executable} has no venv module", flush=True)
        install_debian([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"])
    print("setup: creating .venv", flush=True)
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], what="creating .venv")


def ensure_ffmpeg() -> None:
    """ffmpeg and ffprobe, from one package."""
    ensure_tools(
        ["ffmpeg", "ffprobe"],
        debian=["ffmpeg"],
        brew="ffmpeg",
        others=(
            "Install FFmpeg 5.1 or later with libx264, libx265, libvpx and libaom or SVT-AV1, ffmpeg and ffprobe from "
            "the same build. Fedora: dnf install ffmpeg (from RPM Fusion). Arch: pacman -S ffmpeg. "
            "Alpine: apk add ffmpeg. openSUSE: zypper install ffmpeg (from Packman). Others: https://ffmpeg.org/download.html"
        ),
        needed_for="every encode and every check",
    )


def ensure_strace() -> None:
    """What watches the tools while they read hostile media. It exists on Linux only."""
    if not sys.platform.startswith("linux"):
        return
    ensure_tools(
        ["strace"],
        debian=["strace"],
        brew="",
        others="Install strace from your distribution's packages.",
        needed_for="the tests that watch what ffmpeg opens",
    )


def ensure_postgresql() -> None:
    """The programs of PostgreSQL, for tests that start a server of their own. Only Debian's package is installed."""
    if shutil.which("initdb") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return
    if shutil.which("apt-get") is None:
        print("setup: no PostgreSQL server here (initdb), so its tests skip", flush=True)
        return
    print("  initdb missing (needed for the tests on PostgreSQL)", flush=True)
    # Debian's package makes a cluster and starts it; with this it only brings the programs
    ensure_system_file("/etc/postgresql-common/createcluster.conf", "create_main_cluster = false\n")
    install_debian(["postgresql"])


def ensure_node(*, required: bool) -> None:
    """The tools that only npm carries (buf, grpc-js), from package-lock.json, into node_modules."""
    if not required and (shutil.which("node") is None or shutil.which("npm") is None):
        print("setup: no Node here, so the foreign gRPC client is not installed and its tests skip", flush=True)
        return
    ensure_tools(
        ["node", "npm"],
        debian=["nodejs", "npm"],
        brew="node",
        others="Install Node.js 18 or later with npm (https://nodejs.org).",
        needed_for="buf and the foreign gRPC client",
    )
    wanted = digest(ROOT / "package-lock.json")
    if NODE_STAMP.exists() and NODE_STAMP.read_text(encoding="utf-8").strip() == wanted:
        NODE_STAMP.touch()
        return
    print("setup: npm ci", flush=True)
    npm = ["npm", "--prefix", str(ROOT), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    run(npm, what="installing the npm tools")
    NODE_STAMP.write_text(wanted + "\n", encoding="utf-8")


def digest(path: Path) -> str:
    """sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
