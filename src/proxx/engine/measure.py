"""Measuring a staged proxy: its digest before and after, facts from probing it, one full decode, and the witness.

The digest comes first, then the decode, then the digest once more: what is published is what was judged. Damage from
before the first digest shows in the packets, which the encode has hashed on their way into the file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from proxx.core.detection import Engine
from proxx.core.facts import MediaFacts
from proxx.core.failure import FailureKind
from proxx.core.plan import Plan
from proxx.core.roots import RootPath
from proxx.core.steps import Measured
from proxx.core.stillness import Stillness, is_black
from proxx.core.witness import WitnessReport, damaged_padding
from proxx.engine.checksum import FileDigest, digest_file
from proxx.engine.classify import tool_failure
from proxx.engine.decode import decode_request
from proxx.engine.disk import disk_error
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.evidence import PathEvidence, evidence_of, made_beside
from proxx.engine.framecrc import FramecrcCounter
from proxx.engine.oom import oom_kills
from proxx.engine.probe import probe_source
from proxx.engine.probe.source_file import FileByteSource
from proxx.engine.threads import to_thread_whole
from proxx.engine.together import together
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult, ToolRunner
from proxx.engine.witness_files import compare_witness, read_first
from proxx.runtime.durable import sync_file
from proxx.runtime.where import Where, host_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where the tools are: names to be found on PATH, or paths."""

    ffmpeg: str
    ffprobe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What was measured, and the digest of the bytes that it is about."""

    measured: Measured
    digest: FileDigest


async def measure(
    *,
    runner: ToolRunner,
    tools: Tools,
    path: Where,
    staged: RootPath,
    plan: Plan,
    source_errors: tuple[str, ...],
    kept: Where | None = None,
    memory_limit_bytes: int | None = None,
    count_oom_kills: Callable[[], int | None] = oom_kills,
) -> Measurement:
    """Flush, digest, probe and decode the staged proxy at `path` and return what was found. Judges nothing.

    `source_errors` are the error lines of the encode. The source has been compared before, so it is unchanged. The
    files of the witness lie beside `kept` (default: beside `path`); those of the proxy's side are left beside `path`.
    `count_oom_kills` is read before and after the decode, so that a kill for want of memory is named.

    Raises:
        StepFailedError: a tool is absent, was killed, ran out of time, the proxy is not readable at all, or the disk
            fails.
    """
    facts, digest = await together(
        _probe(runner=runner, tools=tools, path=path, staged=staged), to_thread_whole(_make_durable, path)
    )
    counter = FramecrcCounter()
    request = decode_request(
        ffmpeg=tools.ffmpeg, path=host_path(path), plan=plan, facts=facts, memory_limit_bytes=memory_limit_bytes
    )
    made = await to_thread_whole(_prepare, path, request)
    request = replace(request, evidence=made)
    kills_before = count_oom_kills()
    decode = await runner.run(request, on_line=counter.feed)
    if decode.end is not ToolEnd.EXITED:
        oom_killed = count_oom_kills() != kills_before
        failure = tool_failure(result=decode, plan=plan, directory=host_path(path.parent), oom_killed=oom_killed)
        raise StepFailedError(failure) if failure is not None else failed(FailureKind.TOOL_KILLED, decode.end.value)
    after, (witness, structure) = await together(
        to_thread_whole(_digest, path), to_thread_whole(_compare, plan, kept if kept is not None else path, path)
    )
    stillness = None
    if plan.engine is Engine.RESOLVE:
        first = await to_thread_whole(_read_first, path)
        stillness = Stillness(moves=counter.pictures_differ, black=is_black(luma=first))
    measured = Measured(
        facts=facts,
        decoded_frames=counter.pictures,
        decode_errors=_decode_errors(decode),
        audio_durations=counter.audio_durations,
        source_errors=source_errors,
        source_unchanged=True,
        output_unchanged=after == digest,
        witness=witness,
        structure_errors=structure,
        stillness=stillness,
    )
    return Measurement(measured=measured, digest=digest)


async def _probe(*, runner: ToolRunner, tools: Tools, path: Where, staged: RootPath) -> MediaFacts:
    probed = await probe_source(runner=runner, path=path, source=staged, ffprobe=tools.ffprobe)
    if probed.facts is None:
        reasons = "; ".join(violation.message for violation in probed.violations)
        raise failed(FailureKind.OUTPUT_MISMATCH, f"The proxy cannot be read: {reasons}")
    return probed.facts


def _make_durable(path: Where) -> FileDigest:
    try:
        sync_file(path)
        return digest_file(path)
    except OSError as error:
        raise disk_error(error, what="cannot make the staged file durable") from error


def _prepare(path: Where, request: ToolRequest) -> tuple[PathEvidence, ...]:
    """Make the files of the witness, and say which files the decode is to be shown."""
    try:
        return (evidence_of(path), *made_beside(path, request.writable))
    except OSError as error:
        raise disk_error(error, what="cannot make the files of the witness") from error


def _digest(path: Where) -> FileDigest:
    try:
        return digest_file(path)
    except OSError as error:
        raise disk_error(error, what="cannot read the staged file again") from error


def _compare(plan: Plan, kept: Where, proxy: Where) -> tuple[WitnessReport | None, tuple[str, ...]]:
    expected = plan.expected
    if expected.witness is None:
        return None, ()
    try:
        structure = _padding(proxy) if expected.container == "mxf" else None
        report = compare_witness(expected=expected, witness=expected.witness, kept=kept, proxy=proxy)
        return report, (structure,) if structure is not None else ()
    except OSError as error:
        raise disk_error(error, what="cannot read the witness") from error


def _read_first(path: Where) -> bytes:
    try:
        return read_first(path)
    except OSError as error:
        raise disk_error(error, what="cannot read the first picture") from error


def _padding(path: Where) -> str | None:
    source = FileByteSource(path)
    try:
        return damaged_padding(source=source)
    finally:
        source.close()


def _decode_errors(decode: ToolResult) -> tuple[str, ...]:
    if decode.exit_code == 0 or decode.error_lines:
        return decode.error_lines
    return (f"the decoder exited with code {decode.exit_code} and said nothing",)
