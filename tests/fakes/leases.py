"""Leases and outputs of tests, whole and plain."""

from fractions import Fraction

from proxx.core.detection import Engine
from proxx.core.facts import MediaFacts, SourceIdentity
from proxx.core.leases import ExecutorDescription, Lease, LeaseOutcome
from proxx.core.roots import RootPath
from proxx.core.steps import Execution, Journal, Measured, PreparedOutput, ProbeReport, ProbeWork, StepKind
from proxx.core.toolchain import Toolchain
from proxx.core.verdict import Check, CheckLevel, Verdict

TOOLCHAIN = Toolchain(
    tool="ffmpeg", version="5.1.9", configuration_sha256="c" * 64, cpu_class="x86-64-v3", fingerprint="f" * 64
)

DESCRIPTION = ExecutorDescription(
    name="bench-1",
    incarnation="9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
    engine=Engine.FFMPEG,
    slots=2,
    roots=("media",),
    toolchain=TOOLCHAIN,
    sandbox_level="process",
    version="0.1.0",
    planner_version=1,
)


def lease(lease_id: str = "lease-1", *, epoch: int = 3, clip_index: int = 4) -> Lease:
    """A PROBE lease: what the loop does with a lease does not depend on its work."""
    return Lease(
        lease_id=lease_id,
        step_id="0123456789abcdef",
        epoch=epoch,
        kind=StepKind.PROBE,
        job_key="job-key",
        job_id="job-id",
        clip_index=clip_index,
        probe=ProbeWork(items=(), output_directory=None, create_output_directory=False),
    )


def probe_outcome(lease_id: str = "lease-1", *, epoch: int = 3) -> LeaseOutcome:
    """The outcome of `lease`."""
    return LeaseOutcome(lease_id=lease_id, epoch=epoch, probe=ProbeReport(sources=(), output_directory_violations=()))


def prepared_output() -> PreparedOutput:
    """A verified staged file."""
    return PreparedOutput(
        staged=RootPath(root="media", path="out/.proxx/job.00004.01234567.3.9b1deb4d.mov"),
        sha256="a" * 64,
        size_bytes=1234,
        measured=Measured(
            facts=MediaFacts(
                container="mov",
                size_bytes=1234,
                duration=Fraction(4),
                video=None,
                audio=(),
                timecode=None,
                reel_name="A001\udc80",
                other_streams=(),
                warnings=(),
            ),
            decoded_frames=100,
            decode_errors=(),
            audio_durations=(Fraction(4), Fraction(192001, 48000)),
            source_errors=(),
            source_unchanged=True,
        ),
        verdict=Verdict(checks=(Check(name="frame_count", level=CheckLevel.PASS, expected="100", actual="100"),)),
        execution=Execution(
            argv=("ffmpeg", "-i", "file:/media/in.mov"),
            exit_code=0,
            stderr_tail="",
            started_time=None,
            ended_time=None,
            encode_seconds=1.0,
            verify_seconds=0.5,
            cpu_seconds=1.5,
            max_rss_bytes=1_000_000,
            toolchain=TOOLCHAIN,
            executor="bench-1",
            sandbox_level="process",
        ),
    )


def a_journal(output: PreparedOutput | None = None) -> Journal:
    """The journal beside a staged file, by default beside `prepared_output`."""
    return Journal(
        step_id="0123456789abcdef",
        epoch=3,
        incarnation=DESCRIPTION.incarnation,
        plan_digest="d" * 64,
        source=SourceIdentity(path="in.mov", size_bytes=5, mtime_ns=7, inode=9, edge_sha256="1" * 64),
        output=output or prepared_output(),
    )
