"""Work that takes no time: what an executor would report of ordinary footage, and of proxies that are as planned.

The first clip's plan is built as an executor builds it; the clips of a benchmark differ in their names only, so what is
reported of the first one serves all of them.
"""

from proxx.api.executors.v1 import lease_pb2
from proxx.core.judge import judge
from proxx.core.leases import Lease
from proxx.core.planner import plan_clip
from proxx.core.roots import RootPath
from proxx.core.staging import staged_path
from proxx.core.steps import Execution, PreparedOutput, ProbeItem
from proxx.core.toolchain import Toolchain
from proxx.rpc.mapping import from_message, to_message
from tests.fakes.measured import measured_as_planned, probed

TOOLCHAIN = Toolchain(tool="ffmpeg", version="0", configuration_sha256="", cpu_class="", fingerprint="")


class NoOpWork:
    """Makes reports as messages, each from the first one of its kind."""

    def __init__(self, *, incarnation: str, executor: str) -> None:
        """Take who reports."""
        self._incarnation = incarnation
        self._executor = executor
        self._source: lease_pb2.ProbedSource | None = None
        self._output: lease_pb2.PreparedOutput | None = None

    def probe(self, lease: lease_pb2.Lease, report: lease_pb2.ProbeReport) -> None:
        """Fill in the report of a PROBE."""
        for item in lease.probe.items:
            if self._source is None:
                self._source = to_message(probed(from_message(item, ProbeItem)), lease_pb2.ProbedSource)
            source = report.sources.add()
            source.CopyFrom(self._source)
            source.clip_index = item.clip_index

    def encode(self, lease: lease_pb2.Lease, output: lease_pb2.PreparedOutput) -> None:
        """Fill in what an ENCODE prepares."""
        if self._output is None:
            self._output = self._first_output(lease)
        output.CopyFrom(self._output)
        inputs = lease.encode.inputs
        output.sha256 = sha256_of(lease)
        output.staged.root = inputs.output.root
        output.staged.path = staged_path(
            output=RootPath(root=inputs.output.root, path=inputs.output.path),
            job_id=lease.job_id,
            clip_index=lease.clip_index,
            step_id=lease.step_id,
            epoch=lease.epoch,
            incarnation=self._incarnation,
        ).path

    def _first_output(self, lease: lease_pb2.Lease) -> lease_pb2.PreparedOutput:
        work = from_message(lease, Lease).encode
        if work is None:
            raise ValueError(f"lease {lease.lease_id} is no ENCODE")
        plan = plan_clip(inputs=work.inputs)
        if plan.digest != work.plan_digest:
            raise ValueError(f"lease {lease.lease_id} names plan {work.plan_digest}, its inputs give {plan.digest}")
        measured = measured_as_planned(plan)
        output = PreparedOutput(
            staged=plan.output, sha256="", size_bytes=1234, measured=measured,
            verdict=judge(plan=plan, measured=measured),
            execution=Execution(
                argv=plan.argv, exit_code=0, stderr_tail="", started_time=None, ended_time=None, encode_seconds=1.0,
                verify_seconds=0.5, cpu_seconds=1.5, max_rss_bytes=1_000_000, toolchain=TOOLCHAIN,
                executor=self._executor, sandbox_level="process",
            ),
        )  # fmt: skip
        return to_message(output, lease_pb2.PreparedOutput)


def sha256_of(lease: lease_pb2.Lease) -> str:
    """The digest of the file that no attempt made: another one for each clip and epoch."""
    return f"{lease.clip_index:032x}{lease.epoch:032x}"
