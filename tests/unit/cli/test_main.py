"""The command line as a whole: help, usage errors, exit codes, start-up."""

import subprocess
import sys

import pytest

from proxx.cli.exits import ExitCode, exit_code_for
from proxx.cli.main import COMMANDS, run_cli
from proxx.core.jobs import JobState


def test_help_names_every_command_on_stdout(capsys):
    assert run_cli(["--help"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert set(COMMANDS) <= set(out.split("Commands:")[1].split())


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name, capsys):
    assert run_cli([name, "--help"]) == 0
    assert f"Usage: proxx {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "Usage: proxx", id="no command"),
        pytest.param(["frobnicate"], "No such command 'frobnicate'", id="unknown command"),
        pytest.param(["run", "--frob"], "No such option", id="unknown option"),
        pytest.param(["run"], "give a JobSpec file, or --resume ID", id="missing argument"),
        pytest.param(["run", "job.json", "--resume", "x"], "give a JobSpec file, or --resume ID", id="too much"),
        pytest.param(["run", "job.json", "--priority", "1000"], "1000", id="value out of range"),
        pytest.param(["up", "--listen", "0.0.0.0:7600"], "--insecure", id="open listener"),
        pytest.param(["up", "--listen", "nonsense"], "expected host:port", id="malformed address"),
        pytest.param(["up", "--root", "footage"], "expected NAME=/absolute/directory", id="malformed root"),
    ],
)
def test_usage_errors_end_with_64_and_say_why_on_stderr(arguments, said, capsys):
    assert run_cli(arguments) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_a_hostile_argument_cannot_reach_the_terminal(capsys):
    assert run_cli(["\x1b]0;owned\x07"]) == ExitCode.USAGE
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("state", "completed", "code"),
    [
        pytest.param(JobState.COMPLETED, 2, 0, id="completed"),
        pytest.param(JobState.REJECTED, 0, 1, id="rejected"),
        pytest.param(JobState.FAILED, 0, 2, id="failed"),
        pytest.param(JobState.CANCELLED, 0, 2, id="cancelled with nothing published"),
        pytest.param(JobState.PARTIAL, 1, 3, id="partial"),
        pytest.param(JobState.CANCELLED, 1, 3, id="cancelled with something published"),
        pytest.param(JobState.RECOVERY_REQUIRED, 1, 4, id="in doubt"),
        pytest.param(JobState.RUNNING, 1, 4, id="not finished"),
    ],
)
def test_every_end_of_a_job_has_its_exit_code(state, completed, code):
    assert exit_code_for(state=state, completed=completed) == code


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from proxx.cli.main import run_cli; run_cli(['--help']);"
        "heavy = {'grpc', 'google.protobuf', 'pydantic', 'rich', 'sqlalchemy', 'structlog', 'asyncio'};"
        "sys.exit(str(sorted(heavy & set(sys.modules))) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_program(shell, capsys):
    assert run_cli(["completion", shell]) == 0
    assert "_PROXX_COMPLETE" in capsys.readouterr().out


def test_completion_offers_commands_with_their_help(monkeypatch, capsys):
    monkeypatch.setenv("_PROXX_COMPLETE", "fish_complete")
    monkeypatch.setenv("COMP_WORDS", "proxx va")
    monkeypatch.setenv("COMP_CWORD", "va")
    with pytest.raises(SystemExit):
        run_cli([])
    assert "validate" in capsys.readouterr().out
