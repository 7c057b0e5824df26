"""One source, probed: bytes first, then ffprobe for what the bytes gave to ffmpeg, then the identity once more."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

from proxx.core.detection import DEFAULT_SOURCE_MATRIX, Detection, DetectionReason, Engine
from proxx.core.roots import RootPath
from proxx.core.sources import ffprobe_values as values
from proxx.core.sources.ffprobe_facts import (
    FactsFinding,
    build_facts,
    choose_video,
    may_hide_frames,
    needs_recount,
)
from proxx.core.sources.packet_log import FrameLog, PacketLog
from proxx.core.sources.probe_evidence import ProbeEvidence
from proxx.core.sources.reading import Reading, printable
from proxx.core.sources.refused import refused
from proxx.core.sources.routing import rejection
from proxx.core.sources.witness import contradiction
from proxx.core.steps import ProbedSource
from proxx.core.violation import Violation, ViolationCode
from proxx.engine.evidence import PathEvidence, evidence_of
from proxx.engine.probe.argv import WITNESS_DEMUXERS, frames_argv, header_argv, listing_argv, packets_argv
from proxx.engine.probe.examine_source import examine_source
from proxx.engine.probe.listing import Listing, ListingTooLongError
from proxx.engine.probe.source_file import ExaminedFile, source_violation
from proxx.engine.source_identity import read_source_identity, source_difference
from proxx.engine.tool import ToolEnd, ToolRequest, ToolResult, ToolRunner
from proxx.runtime.where import Where, host_path

LISTING_SECONDS = 3600.0
"""How long ffprobe may take to list a file at most; it reads all of it."""

STALL_SECONDS = 120.0
"""How long a listing may stand still at most."""

SMALL_SECONDS = 20.0
SLOWEST_BYTES_A_SECOND = 4 * 1024 * 1024
"""A listing without decoding has 20 s and what storage of 4 MiB a second takes; a file that needs more is a bomb."""

WITNESS_SECONDS = 10.0
"""How long ffprobe may take over the header of a file that Resolve is to take; then it has nothing to say."""

MEMORY_BYTES = 4 * 1024 * 1024 * 1024
"""Address space of one ffprobe."""

_CONTEXT_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")
_CLOSING_ACTION = "Copy the file again from the camera card or its backup."


class _ProbeError(Exception):
    """ffprobe gave no answer: carries the clause, and whether the file itself is the cause."""

    def __init__(self, clause: str, *, unreadable: bool, code: ViolationCode = ViolationCode.PROBE_FAILED) -> None:
        super().__init__(clause)
        self.clause = clause
        self.code = code
        self.unreadable = unreadable


async def probe_source(
    *,
    runner: ToolRunner,
    path: Where,
    source: RootPath,
    ffprobe: str,
    clip_index: int = 0,
    output_exists: bool = False,
    source_matrix: int = DEFAULT_SOURCE_MATRIX,
) -> ProbedSource:
    """Return what the file at `path` (absolute, known to the job as `source`) is, under that source matrix.

    Facts are there only for a source that ffmpeg takes and that is sound; else the detection names Resolve, or the
    violations say why. `clip_index` and `output_exists` are passed through. Never raises for what the file is.
    """
    examined = await asyncio.to_thread(
        examine_source, path=path, source=source, clip_index=clip_index, source_matrix=source_matrix
    )
    probed = ProbedSource(
        clip_index=clip_index,
        identity=examined.identity,
        detection=examined.detection,
        facts=None,
        output_exists=output_exists,
        violations=examined.violations,
    )
    if examined.detection is None or examined.detection.engine is None:
        return _with_rejection(probed)
    size = examined.identity.size_bytes if examined.identity is not None else 0
    probe = _Probe(runner=runner, path=path, source=source, ffprobe=ffprobe, clip_index=clip_index, size_bytes=size)
    if examined.detection.engine is Engine.RESOLVE or examined.reading is None:
        return await _for_resolve(probe, examined, examined.detection, probed)
    try:
        finding = await probe.facts(examined.detection, examined.reading)
    except _ProbeError as error:
        if error.unreadable:
            cut = _cut_off(examined)
            reason = DetectionReason.TRUNCATED if cut else DetectionReason.UNREADABLE
            detection = _refused(examined.detection, reason, cut + error.clause)
            return _with_rejection(replace(probed, detection=detection))
        return replace(probed, violations=(probe.violation(error.code, error.clause),))
    if finding.contradiction:
        detection = _refused(examined.detection, DetectionReason.CONTRADICTION, finding.contradiction)
        return _with_rejection(replace(probed, detection=detection))
    changed = await probe.changed(examined)
    if changed is not None:
        return replace(probed, violations=(changed,))
    return replace(probed, facts=finding.facts, violations=finding.violations)


async def _for_resolve(
    probe: "_Probe", examined: ExaminedFile, detection: Detection, probed: ProbedSource
) -> ProbedSource:
    """Return what Resolve is to inspect, unless it is cut off, ffprobe takes it for something else, or it changes.

    Where ffprobe opens nothing, or is not there, one witness is enough: these are files that FFmpeg does not decode.
    """
    if short := _short(detection, examined):
        return _with_rejection(replace(probed, detection=_refused(detection, DetectionReason.TRUNCATED, short)))
    clause = await probe.contradiction(detection, examined)
    if clause:
        return _with_rejection(replace(probed, detection=_refused(detection, DetectionReason.CONTRADICTION, clause)))
    changed = await probe.changed(examined)
    return probed if changed is None else replace(probed, violations=(changed,))


class _Probe:
    """The ffprobe runs over one file."""

    def __init__(
        self, *, runner: ToolRunner, path: Where, source: RootPath, ffprobe: str, clip_index: int, size_bytes: int
    ) -> None:
        self._runner = runner
        self._path = host_path(path)
        self._where = path
        self._source = source
        self._ffprobe = ffprobe
        self._clip_index = clip_index
        self._size_bytes = size_bytes

    def violation(self, code: ViolationCode, clause: str) -> Violation:
        return source_violation(clip_index=self._clip_index, code=code, path=self._path, clause=clause)

    async def facts(self, detection: Detection, reading: Reading) -> FactsFinding:
        container = detection.container or ""
        listing, document, result = await self._listing(container)
        video = choose_video(document=document)
        packets, frames, readable = PacketLog(), None, None
        if video is not None:
            index = values.whole(source=video, key="index") or 0
            packets = listing.packets(index)
            if not result.ok and packets.packets == 0:
                raise _ProbeError(f"ffprobe cannot list its packets: {_complaint(result)}", unreadable=False)
            if needs_recount(document=document, packets=packets):
                readable = (await self._recount(container, index)).packets
            time_base = values.ratio(source=video, key="time_base")
            if may_hide_frames(codec=detection.codec, packets=packets, time_base=time_base):
                frames = await self._frames(container, index)
        evidence = ProbeEvidence(
            name=self._source.name,
            clip_index=self._clip_index,
            size_bytes=self._size_bytes,
            detection=detection,
            reading=reading,
            document=document,
            packets=packets,
            frames=frames,
            readable=readable,
            errors=tuple(result.stderr_tail.splitlines()),
            sound=listing.sound,
        )
        # A thread: the grid of a long track is a million numbers, and the leases must be renewed meanwhile.
        return await asyncio.to_thread(build_facts, evidence=evidence)

    async def contradiction(self, detection: Detection, examined: ExaminedFile) -> str:
        """Return how ffprobe contradicts what Resolve is to take; empty when it does not, or has nothing to say."""
        container = detection.container or ""
        if examined.witness is None or container not in WITNESS_DEMUXERS:
            return ""
        listing = Listing()
        request = ToolRequest(
            argv=header_argv(ffprobe=self._ffprobe, path=host_path(examined.witness), container=container),
            readable=(host_path(examined.witness),),
            timeout_seconds=WITNESS_SECONDS,
            stall_seconds=WITNESS_SECONDS,
            memory_limit_bytes=MEMORY_BYTES,
        )
        result = await self._runner.run(request, on_line=listing.add_line)
        try:
            document = listing.document() if result.ok else {}
        except ValueError:
            return ""
        video = choose_video(document=document)
        return "" if video is None else contradiction(detection=detection, document=document, video=video)

    async def changed(self, examined: ExaminedFile) -> Violation | None:
        """Compare the identity once more: a file that is still being written has no facts."""
        if examined.identity is None:
            return None
        try:
            after = await asyncio.to_thread(read_source_identity, path=self._where, source=self._source)
        except OSError as error:
            clause = f"cannot be read any more: {printable(text=error.strerror or str(error))}"
            return self.violation(ViolationCode.SOURCE_UNREADABLE, clause)
        difference = source_difference(expected=examined.identity, actual=after)
        if difference is None:
            return None
        return self.violation(ViolationCode.PROBE_FAILED, f"changed while it was probed: {difference}")

    async def _listing(self, container: str) -> tuple[Listing, values.Record, ToolResult]:
        """List the whole file: packets, streams and format; with them how ffprobe ended."""
        listing = Listing()
        argv = listing_argv(ffprobe=self._ffprobe, path=self._path, container=container)
        result = await self._run(argv, on_line=listing.add_line)
        try:
            document = listing.document()
        except ListingTooLongError as error:
            raise _ProbeError(str(error), unreadable=False, code=ViolationCode.LIMIT_EXCEEDED) from error
        except ValueError as error:
            if not result.ok:
                raise _ProbeError(f"ffprobe cannot read it: {_complaint(result)}", unreadable=True) from error
            raise _ProbeError(f"ffprobe printed no JSON: {error}", unreadable=False) from error
        if not result.ok and not document.get("streams"):
            raise _ProbeError(f"ffprobe cannot read it: {_complaint(result)}", unreadable=True)
        return listing, document, result

    async def _recount(self, container: str, index: int) -> PacketLog:
        """List the packets of a stream once more, without the edit list where the container has one."""
        log = PacketLog()
        argv = packets_argv(
            ffprobe=self._ffprobe,
            path=self._path,
            container=container,
            stream_index=index,
            edit_list=container not in ("mov", "mp4"),
        )
        result = await self._run(argv, on_line=log.add_line)
        if not result.ok and log.packets == 0:
            raise _ProbeError(f"ffprobe cannot list its packets: {_complaint(result)}", unreadable=False)
        return log

    async def _frames(self, container: str, index: int) -> FrameLog | None:
        """Decode and list the shown frames; None when the decoder gives none."""
        log = FrameLog()
        argv = frames_argv(ffprobe=self._ffprobe, path=self._path, container=container, stream_index=index)
        await self._run(argv, on_line=log.add_line, decoding=True)
        return log if log.frames else None

    async def _evidence(self) -> PathEvidence:
        """Say which file ffprobe is to be shown."""
        try:
            return await asyncio.to_thread(evidence_of, self._where)
        except OSError as error:
            clause = f"cannot be read any more: {printable(text=error.strerror or str(error))}"
            raise _ProbeError(clause, unreadable=False) from error

    async def _run(
        self, argv: tuple[str, ...], *, on_line: Callable[[str], None], decoding: bool = False
    ) -> ToolResult:
        """Run ffprobe to its own end; a listing may end with an error after the last readable packet."""
        needed = SMALL_SECONDS + self._size_bytes / SLOWEST_BYTES_A_SECOND if not decoding else LISTING_SECONDS
        request = ToolRequest(
            argv=argv,
            readable=(self._path,),
            timeout_seconds=min(LISTING_SECONDS, needed),
            stall_seconds=min(STALL_SECONDS, needed),
            memory_limit_bytes=MEMORY_BYTES,
            evidence=(await self._evidence(),),
        )
        result = await self._runner.run(request, on_line=on_line)
        if result.end in (ToolEnd.TIMED_OUT, ToolEnd.STALLED):
            limit, word = request.timeout_seconds, "in all"
            if result.end is ToolEnd.STALLED:
                limit, word = request.stall_seconds, "between two lines"
            clause = (
                f"cannot be probed: ffprobe was stopped after {result.wall_seconds:.0f} s; the limit for its "
                f"{self._size_bytes} bytes is {limit:.0f} s {word}"
            )
            raise _ProbeError(clause, unreadable=False)  # slow storage does the same
        if result.end is ToolEnd.NOT_FOUND:
            raise _ProbeError(f"cannot be probed: {printable(text=self._ffprobe)} was not found", unreadable=False)
        if result.end is not ToolEnd.EXITED:
            clause = f"cannot be probed: ffprobe ended by {result.end.value} after {result.wall_seconds:.0f} s"
            if result.forbidden:
                clause = "cannot be probed: ffprobe tried a forbidden system call"
            raise _ProbeError(clause, unreadable=False)
        return result


def _short(detection: Detection, examined: ExaminedFile) -> str:
    """Say how far a file for Resolve ends before its own tables do; Resolve might show the rest of it as black.

    Empty where it does not, where it is one of several media files, and for AVI, whose tables are not to be trusted.
    """
    if examined.reading is None or examined.identity is None or detection.container == "avi":
        return ""
    sizes = [part.size_bytes for part in examined.identity.parts if not part.sidecar]
    declared, size = examined.reading.declared_end, sizes[0] if sizes else examined.identity.size_bytes
    if len(sizes) > 1 or declared is None or declared <= size:
        return ""
    return f"it declares data up to byte {declared} and ends at byte {size}"


def _cut_off(examined: ExaminedFile) -> str:
    """Say how much is missing where the file's own tables tell."""
    if examined.reading is None or examined.identity is None:
        return ""
    declared, size = examined.reading.declared_end, examined.identity.size_bytes
    if declared is None or declared <= size:
        return ""
    return f"the file is cut off, declaring data up to byte {declared} and ending at byte {size}, and "


def _complaint(result: ToolResult) -> str:
    line = next((line for line in (*result.error_lines, *result.stderr_tail.splitlines()) if line.strip()), "")
    # The address of ffprobe's context differs from run to run, and a detection must not.
    stable = _CONTEXT_ADDRESS.sub("", line.strip())
    return printable(text=stable, limit=300) or f"exit code {result.exit_code}"


def _refused(detection: Detection, reason: DetectionReason, clause: str) -> Detection:
    return refused(detection=detection, reason=reason, fault=clause, action=_CLOSING_ACTION)


def _with_rejection(probed: ProbedSource) -> ProbedSource:
    """Add why a rejected detection is refused, so that a source without facts always says why."""
    if probed.detection is None or probed.detection.engine is not None or probed.violations:
        return probed
    return replace(probed, violations=(rejection(detection=probed.detection, index=probed.clip_index),))
