"""Measuring a staged proxy: facts from probing it, and what one full decode gives."""

from dataclasses import dataclass
from pathlib import Path

from proxx.core.failure import FailureKind
from proxx.core.plan import Plan
from proxx.core.planner.codec_rules import DEMUXERS
from proxx.core.roots import RootPath
from proxx.core.steps import Measured
from proxx.engine.classify import tool_failure
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.framecrc import FramecrcCounter
from proxx.engine.probe import probe_source
from proxx.engine.together import together
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult, ToolRunner

MOST_STREAMS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where the tools are: names to be found on PATH, or paths."""

    ffmpeg: str
    ffprobe: str


async def measure(
    *,
    runner: ToolRunner,
    tools: Tools,
    path: Path,
    staged: RootPath,
    plan: Plan,
    source_errors: tuple[str, ...],
) -> Measured:
    """Probe and decode the staged proxy at `path` and return what was found. Judges nothing.

    `source_errors` are the error lines of the encode. The source has been compared before, so it is unchanged.

    Raises:
        StepFailedError: a tool is absent, was killed, ran out of time, or the proxy is not readable at all.
    """
    counter = FramecrcCounter()
    probed, decode = await together(
        probe_source(runner=runner, path=path, source=staged, ffprobe=tools.ffprobe),
        runner.run(_decode_request(tools.ffmpeg, path, plan), on_line=counter.feed),
    )
    if decode.end is not ToolEnd.EXITED:
        failure = tool_failure(result=decode, plan=plan, directory=path.parent, oom_killed=False)
        raise StepFailedError(failure) if failure is not None else failed(FailureKind.TOOL_KILLED, decode.end.value)
    if probed.facts is None:
        reasons = "; ".join(violation.message for violation in probed.violations)
        raise failed(FailureKind.OUTPUT_MISMATCH, f"The proxy cannot be read: {reasons}")
    return Measured(
        facts=probed.facts,
        decoded_frames=counter.pictures,
        decode_errors=_decode_errors(decode),
        audio_durations=counter.audio_durations,
        source_errors=source_errors,
        source_unchanged=True,
    )


def _decode_request(ffmpeg: str, path: Path, plan: Plan) -> ToolRequest:
    """One decode of everything. Pictures are counted as they leave the decoder: none dropped, none repeated, and
    wrapped_avframe spares copying them."""
    demuxer = DEMUXERS[plan.expected.container]
    return ToolRequest(
        argv=(
            *(ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "repeat+error"),
            *("-protocol_whitelist", "file", "-format_whitelist", demuxer, "-max_streams", str(MOST_STREAMS)),
            *("-threads", str(plan.threads), "-f", demuxer, "-i", f"file:{path}"),
            *("-map", "0:v", "-map", "0:a?", "-fps_mode", "passthrough", "-enc_time_base:v", "-1"),
            *("-c:v", "wrapped_avframe", "-c:a", "pcm_s16le", "-max_muxing_queue_size", "4096"),
            *("-f", "framecrc", "pipe:1"),
        ),
        readable=(path,),
        timeout_seconds=plan.timeout_seconds,
        stall_seconds=plan.stall_seconds,
    )


def _decode_errors(decode: ToolResult) -> tuple[str, ...]:
    if decode.exit_code == 0 or decode.error_lines:
        return decode.error_lines
    return (f"the decoder exited with code {decode.exit_code} and said nothing",)
