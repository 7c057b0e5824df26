"""Whole values for tests of the command line: one job of two clips in its states."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from proxx.core.detection import Detection, DetectionReason, Engine
from proxx.core.facts import SourceIdentity
from proxx.core.failure import Failure, tool_exit
from proxx.core.jobs import (
    RESULT_SCHEMA_VERSION,
    ClipCounts,
    ClipPlan,
    ClipResult,
    ClipState,
    ClipView,
    ExecutorView,
    JobEvent,
    JobPlan,
    JobResult,
    JobState,
    JobView,
    SubmissionOptions,
    SystemInfo,
)
from proxx.core.spec_revision import SpecRevision
from proxx.core.toolchain import Toolchain
from proxx.core.verbs import ClipFate, FateCount, FateRange, Verb, VerbPlan
from proxx.core.verdict import Check, CheckLevel, Verdict

START = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)
END = START + timedelta(seconds=12.5)
NOW = START + timedelta(minutes=1)
KEY = "0b0c1d2e-0000-4000-8000-000000000001"
JOB_ID = "1a2b3c4d"

TOOLCHAIN = Toolchain(
    tool="ffmpeg",
    version="5.1.9",
    configuration_sha256="c" * 64,
    cpu_class="x86-64-v3",
    fingerprint="f" * 64,
    libraries={"libx264": "libx264.so.164 sha256:aa"},
)


def spec(*, output_directory: str = "/proxies") -> dict[str, object]:
    """The canonical spec of the sample job."""
    return {
        "jobspec_version": "2.1",
        "job_id": JOB_ID,
        "created_at": START.isoformat(),
        "sources": ["/footage/A001.mov", "/footage/A002.mov"],
        "output_directory": output_directory,
        "codec": "prores_proxy",
        "container": "mov",
        "resolution": "same",
        "fps_mode": "same-as-source",
        "naming_template": "{source_name}_proxy",
        "proxy_profile": "proxy_prores_proxy",
    }


def counts(completed: int = 0, failed: int = 0, skipped: int = 0) -> ClipCounts:
    """Counts of the two clips."""
    return ClipCounts(total=2, completed=completed, failed=failed, skipped=skipped)


def job(state: JobState = JobState.PENDING, **changes: object) -> JobView:
    """The sample job as a client sees it."""
    view = JobView(
        job_key=KEY,
        job_id=JOB_ID,
        state=state,
        reason="",
        revision=1,
        run_number=1,
        counts=counts(),
        has_warnings=False,
        spec=spec(),
        spec_digest="d" * 64,
        received_digest="e" * 64,
        options=SubmissionOptions(),
        submit_time=START,
        start_time=None,
        end_time=None,
        violations=(),
        last_event_sequence=1,
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def clip_view(index: int, *, engine: Engine = Engine.FFMPEG, state: ClipState = ClipState.QUEUED) -> ClipView:
    """A clip of the sample job as a client sees it."""
    return ClipView(
        job_key=KEY,
        clip_index=index,
        state=state,
        reason="",
        source_path=f"/footage/A00{index + 1}.mov",
        output_path=f"/proxies/A00{index + 1}_proxy.mov",
        engine=engine,
        plan_digest="a" * 64,
        failure=None,
        epoch=0,
        executor="",
        start_time=None,
        end_time=None,
    )


def clip(index: int = 0, status: ClipState = ClipState.COMPLETED, **changes: object) -> ClipResult:
    """The result of a clip that was published."""
    result = ClipResult(
        clip_index=index,
        source_path=f"/footage/A00{index + 1}.mov",
        resolved_output_path=f"/proxies/A00{index + 1}_proxy.mov",
        status=status,
        skip_reason="",
        exit_code=0,
        output_exists=True,
        output_size_bytes=12_345_678,
        output_sha256="b" * 64,
        engine=Engine.FFMPEG,
        engine_command=("ffmpeg", "-i", f"/footage/A00{index + 1}.mov", f"/proxies/A00{index + 1}_proxy.mov"),
        failure=None,
        stderr="",
        start_time=START,
        end_time=START + timedelta(seconds=5),
        profile_name="proxy_prores_proxy",
        profile_digest="1" * 64,
        plan_digest="2" * 64,
        planner_version=1,
        toolchain=TOOLCHAIN,
        source_identity=SourceIdentity(
            path=f"/footage/A00{index + 1}.mov", size_bytes=1000, mtime_ns=5, inode=7, edge_sha256="3" * 64
        ),
        source_facts=None,
        output_facts=None,
        verdict=Verdict(checks=(Check(name="frame_count", level=CheckLevel.PASS, expected="24", actual="24"),)),
        warnings=(),
        resolved_tokens={"source_name": f"A00{index + 1}"},
        executor="local",
        epoch=1,
        encode_seconds=4.0,
        verify_seconds=0.5,
        cpu_seconds=3.5,
        sandbox_level="process",
        adopted=False,
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def failed_clip(index: int, failure: Failure | None = None) -> ClipResult:
    """The result of a clip whose tool failed."""
    return clip(
        index,
        ClipState.FAILED,
        exit_code=187,
        output_exists=False,
        output_size_bytes=None,
        output_sha256=None,
        failure=failure or tool_exit(exit_code=187, stderr_tail="moov atom not found"),
        verdict=None,
    )


def skipped_clip(index: int, reason: str = "fail_fast") -> ClipResult:
    """The result of a clip that was never started."""
    return clip(
        index,
        ClipState.SKIPPED,
        skip_reason=reason,
        exit_code=None,
        output_exists=False,
        output_size_bytes=None,
        output_sha256=None,
        engine_command=(),
        start_time=None,
        end_time=None,
        verdict=None,
        toolchain=None,
        executor="",
        epoch=0,
        encode_seconds=0.0,
        verify_seconds=0.0,
        cpu_seconds=0.0,
        sandbox_level="",
    )


def result(
    final_status: JobState = JobState.COMPLETED, clips: tuple[ClipResult, ...] | None = None, **changes: object
) -> JobResult:
    """The result of the sample job; counts follow from the clips."""
    made = (clip(0), clip(1)) if clips is None else clips
    states = [item.status for item in made]
    found = JobResult(
        schema_version=RESULT_SCHEMA_VERSION,
        job_key=KEY,
        job_id=JOB_ID,
        final_status=final_status,
        reason="",
        run_number=1,
        counts=ClipCounts(
            total=len(made),
            completed=states.count(ClipState.COMPLETED),
            failed=states.count(ClipState.FAILED),
            skipped=states.count(ClipState.SKIPPED),
        ),
        has_warnings=any(item.warnings for item in made),
        submit_time=START,
        start_time=START,
        end_time=END,
        violations=(),
        clips=made,
        spec=spec(),
        spec_digest="d" * 64,
        received_digest="e" * 64,
        options=SubmissionOptions(),
        event_chain_head="9" * 64,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def job_event(after: str, *, sequence: int = 2, clip_index: int | None = None, before: str = "") -> JobEvent:
    """One event of the sample job."""
    return JobEvent(
        sequence=sequence,
        job_sequence=sequence,
        job_key=KEY,
        clip_index=clip_index,
        event_time=START,
        actor="scheduler",
        kind="STATE_CHANGED",
        before=before,
        after=after,
        data_json="{}",
        previous_hash="0" * 64,
        hash="1" * 64,
    )


def plan(*, admissible: bool = True) -> JobPlan:
    """A dry run of one clip."""
    found = Detection(
        engine=Engine.FFMPEG,
        reason=DetectionReason.STANDARD_CODEC,
        container="mov",
        codec="h264",
        sample_entry="avc1",
        detail="h264 in mov is in the matrix",
    )
    return JobPlan(
        admissible=admissible,
        violations=(),
        clips=(
            ClipPlan(
                clip_index=0,
                source_path="/footage/A001.mov",
                output_path="/proxies/A001_proxy.mov",
                detection=found,
                facts=None,
                plan=None,
                command=("ffmpeg", "-i", "/footage/A 001.mov", "/proxies/A001_proxy.mov"),
            ),
        ),
        spec=spec(),
        waiting_reasons=(),
    )


def executor(engine: Engine) -> ExecutorView:
    """A ready executor."""
    return ExecutorView(
        name="local",
        incarnation="i",
        engine=engine,
        state="READY",
        slots=1,
        leases=0,
        toolchain=TOOLCHAIN,
        sandbox_level="process",
        roots=("local",),
        last_seen_time=START,
        version="0.1.0",
    )


def verb_plan() -> VerbPlan:
    """What a verb would do to the sample job: one clip ends, the other is skipped."""
    return VerbPlan(
        job_key=KEY,
        verb=Verb.CANCEL,
        revision=7,
        state_before=JobState.RUNNING,
        state_after=JobState.CANCELLING,
        run_number=1,
        counts=(FateCount(fate=ClipFate.FINISH, clips=1), FateCount(fate=ClipFate.SKIP, clips=1)),
        ranges=(
            FateRange(fate=ClipFate.FINISH, first=0, last=0),
            FateRange(fate=ClipFate.SKIP, first=1, last=1),
        ),
        ranges_cut=False,
        warnings=("clip 0 finishes and is published first; CANCEL_NOW stops it too",),
    )


def spec_revision() -> SpecRevision:
    """The submitted revision of the sample job."""
    return SpecRevision(
        number=1,
        in_force=True,
        spec=spec(),
        spec_digest="d" * 64,
        received_digest="e" * 64,
        options=SubmissionOptions(),
        actor="submitter",
        create_time=START,
    )


def system_info() -> SystemInfo:
    """Facts of a scheduler."""
    return SystemInfo(
        version="0.1.0", schema_revision="0009", planner_version=2, jobspec_versions=("2.1",), max_sources=10_000,
        max_message_bytes=16 * 1024 * 1024, roots=(), database="sqlite",
    )  # fmt: skip
