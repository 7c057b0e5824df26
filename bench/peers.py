"""What Proxx is measured against: the same ffmpeg command lines, run by `xargs -P` with the same concurrency."""

import resource
import shlex
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took: seconds of wall time, seconds of CPU time of every process that took part."""

    wall: float
    cpu: float


def bare_lines(*, result: dict[str, Any], directory: Path) -> list[str]:
    """The encodes alone: the commands of the result, writing below `directory` instead."""
    return [shlex.join(_moved(clip=clip, directory=directory)) + " > /dev/null" for clip in result["clips"]]


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


def _moved(*, clip: dict[str, Any], directory: Path) -> list[str]:
    """The recorded command with its last argument, the file that it wrote, moved below `directory`."""
    *command, written = [str(argument) for argument in clip["engine_command"]]
    output = Path(clip["resolved_output_path"])
    if Path(written).suffix != output.suffix:
        raise RuntimeError(f"the recorded command does not end with a {output.suffix} file but with {written}")
    protocol = "file:" if written.startswith("file:") else ""
    return [*command, f"{protocol}{directory / output.name}"]


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
