"""The one fault that only a whole ENCODE step can meet: the source changes under the encoder."""

import os
import shutil

from proxx.core.failure import FailureKind
from proxx.core.leases import Lease
from proxx.core.plan import PLANNER_VERSION
from proxx.core.steps import EncodeWork, Phase, Progress, StepKind
from proxx.engine.encode_step import Encoder
from proxx.engine.errors import StepFailedError
from proxx.engine.identity import read_identity
from proxx.engine.measure import Tools
from proxx.engine.mounts import MountTable
from proxx.runtime.clock import SystemClock
from proxx_ffmpeg_executor.ffmpeg_steps import FfmpegSteps
from tests.fakes.leases import TOOLCHAIN
from tests.fidelity.case import Case
from tests.fidelity.outcome import Outcome
from tests.fidelity.workshop import ROOT


class _Watch:
    """A StepWatch that lets everything pass."""

    def enter(self, phase: Phase) -> None:
        return None

    def progress(self, progress: Progress) -> None:
        return None

    def commit(self) -> bool:
        return True


async def changed_while_read(case: Case) -> Outcome:
    """Run the real step with a tool that touches the source after it has read it; report how the step failed."""
    source = case.directory / case.prepared.source.name
    shutil.copy2(case.prepared.source, source)
    tool = case.directory / "tool"
    tool.write_text(f'#!/bin/sh\nffmpeg "$@" && touch -d @1 "{source}"\n')
    tool.chmod(0o755)
    steps = FfmpegSteps(
        mounts=MountTable({ROOT: case.directory}),
        runner=case.workshop.runner,
        encoder=Encoder(
            name="fidelity",
            incarnation="9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
            tools=Tools(ffmpeg=os.fspath(tool), ffprobe="ffprobe"),
            toolchain=TOOLCHAIN,
        ),
        clock=SystemClock(),
        probe_concurrency=1,
    )
    inputs = case.prepared.inputs
    work = EncodeWork(
        inputs=inputs,
        plan_digest=case.prepared.plan.digest,
        planner_version=PLANNER_VERSION,
        identity=read_identity(path=source, source=inputs.source),
    )
    lease = Lease(
        lease_id="lease-1",
        step_id="0123456789abcdef",
        epoch=1,
        kind=StepKind.ENCODE,
        job_key="job-key",
        job_id="job-id",
        clip_index=0,
        encode=work,
    )
    try:
        await steps.run(lease=lease, watch=_Watch())
    except StepFailedError as error:
        kind: FailureKind = error.failure.kind
        return Outcome(caught_by=(kind.value,), details=(error.failure.message,))
    return Outcome(caught_by=())
