"""What an executor does with a lease, on a model disk: the product's PUBLISH, SWEEP and staging; a model of the tools.

PROBE and the inside of ENCODE are models, because they run FFmpeg: the order of their steps is that of
proxx.engine.encode_step (source compared, staged, encoded, compared again, flushed, hashed, judged, journal written),
and everything they do to files goes through the product's own functions.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from proxx.core.failure import Failure, FailureKind
from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.path_key import fold_name
from proxx.core.staging import journal_path, staged_path
from proxx.core.steps import (
    EncodeWork,
    Execution,
    InspectReport,
    InspectWork,
    Journal,
    Measured,
    Phase,
    PreparedOutput,
    ProbedSource,
    ProbeItem,
    ProbeReport,
    ProbeWork,
    Published,
)
from proxx.engine import checksum, identity, journal
from proxx.engine.disk import disk_error
from proxx.engine.errors import StepFailedError, failed
from proxx.engine.output_place import look_at_output
from proxx.engine.publish_step import PublishStep
from proxx.engine.staging import remove_staged, reserve_staged
from proxx.engine.step_runner import StepWatch
from proxx.engine.sweep_step import SweepStep
from proxx.engine.threads import to_thread_whole
from proxx.runtime import durable
from tests.fakes.leases import TOOLCHAIN
from tests.fakes.measured import CAMERA_RAW, RAW_FACTS, STANDARD, probed
from tests.simulation.disk_calls import ModelMounts
from tests.simulation.memo import judged, planned_measure
from tests.simulation.model_disk import ModelDisk
from tests.simulation.sim_clock import SimClock

END = b" END"
EXECUTION = Execution(
    argv=("ffmpeg",),
    exit_code=0,
    stderr_tail="",
    started_time=None,
    ended_time=None,
    encode_seconds=1.0,
    verify_seconds=0.5,
    cpu_seconds=1.5,
    max_rss_bytes=1,
    toolchain=TOOLCHAIN,
    executor="simulated",
    sandbox_level="process",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Footage:
    """What the tools make of the world: which sources cannot be encoded, how long it takes, whether bits repeat.

    `finished` is told of a staged file whose journal was written; its process may end there. `raw` says which sources
    are camera RAW, `engine_works` whether a host's Resolve does what it is asked for.
    """

    bad: Callable[[str], bool]
    encode_seconds: Callable[[], float]
    bit_exact: bool
    finished: Callable[[str], None]
    raw: Callable[[str], bool]
    engine_works: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLog:
    """Who is told what the tools do."""

    tool_started: Callable[[Lease], None]
    inspected: Callable[[Lease], None]
    engine_lost: Callable[[Lease], None]
    probed: Callable[[ProbeItem, bytes], None]


class SimSteps:
    """Implements proxx.engine.step_runner.StepRunner."""

    def __init__(self, *, disk: ModelDisk, incarnation: str, clock: SimClock, footage: Footage, log: ToolLog) -> None:
        self._disk = disk
        self._mounts = ModelMounts(disk)
        self._incarnation = incarnation
        self._clock = clock
        self._footage = footage
        self._log = log
        self._publish = PublishStep(mounts=self._mounts)
        self._sweep = SweepStep(mounts=self._mounts, incarnation=incarnation)

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome | PreparedOutput:
        if lease.probe is not None:
            return await self._probe(lease, lease.probe, watch)
        if lease.inspect is not None:
            return await self._inspect(lease, lease.inspect, watch)
        if lease.encode is not None:
            return await self._encode(lease, lease.encode, watch)
        if lease.publish is not None:
            return await self._publish.run(lease=lease, work=lease.publish, watch=watch)
        assert lease.sweep is not None
        return await self._sweep.run(lease=lease, work=lease.sweep, watch=watch)

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        assert lease.encode is not None
        return await self._publish.publish(
            staged=output.staged,
            output=lease.encode.inputs.output,
            sha256=output.sha256,
            size_bytes=output.size_bytes,
            replaces=lease.encode.replaces,
        )

    async def discard(self, *, lease: Lease) -> None:
        if lease.encode is not None:
            await to_thread_whole(remove_staged, mounts=self._mounts, staged=self._staged(lease))

    def _staged(self, lease: Lease) -> Any:
        assert lease.encode is not None
        return staged_path(
            output=lease.encode.inputs.output,
            job_id=lease.job_id,
            clip_index=lease.clip_index,
            step_id=lease.step_id,
            epoch=lease.epoch,
            incarnation=self._incarnation,
        )

    # --- PROBE -------------------------------------------------------------------------------------------------------

    async def _probe(self, lease: Lease, work: ProbeWork, watch: StepWatch) -> LeaseOutcome:
        watch.enter(Phase.PROBING)
        await self._clock.sleep(0.1)
        sources = [await to_thread_whole(self._look, item, work) for item in work.items]
        report = ProbeReport(sources=tuple(sources), output_directory_violations=())
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, probe=report)

    def _look(self, item: ProbeItem, work: ProbeWork) -> ProbedSource:
        path: Any = self._mounts.local(item.source)
        found = identity.read_identity(path=path, source=item.source)
        assert item.output is not None
        local: Any = self._mounts.local(item.output)
        names = None
        if work.report_suffixes:
            listing = self._disk.listing(local.parent.text)
            names = frozenset(fold_name(name.rpartition("/")[2]) for name in listing)
        place = look_at_output(local=local, output=item.output, names=names, describe=work.report_existing)
        self._log.probed(item, self._disk.names[path.text].content)
        detection = CAMERA_RAW if self._footage.raw(f"/{item.source.path}") else STANDARD
        return replace(
            probed(item, detection=detection, output_exists=place.exists),
            identity=found,
            suffixes_taken=place.suffixes_taken,
            existing=place.existing,
        )

    # --- INSPECT -----------------------------------------------------------------------------------------------------

    async def _inspect(self, lease: Lease, work: InspectWork, watch: StepWatch) -> LeaseOutcome:
        watch.enter(Phase.INSPECTING)
        self._log.inspected(lease)
        await self._clock.sleep(0.3)
        self._ask_engine(lease)
        path: Any = self._mounts.local(work.source)
        found = await to_thread_whole(identity.read_identity, path=path, source=work.source)
        await self._clock.sleep(0.3)
        difference = identity.identity_difference(expected=work.identity, actual=found)
        if difference is not None:
            raise failed(FailureKind.SOURCE_CHANGED, f"{path} is not what was probed: {difference}")
        report = InspectReport(facts=RAW_FACTS, violations=())
        return LeaseOutcome(lease_id=lease.lease_id, epoch=lease.epoch, inspect=report)

    def _ask_engine(self, lease: Lease) -> None:
        if not self._footage.engine_works():
            self._log.engine_lost(lease)
            raise failed(FailureKind.ENGINE_UNAVAILABLE, "Resolve does not answer")

    # --- ENCODE ------------------------------------------------------------------------------------------------------

    async def _encode(self, lease: Lease, work: EncodeWork, watch: StepWatch) -> PreparedOutput:
        staged = self._staged(lease)
        file: Any = self._mounts.local(staged)
        await to_thread_whole(self._check_source, work, "before the encode")
        try:
            reserve_staged(file, quarantine=work.replaces is not None)
        except OSError as error:
            raise disk_error(error, what="cannot stage the output") from error
        try:
            await self._run_tool(lease, work, file, watch)
            await to_thread_whole(self._check_source, work, "after the encode")
            watch.enter(Phase.VERIFYING)
            output = await to_thread_whole(self._verify, lease, work, file)
            path = self._mounts.local(journal_path(staged=staged))
            try:
                await to_thread_whole(journal.write_journal, path=path, journal=self._journal(lease, work, output))
            except OSError as error:
                raise disk_error(error, what="cannot write the journal") from error
            self._footage.finished(file.text)
            await self._clock.sleep(0.001)
        except BaseException:
            remove_staged(mounts=self._mounts, staged=staged)
            raise
        return output

    def _journal(self, lease: Lease, work: EncodeWork, output: PreparedOutput) -> Journal:
        return Journal(
            step_id=lease.step_id,
            epoch=lease.epoch,
            incarnation=self._incarnation,
            plan_digest=work.plan_digest,
            source=work.identity,
            output=output,
        )

    def _check_source(self, work: EncodeWork, when: str) -> None:
        path: Any = self._mounts.local(work.inputs.source)
        try:
            found = identity.read_identity(path=path, source=work.inputs.source)
        except OSError as error:
            raise failed(FailureKind.SOURCE_UNREADABLE, f"cannot read {path} {when}") from error
        difference = identity.identity_difference(expected=work.identity, actual=found)
        if difference is not None:
            raise failed(FailureKind.SOURCE_CHANGED, f"{path} is not what was probed, seen {when}: {difference}")

    async def _run_tool(self, lease: Lease, work: EncodeWork, file: Any, watch: StepWatch) -> None:
        """FFmpeg: reads the source, writes a file of its own, and ends with code 0 on a full disk."""
        watch.enter(Phase.ENCODING)
        self._log.tool_started(lease)
        source = f"/{work.inputs.source.path}"
        seconds = self._footage.encode_seconds()
        await self._clock.sleep(seconds / 3)
        if self._footage.raw(source):
            self._ask_engine(lease)
        content = self._disk.names[source].content
        try:
            inode = self._disk.create(file.text)
            token = b"" if self._footage.bit_exact else f" {lease.lease_id} {lease.epoch}".encode()
            self._disk.write(file.text, inode, b"PROXY OF " + hashlib.sha256(content).hexdigest().encode())
            await self._clock.sleep(seconds / 3)
            if self._footage.bad(source):
                failure = Failure(kind=FailureKind.TOOL_EXIT_NONZERO, message="FFmpeg exited with code 1", exit_code=1)
                raise StepFailedError(failure, execution=EXECUTION)
            self._disk.write(file.text, inode, token + END)
        except OSError:
            pass  # its exit code is no evidence
        await self._clock.sleep(seconds / 3)

    def _verify(self, lease: Lease, work: EncodeWork, file: Any) -> PreparedOutput:
        try:
            durable.sync_file(file)
            digest = checksum.digest_file(file)
        except OSError as error:
            raise disk_error(error, what="cannot make the staged file durable") from error
        plan, measured = planned_measure(work)
        if not self._disk.inode(file.text).content.endswith(END):
            measured = self._short(measured)
        verdict = judged(plan=plan, measured=measured)
        if not verdict.passed:
            kind = FailureKind.NO_SPACE if self._disk.faults.full else FailureKind.OUTPUT_MISMATCH
            failure = Failure(kind=kind, message="The proxy is not what was planned", exit_code=0)
            raise StepFailedError(failure, execution=EXECUTION, measured=measured, verdict=verdict)
        return PreparedOutput(
            staged=self._staged(lease),
            sha256=digest.sha256,
            size_bytes=digest.size_bytes,
            measured=measured,
            verdict=verdict,
            execution=EXECUTION,
        )

    def _short(self, measured: Measured) -> Measured:
        return replace(measured, decoded_frames=measured.decoded_frames - 1)
