"""Which dataclass of core stands for which message; the tests walk this table."""

from google.protobuf.message import Message

from proxx.api.executors.v1 import executor_service_pb2, lease_pb2
from proxx.api.jobs.v1 import event_pb2, job_pb2, job_service_pb2, jobspec_pb2, result_pb2
from proxx.api.operator.v1 import operator_service_pb2
from proxx.api.types.v1 import failure_pb2, media_pb2, plan_pb2
from proxx.core import (
    detection,
    facts,
    failure,
    jobs,
    leases,
    plan,
    profile,
    roots,
    steps,
    toolchain,
    verdict,
    violation,
)

CORE_MODULES = (detection, facts, failure, jobs, leases, plan, profile, roots, steps, toolchain, verdict, violation)

WITHOUT_MESSAGE: frozenset[type] = frozenset({roots.Root})

PAIRS: dict[type, type[Message]] = {
    detection.Detection: media_pb2.Detection,
    facts.SourceIdentity: media_pb2.SourceIdentity,
    facts.VideoFacts: media_pb2.VideoFacts,
    facts.AudioFacts: media_pb2.AudioFacts,
    facts.TimecodeFacts: media_pb2.TimecodeFacts,
    facts.MediaFacts: media_pb2.MediaFacts,
    failure.Failure: failure_pb2.Failure,
    jobs.SubmissionOptions: jobspec_pb2.SubmissionOptions,
    jobs.ClipCounts: job_pb2.ClipCounts,
    jobs.JobView: job_pb2.Job,
    jobs.ClipView: job_pb2.Clip,
    jobs.JobEvent: event_pb2.JobEvent,
    jobs.ClipProgress: event_pb2.ClipProgress,
    jobs.Snapshot: job_service_pb2.Snapshot,
    jobs.Heartbeat: job_service_pb2.Heartbeat,
    jobs.ClipPlan: job_service_pb2.ClipPlan,
    jobs.JobPlan: job_service_pb2.PlanJobResponse,
    jobs.ProbedPath: job_service_pb2.ProbedSource,
    jobs.ClipResult: result_pb2.ClipResult,
    jobs.JobResult: result_pb2.JobResult,
    jobs.ExecutorView: operator_service_pb2.Executor,
    jobs.RootInfo: operator_service_pb2.RootInfo,
    jobs.SystemInfo: operator_service_pb2.GetSystemInfoResponse,
    leases.HeldLease: executor_service_pb2.HeldLease,
    leases.ExecutorDescription: executor_service_pb2.OpenSessionRequest,
    leases.SessionTerms: executor_service_pb2.OpenSessionResponse,
    leases.Lease: lease_pb2.Lease,
    leases.LeaseReport: executor_service_pb2.LeaseReport,
    leases.LeaseDirective: executor_service_pb2.LeaseDirective,
    leases.LeaseOutcome: executor_service_pb2.LeaseOutcome,
    leases.LeaseRelease: executor_service_pb2.LeaseRelease,
    plan.PlanInputs: plan_pb2.PlanInputs,
    plan.ExpectedAudio: plan_pb2.ExpectedAudio,
    plan.Expected: plan_pb2.Expected,
    plan.Plan: plan_pb2.Plan,
    profile.AudioRecipe: plan_pb2.AudioRecipe,
    profile.Profile: plan_pb2.Profile,
    roots.RootPath: media_pb2.RootPath,
    steps.Progress: lease_pb2.Progress,
    steps.ProbeItem: lease_pb2.ProbeItem,
    steps.ProbeWork: lease_pb2.ProbeWork,
    steps.ProbedSource: lease_pb2.ProbedSource,
    steps.ProbeReport: lease_pb2.ProbeReport,
    steps.EncodeWork: lease_pb2.EncodeWork,
    steps.PublishWork: lease_pb2.PublishWork,
    steps.SweepWork: lease_pb2.SweepWork,
    steps.SweepReport: lease_pb2.SweepReport,
    steps.Execution: lease_pb2.Execution,
    steps.PreparedOutput: lease_pb2.PreparedOutput,
    steps.Measured: lease_pb2.Measured,
    steps.Published: lease_pb2.Published,
    toolchain.Toolchain: media_pb2.Toolchain,
    verdict.Check: failure_pb2.Check,
    verdict.Verdict: failure_pb2.Verdict,
    violation.Violation: failure_pb2.Violation,
}
