"""What Proxx is measured against: the same encodes by bare ffmpeg, run by `xargs -P` with the same concurrency."""

import resource
import shlex
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proxx.core.command_paths import fill_placeholders
from proxx.core.facts import MediaFacts
from proxx.core.plain import from_plain
from proxx.core.plan import PlanInputs
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.runtime.profile_files import builtin_library


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took: seconds of wall time, seconds of CPU time of every process that took part."""

    wall: float
    cpu: float


def bare_lines(*, result: dict[str, Any], directory: Path) -> list[str]:
    """The encodes alone: the plans of the result without their witness, writing below `directory` instead."""
    commands = (_bare(clip=clip, spec=result["jobspec"], directory=directory) for clip in result["clips"])
    return [f"{shlex.join(command)} > /dev/null" for command in commands]


def checked_lines(*, result: dict[str, Any], directory: Path) -> list[str]:
    """The encodes, and each output decoded to the end and hashed: what proxx.engine.measure does for a verdict."""
    lines = []
    for clip, encode in zip(result["clips"], bare_lines(result=result, directory=directory), strict=True):
        output = str(directory / Path(clip["resolved_output_path"]).name)
        decode = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", output, "-map", "0:v", "-map", "0:a?"]
        check = shlex.join([*decode, "-f", "framecrc", "-"]) + " > /dev/null"
        lines.append(f"{encode} && {check} && {shlex.join(['sha256sum', output])}")
    return lines


def run_lines(*, lines: Sequence[str], concurrency: int, directory: Path) -> Cost:
    """Run the lines with xargs and measure.

    Raises:
        RuntimeError: a line failed; carries what was said.
    """
    file = directory / "lines"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    argv = ["xargs", "-a", str(file), "-d", "\\n", "-n", "1", "-P", str(concurrency), "sh", "-c"]
    before = _children_cpu()
    started = time.monotonic()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    wall = time.monotonic() - started
    if done.returncode != 0:
        raise RuntimeError(
            f"xargs ended with exit code {done.returncode}:\n{done.stderr.decode('utf-8', 'replace')[-3000:]}"
        )
    return Cost(wall=wall, cpu=_children_cpu() - before)


def _bare(*, clip: dict[str, Any], spec: dict[str, Any], directory: Path) -> list[str]:
    """The clip's plan without a witness, as a command that writes below `directory`: what a script would run."""
    profile = builtin_library().get(str(clip["profile_name"]))
    if profile is None:
        raise RuntimeError(f"no shipped profile is named {clip['profile_name']}")
    output = Path(clip["resolved_output_path"])
    inputs = PlanInputs(
        source=RootPath(root="bench", path=str(clip["source_path"]).lstrip("/")),
        output=RootPath(root="bench", path=str(output).lstrip("/")),
        facts=from_plain(MediaFacts, clip["source_facts"]),
        profile=replace(profile, witness=False),
        codec=str(spec["codec"]),
        container=str(spec["container"]),
        resolution=str(spec["resolution"]),
        fps=None,
    )
    argv = plan_clip(inputs=inputs).argv
    source = Path(clip["source_path"])
    return list(fill_placeholders(argv=argv, tool="ffmpeg", source=source, output=directory / output.name))


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
