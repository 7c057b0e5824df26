"""`make demo`: generate camera-like footage, make proxies of it with the real command line, show what was proven."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.footage.kind import ClipKind
from tests.footage.make import make_footage
from tests.footage.recipes import RECIPES
from tools.demo_proof import differences_between_runs, differences_from_recipe
from tools.demo_table import count_checks, render, result_rows
from tools.stages import ROOT

HERE = ROOT / "demo-out"
PROXX = ROOT / ".venv" / "bin" / "proxx"
RUN_TIMEOUT_SECONDS = 150


def main() -> int:
    """Footage, two runs, table, proof. 0 only when everything that is claimed was found on disk."""
    shutil.rmtree(HERE, ignore_errors=True)
    started = time.monotonic()
    footage = make_footage(HERE / "footage")
    print(
        f"Generated {len(footage)} clips in {shown(HERE / 'footage')} ({time.monotonic() - started:.1f} s)", flush=True
    )
    one_core = one_core_prefix()
    first = run_job(name="first", sources=footage, prefix=[])
    second = run_job(name="second", sources=footage, prefix=one_core)
    if first is None or second is None:
        return 1
    print(f"\n{render(result_rows(first))}\n")
    lines = differences_between_runs(first=first, second=second)
    for kind, clip in zip(ClipKind, first["clips"], strict=True):
        lines += differences_from_recipe(recipe=RECIPES[kind], proxy=Path(clip["resolved_output_path"]))
    if lines:
        print("NOT PROVEN:", *lines, sep="\n  ")
        return 1
    print(proof(result=first, clips=len(footage), one_core=bool(one_core)))
    return 0


def run_job(*, name: str, sources: tuple[Path, ...], prefix: list[str]) -> dict[str, Any] | None:
    """Write a JobSpec and run it as a user would. None when it did not complete; what went wrong is printed."""
    proxies = HERE / name
    proxies.mkdir()
    job = HERE / f"{name}.job.json"
    job.write_text(json.dumps(job_spec(sources=sources, proxies=proxies), indent=2) + "\n", encoding="utf-8")
    argv = [*prefix, str(PROXX), "run", str(job)]
    print(f"\n$ {' '.join([*prefix, 'proxx run', shown(job)])}", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=RUN_TIMEOUT_SECONDS, check=False
    )
    print(f"exit code {done.returncode} after {time.monotonic() - started:.1f} s", flush=True)
    (HERE / f"{name}.result.json").write_bytes(done.stdout)
    if not done.stdout:
        print("NOT PROVEN: no result on stdout")
        return None
    result: dict[str, Any] = json.loads(done.stdout)
    if done.returncode == 0 and result["final_status"] == "COMPLETED":
        return result
    print(f"NOT PROVEN: the job ended {result['final_status']}")
    for violation in result["violations"]:
        print(f"  {violation['field']}: {violation['message']}")
    for clip in result["clips"]:
        if clip["failure_reason"]:
            print(f"  {Path(clip['source_path']).name}: {clip['status']}: {clip['failure_reason']}")
    return None


def job_spec(*, sources: tuple[Path, ...], proxies: Path) -> dict[str, object]:
    """One JobSpec 2.1 over all clips. A fixed creation time keeps the two runs alike."""
    return {
        "jobspec_version": "2.1",
        "job_id": "de300001",
        "created_at": "2025-11-20T10:00:00+00:00",
        "sources": [str(path) for path in sources],
        "output_directory": str(proxies),
        "codec": "prores_proxy",
        "container": "mov",
        "resolution": "same",
        "naming_template": "{index}_{source_name}_proxy",
        "proxy_profile": "proxy_prores_proxy",
        "user_metadata": {"project": "Proxx demo"},
    }


def one_core_prefix() -> list[str]:
    """How to start a program on a single core here; empty where the system cannot."""
    if shutil.which("taskset") is None or not hasattr(os, "sched_getaffinity"):
        return []
    return ["taskset", "-c", str(min(os.sched_getaffinity(0)))]


def proof(*, result: dict[str, Any], clips: int, one_core: bool) -> str:
    """The two lines."""
    counts = count_checks(result)
    warned = f", {counts['WARN']} with a warning" if counts["WARN"] else ""
    where = "on one core " if one_core else ""
    return (
        f"{clips} clips, {sum(counts.values())} checks measured, {counts['PASS']} passed{warned}; ffprobe alone finds "
        "the frames, rates, timecodes and audio tracks that the footage was made with.\n"
        f"A second run {where}into another folder made the same {clips} proxies, byte for byte."
    )


def shown(path: Path) -> str:
    """A path as seen from the checkout."""
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
