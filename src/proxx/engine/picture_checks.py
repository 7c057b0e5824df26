"""Runs the optional picture checks of a plan over a staged proxy."""

from collections.abc import Callable, Mapping
from pathlib import Path

from proxx.core.command_paths import fill_placeholders
from proxx.core.failure import FailureKind
from proxx.core.picture_checks import PictureChecks
from proxx.core.picture_findings import judge_pictures
from proxx.core.picture_log import PictureLog
from proxx.core.plan import Plan
from proxx.core.verdict import Check
from proxx.engine.classify import tool_failure
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.evidence import PathEvidence
from proxx.engine.oom import oom_kills
from proxx.engine.tool import ToolEnd, ToolRequest, ToolRunner


async def check_pictures(
    *,
    runner: ToolRunner,
    ffmpeg: str,
    plan: Plan,
    checks: PictureChecks,
    source: Path,
    proxy: Path,
    assets: Mapping[str, Path],
    evidence: tuple[PathEvidence, ...] = (),
    memory_limit_bytes: int | None = None,
    count_oom_kills: Callable[[], int | None] = oom_kills,
) -> tuple[Check, ...]:
    """Look at the proxy, and at the source where likeness is asked, and return what the profile's checks say.

    `evidence` says which files source and proxy are. `count_oom_kills` is read before and after, so that a kill for
    want of memory is named.

    Raises:
        StepFailedError: the tool is absent, was killed, ran out of time, or could not read to the end.
    """
    log = PictureLog(tracks=len(plan.expected.audio))
    argv = fill_placeholders(argv=plan.checks_argv, tool=ffmpeg, source=source, output=proxy, assets=assets)
    request = ToolRequest(
        argv=argv,
        readable=(source, proxy, *assets.values()),
        timeout_seconds=plan.timeout_seconds,
        stall_seconds=plan.stall_seconds,
        memory_limit_bytes=memory_limit_bytes,
        evidence=evidence,
    )
    kills_before = count_oom_kills()
    result = await runner.run(request, on_line=log.feed)
    oom_killed = count_oom_kills() != kills_before
    failure = tool_failure(result=result, plan=plan, directory=proxy.parent, oom_killed=oom_killed)
    if failure is not None:
        raise StepFailedError(failure)
    if result.end is not ToolEnd.EXITED:
        raise failed(FailureKind.TOOL_KILLED, f"the picture checks ended early: {result.end.value}")
    seconds = plan.expected.frame_count / plan.expected.frame_rate
    return judge_pictures(checks=checks, found=log.findings(seconds=seconds))
