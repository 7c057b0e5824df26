"""`make audit-dependencies`: is anything in the locks known to be vulnerable? Never says yes without having asked.

Three questions: our own table (src/proxx/advisories/known.toml), offline; pip-audit over both Python locks; npm audit
over package-lock.json. Each service is first asked about a release that is known to be vulnerable: one that does not
name it cannot be reached, or knows nothing, and then the whole ends with exit code 3. 1: something is vulnerable.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from proxx.core.advisories import open_advisories
from proxx.runtime.advisory_files import builtin_advisories
from tools.stages import PYTHON, ROOT
from tools.supply.locked import read_python_lock

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-fuzz.lock")
PYTHON_CANARY = "requests==2.19.0"
NPM_CANARY = ("minimist", "0.0.8")
SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one question came to. `reached` is False when nobody answered; `found` are the vulnerabilities."""

    name: str
    reached: bool
    found: tuple[str, ...] = ()
    why: str = ""


def ask_table(*, root: Path) -> Answer:
    """Compare the locks with our own table of first releases without a known vulnerability."""
    known = builtin_advisories()
    found = []
    for lock in LOCKS:
        for package in read_python_lock(root / lock):
            still = open_advisories(known=known, package=package.name, version=package.version) or ()
            found += [f"{lock}: {package.name} {package.version} has {item.id}: {item.what}" for item in still]
    return Answer(name="own table", reached=True, found=tuple(found))


def ask_pip_audit(*, program: Sequence[str], root: Path) -> Answer:
    """Ask pip-audit, the canary first."""
    name = "pip-audit"
    with tempfile.TemporaryDirectory(prefix="proxx-audit-") as folder:
        canary = Path(folder, "canary.txt")
        canary.write_text(PYTHON_CANARY + "\n", encoding="utf-8")
        said = _pip_audit(program, canary, ("--no-deps",))
    if isinstance(said, str) or not said:
        why = said if isinstance(said, str) else f"it knows no vulnerability of {PYTHON_CANARY}, which has several"
        return Answer(name=name, reached=False, why=why)
    found: list[str] = []
    for lock in LOCKS:
        answer = _pip_audit(program, root / lock, ("--require-hashes",))
        if isinstance(answer, str):
            return Answer(name=name, reached=False, why=f"{lock}: {answer}")
        found += [f"{lock}: {line}" for line in answer]
    return Answer(name=name, reached=True, found=tuple(found))


def _pip_audit(program: Sequence[str], file: Path, more: Sequence[str]) -> list[str] | str:
    """Return the vulnerabilities, or why there is no answer. A package that it left out is no answer."""
    argv = [*program, "--disable-pip", "--format", "json", "--progress-spinner", "off", "-r", str(file), *more]
    document = _json_of(argv)
    if isinstance(document, str):
        return document
    packages = document.get("dependencies")
    if not isinstance(packages, list) or not packages:
        return "it answered without a list of packages"
    if left_out := [item for item in packages if "skip_reason" in item]:
        return f"{len(left_out)} of {len(packages)} packages were not looked up: {left_out[0]['skip_reason'][:200]}"
    return [
        f"{item['name']} {item['version']} has {vulnerability['id']}"
        for item in packages
        for vulnerability in item.get("vulns", ())
    ]


def ask_npm_audit(*, program: Sequence[str], root: Path) -> Answer:
    """Ask npm audit, the canary first."""
    name = "npm audit"
    with tempfile.TemporaryDirectory(prefix="proxx-audit-") as folder:
        package, version = NPM_CANARY
        entry = {"version": version, "resolved": f"https://registry.npmjs.org/{package}/-/{package}-{version}.tgz"}
        root_entry = {"name": "canary", "version": "0.0.0", "dependencies": {package: version}}
        lock = {"lockfileVersion": 3, "packages": {"": root_entry, f"node_modules/{package}": entry}}
        Path(folder, "package.json").write_text(json.dumps(root_entry), encoding="utf-8")
        Path(folder, "package-lock.json").write_text(json.dumps({**root_entry, **lock}), encoding="utf-8")
        said = _npm_audit(program, Path(folder))
    if isinstance(said, str) or not said:
        why = said if isinstance(said, str) else f"it knows no vulnerability of {package} {version}, which has some"
        return Answer(name=name, reached=False, why=why)
    answer = _npm_audit(program, root)
    if isinstance(answer, str):
        return Answer(name=name, reached=False, why=answer)
    return Answer(name=name, reached=True, found=tuple(f"package-lock.json: {line}" for line in answer))


def _npm_audit(program: Sequence[str], folder: Path) -> list[str] | str:
    document = _json_of([*program, "audit", "--package-lock-only", "--json", "--prefix", str(folder)])
    if isinstance(document, str):
        return document
    found = document.get("vulnerabilities")
    if not isinstance(found, dict):
        return str(document.get("message") or document.get("error") or "it answered without vulnerabilities")[:300]
    return [f"{package} is vulnerable ({item.get('severity', 'unknown')})" for package, item in found.items()]


def _json_of(argv: Sequence[str]) -> dict[str, object] | str:
    """Run a tool that prints one JSON object; return it, or why there is none. Its exit code says nothing more."""
    try:
        done = subprocess.run(list(argv), capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{argv[0]} did not answer: {error}"
    try:
        document = json.loads(done.stdout)
    except ValueError:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        return f"exit code {done.returncode}: {lines[-1][:300] if lines else 'it said nothing'}"
    return document if isinstance(document, dict) else "it answered with something else than an object"


def judge(answers: Sequence[Answer]) -> int:
    """Print what was found and what was not asked. Returns 0; 1 for a vulnerability; 3 where somebody is silent."""
    for answer in answers:
        if not answer.reached:
            print(f"CANNOT REACH {answer.name}: {answer.why}")
        elif answer.found:
            print(f"{answer.name}: {len(answer.found)} vulnerable")
            print("".join(f"  {line}\n" for line in answer.found), end="")
        else:
            print(f"{answer.name}: nothing known")
    if any(answer.found for answer in answers):
        return 1
    if any(not answer.reached for answer in answers):
        print(
            "This is no answer: nothing was found, and not everybody could be asked. Run it where they can be reached."
        )
        return 3
    return 0


def main() -> int:
    """Ask everybody."""
    parser = argparse.ArgumentParser(description="Look the dependencies up in the services of known vulnerabilities.")
    parser.add_argument("--offline", action="store_true", help="our own table only")
    answers = [ask_table(root=ROOT)]
    if not parser.parse_args().offline:
        answers.append(ask_pip_audit(program=(PYTHON, "-m", "pip_audit"), root=ROOT))
        answers.append(ask_npm_audit(program=("npm",), root=ROOT))
    return judge(answers)


if __name__ == "__main__":
    sys.exit(main())
