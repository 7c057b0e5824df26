"""A real FFmpeg executor beside the simulated ones, and a job of tiny clips that it has to complete under attack."""

import asyncio
import contextlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from proxx.core.jobs import SubmissionOptions
from proxx.rpc.client import SchedulerClient

_CLIP_SECONDS = 1


@contextlib.contextmanager
def ffmpeg_executor(address: str, directory: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one with a single slot while the block runs."""
    argv = [sys.executable, "-m", "proxx_ffmpeg_executor", "--scheduler", address, "--name", "real", "--slots", "1"]
    argv += ["--mount", "local=/", "--log-level", "warning", "--health", "off", "--metrics", "off"]
    with (directory / "executor.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, cwd=directory)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def make_clips(directory: Path, *, count: int) -> list[Path]:
    """Make tiny sources."""
    directory.mkdir()
    clips = [directory / f"A001C{number:03d}.mov" for number in range(count)]
    source = f"testsrc=size=320x180:rate=25:duration={_CLIP_SECONDS}"
    for clip in clips:
        argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", "-c:v", "mjpeg"]
        subprocess.run([*argv, "-timecode", "01:00:00:00", str(clip)], check=True)
    return clips


async def submit_clips(client: SchedulerClient, clips: list[Path], *, output: Path) -> str:
    """Submit one job of these clips. Returns its key."""
    await asyncio.to_thread(output.mkdir)
    spec = {
        "jobspec_version": "2.1", "sources": [str(clip) for clip in clips], "output_directory": str(output),
        "codec": "h264", "container": "mp4", "resolution": "half", "naming_template": "{source_name}_proxy",
        "proxy_profile": "proxy_h264_low",
    }  # fmt: skip
    job, _ = await client.submit_job(
        request_id=uuid.uuid4().hex, spec_json=json.dumps(spec), options=SubmissionOptions(max_parallel_clips=1)
    )
    return job.job_key
