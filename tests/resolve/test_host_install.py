"""Installing on a host of this platform: shown, done without a network, refused, and undone."""

import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from proxx_resolve_executor.command import main
from proxx_resolve_executor.discovery import Platform
from proxx_resolve_executor.install.carrying_out import carry_out
from proxx_resolve_executor.install.host_layout import host_layout
from proxx_resolve_executor.install.install_error import InstallError
from proxx_resolve_executor.install.plans import InstallRequest, User, install_steps, uninstall_steps
from proxx_resolve_executor.install.settings_text import FirstSettings
from proxx_resolve_executor.install.steps import MakeDirectory, RunCommand, WriteFile
from proxx_resolve_executor.settings import read_settings
from tests.resolve_simulator.install import install

HERE = Path(__file__).resolve()
BOOTSTRAP = HERE.parents[2] / "services" / "resolve_executor" / "install.py"
SETTINGS = FirstSettings(
    scheduler="127.0.0.1:7600",
    name="resolve-1",
    mounts=("media=/mnt/media",),
    ffmpeg="ffmpeg",
    ffprobe="ffprobe",
    resolve_path="/opt/resolve/bin/resolve",
    script_api="/opt/resolve/Developer/Scripting",
    python=sys.executable,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with a simulated Resolve in it that is found by its variables."""
    installation = install(root=tmp_path / "resolve")
    for name, value in {"HOME": str(tmp_path / "home"), **installation.environment()}.items():
        monkeypatch.setenv(name, value)
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "SUDO_USER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def test_a_dry_run_shows_everything_and_touches_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", "--dry-run", "--user", "--mount", "media=/mnt/media", "--python", sys.executable]) == 0
    said = capsys.readouterr().out
    base = home / ".local/share/proxx-resolve-executor"
    assert f"run     {sys.executable} -m venv --clear {base}/venv\n" in said
    assert 'mount = ["media=/mnt/media"]\n' in said
    assert f"ExecStart={base}/venv/bin/python -m proxx_resolve_executor run --config " in said
    assert said.endswith(f"remove  {base}\n")
    assert not home.exists()


def test_what_is_installed_is_found_by_the_executor_and_removed_again(home: Path) -> None:
    layout = host_layout(platform=Platform.LINUX, environment={"HOME": str(home)})
    user = User(uid=0, name="dit")
    request = InstallRequest(
        layout=layout,
        user=user,
        python=PurePosixPath(sys.executable),
        package=None,
        lock=None,
        settings=SETTINGS,
        installed=False,
        start=False,
    )
    said: list[str] = []
    carry_out(steps=install_steps(request=request), platform=Platform.LINUX, say=said.append)
    assert read_settings(["--config", str(layout.settings)]).name == "resolve-1"
    assert Path(layout.service).read_text().startswith("[Unit]\n")

    Path(layout.settings).write_text('mount = ["mine=/mnt"]\n')
    carry_out(steps=install_steps(request=request), platform=Platform.LINUX, say=said.append)
    assert f"write   {layout.settings} (unless it is there): it is there, and stays as it is" in said
    assert dict(read_settings(["--config", str(layout.settings)]).mounts) == {"mine": Path("/mnt")}

    Path(layout.venv).mkdir(parents=True)
    undo = [step for step in uninstall_steps(layout=layout, user=user) if not isinstance(step, RunCommand)]
    for _ in range(2):
        carry_out(steps=undo, platform=Platform.LINUX, say=said.append)
    assert [str(path) for path in home.rglob("*") if path.is_file()] == [str(layout.settings)]


@pytest.mark.parametrize(
    ("words", "variables", "message"),
    [
        pytest.param([], {}, "no --mount NAME=DIR", id="no root"),
        pytest.param(["--mount", "media=mnt"], {}, "expected NAME=absolute directory", id="a relative root"),
        pytest.param(["--mount", "a=/b"], {"SUDO_USER": "dit"}, 'this is sudo: run it as "dit"', id="sudo"),
        pytest.param(
            ["--mount", "a=/b"], {"PROXX_RESOLVE_PATH": "/no"}, "names no DaVinci Resolve", id="Resolve is absent"
        ),
        pytest.param(["--mount", "a=/b", "--python", "/bin/ls"], {}, "does not start, or is no Python", id="no Python"),
        pytest.param(
            ["--mount", "a=/b", "--package", "/bin/ls"], {}, "neither a wheel nor a checkout", id="no package"
        ),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_done(
    home: Path,
    words: list[str],
    variables: dict[str, str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(["install", *words]) == 1
    assert message in capsys.readouterr().err
    assert not home.exists()


def test_a_step_that_fails_is_named_with_what_its_command_said(tmp_path: Path) -> None:
    said: list[str] = []
    steps = (
        MakeDirectory(path=tmp_path / "a"),
        RunCommand(words=(sys.executable, "-c", "raise SystemExit('no such unit')")),
        WriteFile(path=tmp_path / "a" / "b", content=b""),
    )
    with pytest.raises(InstallError, match="ended with exit code 1: no such unit"):
        carry_out(steps=steps, platform=Platform.LINUX, say=said.append)
    assert said == [f"make    {tmp_path}/a"]
    assert list((tmp_path / "a").iterdir()) == []


def test_what_may_be_absent_is_no_failure(tmp_path: Path) -> None:
    said: list[str] = []
    steps = (RunCommand(words=(str(tmp_path / "no"), "stop"), may_fail=True),)
    carry_out(steps=steps, platform=Platform.LINUX, say=said.append)
    assert said == [f"run     {tmp_path}/no stop: there is no {tmp_path}/no here, which is no harm"]


@pytest.mark.parametrize("words", [["--help"], ["uninstall", "--dry-run"]], ids=["help", "uninstall"])
def test_the_bootstrap_needs_nothing_but_python(home: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(BOOTSTRAP), *words], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("verb", ["", "install", "uninstall", "doctor"], ids=["all", "install", "uninstall", "doctor"])
def test_help_loads_nothing_heavy(verb: str) -> None:
    """What costs time is what is imported: third parties, and the plumbing of the other commands."""
    words = [*([verb] if verb else []), "--help"]
    code = (
        f"import sys; from proxx_resolve_executor.command import main\ntry:\n main({words!r})\n"
        "except SystemExit: pass\n"
        "print(sorted({'grpc', 'pydantic', 'structlog', 'asyncio', 'plistlib', 'subprocess'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_word_that_is_no_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repair"]) == 64
    assert "there is no command 'repair'" in capsys.readouterr().err
