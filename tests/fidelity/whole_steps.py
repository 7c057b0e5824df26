"""The faults that only a whole step can meet: a source that changes meanwhile, a staged file that rots later."""

import os
import shutil

from proxx.core.leases import Lease
from proxx.core.plan import PLANNER_VERSION
from proxx.core.roots import RootPath
from proxx.core.steps import EncodeWork, Phase, Progress, PublishWork, StepKind
from proxx.engine.checksum import digest_file
from proxx.engine.encoder import Encoder
from proxx.engine.errors import StepFailedError
from proxx.engine.identity import read_identity
from proxx.engine.measure import Tools
from proxx.engine.mounts import MountTable
from proxx.engine.process_runner import ProcessToolRunner
from proxx.engine.sandbox.level import SandboxLevel
from proxx.runtime.clock import SystemClock
from proxx_ffmpeg_executor.ffmpeg_steps import FfmpegSteps
from tests.fakes.leases import TOOLCHAIN
from tests.fidelity.case import Case
from tests.fidelity.damage import Change
from tests.fidelity.fault import Attempt
from tests.fidelity.outcome import Outcome
from tests.fidelity.workshop import ROOT, TOOLS

_STAGED = RootPath(root=ROOT, path=".proxx/job-id.00000.01234567.1.9b1deb4d.mov")


class _Watch:
    """A StepWatch that lets everything pass."""

    def enter(self, phase: Phase) -> None:
        return None

    def progress(self, progress: Progress) -> None:
        return None

    def commit(self) -> bool:
        return True


async def changed_while_read(case: Case) -> Outcome:
    """Run the real ENCODE with a tool that touches the source after it has read it."""
    source = case.directory / case.prepared.source.name
    shutil.copy2(case.prepared.source, source)
    tool = case.directory / "tool"
    tool.write_text(f'#!/bin/sh\nffmpeg "$@" && touch -d @1 "{source}"\n')
    tool.chmod(0o755)
    work = EncodeWork(
        inputs=case.prepared.inputs,
        plan_digest=case.prepared.plan.digest,
        planner_version=PLANNER_VERSION,
        identity=read_identity(path=source, source=case.prepared.inputs.source),
    )
    return await _run(case, _lease(StepKind.ENCODE, encode=work), ffmpeg=os.fspath(tool))


async def changed_while_judged(case: Case) -> Outcome:
    """Run the real ENCODE with a decoder that changes the staged file after it has read it."""
    source = case.directory / case.prepared.source.name
    shutil.copy2(case.prepared.source, source)
    staged = case.directory / _STAGED.path
    tool = case.directory / "tool"
    tool.write_text(
        '#!/bin/sh\nffmpeg "$@"\ncode=$?\n'
        f'case "$*" in *framecrc*) printf proxx | dd of="{staged}" bs=1 seek=64 conv=notrunc 2>/dev/null;; esac\n'
        "exit $code\n"
    )
    tool.chmod(0o755)
    work = EncodeWork(
        inputs=case.prepared.inputs,
        plan_digest=case.prepared.plan.digest,
        planner_version=PLANNER_VERSION,
        identity=read_identity(path=source, source=case.prepared.inputs.source),
    )
    return await _run(case, _lease(StepKind.ENCODE, encode=work), ffmpeg=os.fspath(tool))


def rotten_before_publication(change: Change) -> Attempt:
    """Run the real PUBLISH on a staged file that rotted after its verdict."""

    async def attempt(case: Case) -> Outcome:
        verified = digest_file(case.prepared.proxy)
        staged = case.directory / _STAGED.path
        staged.parent.mkdir()
        staged.write_bytes(change(case.prepared.proxy.read_bytes()))
        work = PublishWork(
            staged=_STAGED,
            output=case.prepared.inputs.output,
            sha256=verified.sha256,
            size_bytes=verified.size_bytes,
        )
        return await _run(case, _lease(StepKind.PUBLISH, publish=work), ffmpeg=TOOLS.ffmpeg)

    return attempt


def _lease(kind: StepKind, *, encode: EncodeWork | None = None, publish: PublishWork | None = None) -> Lease:
    return Lease(
        lease_id="lease-1",
        step_id="0123456789abcdef",
        epoch=1,
        kind=kind,
        job_key="job-key",
        job_id="job-id",
        clip_index=0,
        encode=encode,
        publish=publish,
    )


async def _run(case: Case, lease: Lease, *, ffmpeg: str) -> Outcome:
    steps = FfmpegSteps(
        mounts=MountTable({ROOT: case.directory}),
        runner=ProcessToolRunner(scratch=case.directory, most=SandboxLevel.PROCESS),  # the scripts touch other files
        encoder=Encoder(
            name="fidelity",
            incarnation="9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
            tools=Tools(ffmpeg=ffmpeg, ffprobe=TOOLS.ffprobe),
            toolchain=TOOLCHAIN,
        ),
        clock=SystemClock(),
        probe_concurrency=1,
    )
    try:
        await steps.run(lease=lease, watch=_Watch())
    except StepFailedError as error:
        return Outcome(caught_by=(error.failure.kind.value,), details=(error.failure.message,))
    return Outcome(caught_by=())
