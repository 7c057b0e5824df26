"""The one way in which the tools install Python packages: pinned, by the digest of every file, asking nobody.

Standard library only, for any Python 3.7 or later: `make setup` uses it before there is anything else.
"""

from __future__ import annotations

from pathlib import Path


def locked_install(*, python: str, lock: Path, more: tuple[str, ...] = ()) -> list[str]:
    """Return the command that installs a lock file; a file with another digest, or one without, stops it."""
    quiet = ("--disable-pip-version-check", "--no-input", "install", "--quiet")
    return [python, "-m", "pip", *quiet, "--require-hashes", *more, "-r", str(lock)]


def locked_download(*, python: str, lock: Path, folder: Path) -> list[str]:
    """Return the command that fetches the files of a lock into a folder and installs nothing."""
    quiet = ("--disable-pip-version-check", "--no-input", "--quiet")
    return [
        python,
        "-m",
        "pip",
        "download",
        *quiet,
        "--require-hashes",
        "--no-deps",
        "--dest",
        str(folder),
        "-r",
        str(lock),
    ]


def own_install(*, python: str, root: Path) -> list[str]:
    """Return the command that installs this checkout itself. Its build backend is locked, so nothing is fetched."""
    quiet = ("--disable-pip-version-check", "--no-input", "install", "--quiet")
    return [python, "-m", "pip", *quiet, "--no-deps", "--no-build-isolation", "--editable", str(root)]
