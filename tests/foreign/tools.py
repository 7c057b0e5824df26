"""Runs the tools of foreign clients and reads what they print."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
PROTOS = PROJECT / "protos"
BUF = PROJECT / "node_modules" / ".bin" / "buf"
GRPC_JS = PROJECT / "node_modules" / "@grpc" / "grpc-js"
SECONDS = 40

needs_buf = pytest.mark.skipif(not BUF.exists(), reason="node_modules has no buf: run `make setup` with npm")
needs_node = pytest.mark.skipif(
    not GRPC_JS.exists() or shutil.which("node") is None,
    reason="no node, or node_modules has no @grpc/grpc-js: run `make setup` with npm",
)


async def run(*argv: str | Path, allow_failure: bool = False) -> tuple[int, str, str]:
    """Run a tool from the project's root. Returns exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=PROJECT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    code = process.returncode
    assert code is not None
    assert allow_failure or code == 0, err.decode()
    return code, out.decode(), err.decode()


async def curl(address: str, method: str, request: object, *, allow_failure: bool = False) -> Any:
    """Call one method of the JobService with buf curl; returns the answer, or the error, as JSON."""
    argv: list[str | Path] = [BUF, "curl", "--protocol", "grpc", "--http2-prior-knowledge", "--schema", PROTOS]
    argv += ["--data", json.dumps(request), f"http://{address}/proxx.api.jobs.v1.JobService/{method}"]
    code, out, err = await run(*argv, allow_failure=allow_failure)
    return json.loads(out if code == 0 else err)
