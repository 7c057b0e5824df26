"""A package of another digest than the lock's stops the installation: with the very command that `make setup` runs."""

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.locked_install import locked_install, own_install

ROOT = Path(__file__).resolve().parents[4]
PIP = re.compile(r"""["']-m["'],\s*["']pip["']|\bpip3? (?:install|download)\b""")


def wheel(directory: Path, *, content: str) -> Path:
    """The wheel of a package `thing` with one module of that content; its own record is right."""
    path = directory / "thing-1.0-py3-none-any.whl"
    files = {
        "thing.py": content,
        "thing-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n",
        "thing-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_record_digest(text)},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "thing-1.0.dist-info/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


def _record_digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def install(tmp_path: Path, lock_text: str) -> subprocess.CompletedProcess[str]:
    lock, target = tmp_path / "requirements.lock", tmp_path / "installed"
    lock.write_text(lock_text)
    index = ("--no-index", "--find-links", str(tmp_path), "--target", str(target), "--isolated")
    argv = locked_install(python=sys.executable, lock=lock, more=index)
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.mark.process
def test_a_substituted_wheel_stops_the_build(tmp_path: Path) -> None:
    good = hashlib.sha256(wheel(tmp_path, content="answer = 42\n").read_bytes()).hexdigest()
    pinned = f"thing==1.0 \\\n    --hash=sha256:{good}\n"
    first = install(tmp_path, pinned)
    assert first.returncode == 0, first.stderr
    assert (tmp_path / "installed" / "thing.py").read_text() == "answer = 42\n"

    (tmp_path / "installed" / "thing.py").unlink()
    wheel(tmp_path, content="answer = 666\n")
    swapped = install(tmp_path, pinned)
    assert swapped.returncode != 0
    assert "DO NOT MATCH THE HASHES" in swapped.stderr
    assert not (tmp_path / "installed" / "thing.py").exists()

    unpinned = install(tmp_path, "thing==1.0\n")
    assert unpinned.returncode != 0
    assert "hash" in unpinned.stderr.lower()


def test_nothing_but_the_locked_command_calls_pip() -> None:
    places = [ROOT / "Makefile", ROOT / ".ci" / "run", *ROOT.glob("tools/**/*.py"), *ROOT.glob("bench/**/*.py")]
    calls = sorted(path.relative_to(ROOT).as_posix() for path in places if PIP.search(path.read_text(encoding="utf-8")))
    assert calls == ["tools/locked_install.py"]


def test_the_command_wants_a_digest_of_everything_and_the_checkout_fetches_nothing() -> None:
    assert "--require-hashes" in locked_install(python="python", lock=Path("x.lock"))
    assert {"--no-deps", "--no-build-isolation"} <= set(own_install(python="python", root=Path()))
