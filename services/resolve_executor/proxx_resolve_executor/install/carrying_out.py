"""Does the steps of an installation, each said before it is done."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from proxx_resolve_executor.discovery import Platform
from proxx_resolve_executor.install.install_error import InstallError
from proxx_resolve_executor.install.steps import MakeDirectory, Remove, RunCommand, Step, WriteFile, step_line


def carry_out(*, steps: Iterable[Step], platform: Platform, say: Callable[[str], None]) -> None:
    """Do the steps in order.

    Raises:
        InstallError: one failed; those before it are done, and doing all again is safe.
    """
    for step in steps:
        line = step_line(step=step, platform=platform)
        try:
            say(line + _done(step))
        except OSError as error:
            raise InstallError(f"{line}: {error.strerror or error}") from error


def _done(step: Step) -> str:
    """Do one step; returns what is to be added to its line."""
    match step:
        case WriteFile(path=path, content=content, keep=keep):
            return _write(Path(path), content, keep=keep)
        case MakeDirectory(path=path):
            Path(path).mkdir(parents=True, exist_ok=True)
            return ""
        case Remove(path=path):
            return _remove(Path(path))
        case RunCommand(words=words, may_fail=may_fail):
            return _run(words, may_fail=may_fail)


def _write(path: Path, content: bytes, *, keep: bool) -> str:
    if keep and path.exists():
        return ": it is there, and stays as it is" if path.read_bytes() != content else ""
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return ""


def _remove(path: Path) -> str:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
        return ""
    if not path.exists() and not path.is_symlink():
        return ": it is not there"
    path.unlink()
    return ""


def _run(words: tuple[str, ...], *, may_fail: bool) -> str:
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"},
            check=False,
        )
    except FileNotFoundError:
        if may_fail:
            return f": there is no {words[0]} here, which is no harm"
        raise
    if done.returncode == 0:
        return ""
    said = done.stdout.decode("utf-8", "replace").strip()[-2000:]
    if may_fail:
        return f": exit code {done.returncode}, which is no harm"
    raise InstallError(f"{words[0]} ended with exit code {done.returncode}: {said or 'it said nothing'}")
