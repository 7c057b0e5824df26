"""The audit never says that all is well without having been answered."""

import json
import sys
from pathlib import Path

import pytest

from tools.supply.audit import Answer, ask_npm_audit, ask_pip_audit, judge

PIN = f"click==8.5.1 \\\n    --hash=sha256:{'a' * 64}\n"
VULNERABLE = {"name": "requests", "version": "2.19.0", "vulns": [{"id": "PYSEC-2018-28"}]}
CLEAN = {"name": "click", "version": "8.5.1", "vulns": []}
SKIPPED = {"name": "click", "skip_reason": "not found"}


def service(tmp_path: Path, *, canary: object, locks: object) -> tuple[str, ...]:
    """A program that answers one thing about the canary and another about everything else; None is no answer."""
    script = tmp_path / "service.py"
    script.write_text(
        "import json, sys\n"
        f"answers = json.loads({json.dumps(json.dumps({'canary': canary, 'locks': locks}))})\n"
        "answer = answers['canary' if 'proxx-audit-' in ' '.join(sys.argv) else 'locks']\n"
        "print(json.dumps(answer) if answer is not None else '')\n"
        "print('could not resolve host', file=sys.stderr)\n"
        "sys.exit(0 if answer is not None else 1)\n"
    )
    return (sys.executable, str(script))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-fuzz.lock"):
        (tmp_path / name).write_text(PIN)
    return tmp_path


def packages(*found: object) -> dict[str, object]:
    return {"dependencies": list(found), "fixes": []}


def test_a_service_that_knows_the_canary_and_nothing_of_the_locks_is_believed(root: Path) -> None:
    program = service(root, canary=packages(VULNERABLE), locks=packages(CLEAN))
    assert ask_pip_audit(program=program, root=root) == Answer(name="pip-audit", reached=True)


def test_what_is_vulnerable_is_named_with_its_lock(root: Path) -> None:
    program = service(root, canary=packages(VULNERABLE), locks=packages({**CLEAN, "vulns": [{"id": "CVE-1"}]}))
    found = ask_pip_audit(program=program, root=root).found
    assert found == tuple(
        f"{lock}: click 8.5.1 has CVE-1"
        for lock in ("requirements.lock", "requirements-dev.lock", "requirements-fuzz.lock")
    )


@pytest.mark.parametrize(
    ("canary", "locks", "why"),
    [
        pytest.param(None, packages(CLEAN), "exit code 1: could not resolve host", id="no answer"),
        pytest.param(packages({**VULNERABLE, "vulns": []}), packages(CLEAN), "it knows no vulnerability", id="empty"),
        pytest.param(packages(SKIPPED), packages(CLEAN), "1 of 1 packages were not looked up", id="canary left out"),
        pytest.param(packages(VULNERABLE), packages(CLEAN, SKIPPED), "1 of 2 packages", id="a package left out"),
        pytest.param(packages(VULNERABLE), packages(), "without a list", id="nothing looked at"),
        pytest.param(packages(VULNERABLE), None, "could not resolve host", id="gone in between"),
    ],
)
def test_a_service_that_does_not_answer_is_said_to_be_out_of_reach(
    root: Path, canary: object, locks: object, why: str
) -> None:
    answer = ask_pip_audit(program=service(root, canary=canary, locks=locks), root=root)
    assert (answer.reached, answer.found) == (False, ())
    assert why in answer.why


def test_npm_is_asked_in_the_same_way(root: Path) -> None:
    known: dict[str, object] = {"vulnerabilities": {"minimist": {"severity": "critical"}}}
    none: dict[str, object] = {"vulnerabilities": {}}
    refused: dict[str, object] = {"message": "405 Method Not Allowed"}

    def asked(canary: object, locks: object) -> Answer:
        return ask_npm_audit(program=service(root, canary=canary, locks=locks), root=root)

    assert asked(known, none) == Answer(name="npm audit", reached=True)
    assert asked(known, known).found == ("package-lock.json: minimist is vulnerable (critical)",)
    assert asked(refused, none) == Answer(name="npm audit", reached=False, why="405 Method Not Allowed")
    assert asked(none, none).reached is False


def test_a_program_that_is_not_there_is_out_of_reach(root: Path) -> None:
    answer = ask_npm_audit(program=("/nonexistent/npm",), root=root)
    assert answer.reached is False
    assert "/nonexistent/npm did not answer" in answer.why


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([Answer(name="a", reached=True)], 0),
        ([Answer(name="a", reached=True), Answer(name="b", reached=False, why="gone")], 3),
        ([Answer(name="a", reached=True, found=("x",)), Answer(name="b", reached=False, why="gone")], 1),
    ],
    ids=["all asked", "one silent", "one found something"],
)
def test_the_exit_code_says_it(answers: list[Answer], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(answers) == code
    assert ("CANNOT REACH b: gone" in capsys.readouterr().out) is any(not answer.reached for answer in answers)
