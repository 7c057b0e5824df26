"""Service definitions: each as it is on disk, read by whoever reads it there."""

import plistlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from proxx_resolve_executor.install.service_text import launchd_plist, run_words, systemd_unit, windows_task

GOLDEN = Path(__file__).parent / "service_texts"
MAC = PurePosixPath("/Users/dit/Library")
WINDOWS = PureWindowsPath("C:\\Users\\D & T\\AppData\\Local\\Proxx")


def mac_words() -> tuple[str, ...]:
    own = MAC / "Application Support/Proxx"
    return run_words(python=own / "resolve_executor/venv/bin/python", settings=own / "resolve_executor.toml")


def windows_words() -> tuple[str, ...]:
    return run_words(
        python=WINDOWS / "resolve_executor\\venv\\Scripts\\python.exe", settings=WINDOWS / "resolve_executor.toml"
    )


def test_the_unit_of_systemd() -> None:
    home = PurePosixPath("/home/dit")
    words = run_words(
        python=home / ".local/share/proxx-resolve-executor/venv/bin/python",
        settings=home / ".config/proxx/resolve_executor.toml",
    )
    assert systemd_unit(words=words) == (GOLDEN / "linux.service").read_text()


def test_the_agent_of_launchd() -> None:
    text = launchd_plist(words=mac_words(), log=MAC / "Logs/Proxx/resolve_executor.log")
    assert text == (GOLDEN / "macos.plist").read_text()
    assert plistlib.loads(text.encode())["ProgramArguments"] == list(mac_words())


def test_the_task_of_windows() -> None:
    text = windows_task(words=windows_words(), user="STUDIO\\D & T")
    assert text == (GOLDEN / "windows.xml").read_text()
    # bytes as they are written: the declaration must be true of them, or schtasks refuses the file
    task = ElementTree.fromstring(text.encode("utf-16"))  # noqa: S314  our own text
    named = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    arguments = task.findtext("t:Actions/t:Exec/t:Arguments", namespaces=named)
    assert arguments == f'-m proxx_resolve_executor run --config "{WINDOWS}\\resolve_executor.toml"'
    assert task.findtext("t:Principals/t:Principal/t:UserId", namespaces=named) == "STUDIO\\D & T"


@pytest.mark.parametrize(
    ("path", "word"),
    [
        pytest.param("/opt/a", "/opt/a", id="plain"),
        pytest.param("/opt/a b", '"/opt/a b"', id="a space"),
        pytest.param("/opt/100%", '"/opt/100%%"', id="a percent sign, which systemd replaces"),
        pytest.param("/opt/$HOME", '"/opt/$$HOME"', id="a dollar sign, which systemd replaces"),
        pytest.param('/opt/"a"', '"/opt/\\"a\\""', id="quotation marks"),
        pytest.param("/opt/it's", '"/opt/it\'s"', id="an apostrophe"),
    ],
)
def test_nothing_in_a_path_means_anything_to_systemd(path: str, word: str) -> None:
    unit = systemd_unit(words=run_words(python=PurePosixPath("/usr/bin/python3"), settings=PurePosixPath(path)))
    assert f"run --config {word}\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "proxx-resolve-executor.service"
    settings = tmp_path / "50% of it.toml"
    unit.write_text(systemd_unit(words=run_words(python=PurePath(sys.executable), settings=settings)))
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
