"""Run named commands one after another, and say for each how long it took and how it ended."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = str(ROOT / ".venv" / "bin" / "python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One command. `skip` is the reason why there is nothing to run; empty runs it."""

    name: str
    argv: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    skip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOutcome:
    """How a stage ended. `exit_code` is None for a skipped stage."""

    stage: Stage
    exit_code: int | None
    seconds: float

    @property
    def word(self) -> str:
        """One word for the table."""
        if self.exit_code is None:
            return f"skipped: {self.stage.skip}"
        return "ok" if self.exit_code == 0 else f"FAILED, exit code {self.exit_code}"


def run_stages(stages: Sequence[Stage], *, stop_at_failure: bool) -> int:
    """Run them in the checkout's root, print a table at the end, return 0 when every stage that ran succeeded."""
    outcomes: list[StageOutcome] = []
    for stage in stages:
        outcome = _run(stage)
        outcomes.append(outcome)
        if stop_at_failure and outcome.exit_code not in (0, None):
            break
    width = max(len(outcome.stage.name) for outcome in outcomes)
    print(flush=True)
    for outcome in outcomes:
        print(f"  {outcome.stage.name:<{width}}  {outcome.seconds:7.1f} s  {outcome.word}")
    for stage in stages[len(outcomes) :]:
        print(f"  {stage.name:<{width}}        -    not run")
    print(f"  {'total':<{width}}  {sum(outcome.seconds for outcome in outcomes):7.1f} s", flush=True)
    return 0 if all(outcome.exit_code in (0, None) for outcome in outcomes) else 1


def _run(stage: Stage) -> StageOutcome:
    print(f"\n== {stage.name}", flush=True)
    if stage.skip:
        print(stage.skip, flush=True)
        return StageOutcome(stage=stage, exit_code=None, seconds=0.0)
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    started = time.monotonic()
    done = subprocess.run(list(stage.argv), cwd=ROOT, env={**os.environ, "PATH": path, **stage.env}, check=False)
    sys.stdout.flush()
    return StageOutcome(stage=stage, exit_code=done.returncode, seconds=time.monotonic() - started)
