"""The published matrix: which role each method of each service needs. What is not here is refused for everybody."""

from collections.abc import Iterable, Mapping

from proxx.core.access.grant import Grant
from proxx.core.access.role import Role

_ANYBODY = Grant(role=None)
_KNOWN = Grant(role=None, known=True)
_VIEWER = Grant(role=Role.VIEWER)
_SUBMITTER = Grant(role=Role.SUBMITTER)
_OWN = Grant(role=Role.SUBMITTER, own=True)
_OPERATOR = Grant(role=Role.OPERATOR)
_EXECUTOR = Grant(role=Role.EXECUTOR)
_REPLICA = Grant(role=Role.REPLICA)


def _service(name: str, methods: Mapping[Grant, Iterable[str]]) -> dict[str, Grant]:
    return {f"/{name}/{method}": grant for grant, names in methods.items() for method in names}


POLICY: Mapping[str, Grant] = {
    **_service(
        "proxx.api.jobs.v1.JobService",
        {
            _VIEWER: (
                "GetJob",
                "GetSubmission",
                "ListJobs",
                "ListClips",
                "WatchJobs",
                "PlanVerb",
                "GetSpecRevision",
                "GetJobResult",
            ),
            _SUBMITTER: ("SubmitJob", "PlanJob", "ProbeSource"),
            _OWN: ("StartJob", "CancelJob"),
            _OPERATOR: ("PauseJob", "ResumeJob", "RetryFailedClips", "RebindPreset", "UpdateJobScheduling"),
        },
    ),
    **_service(
        "proxx.api.watch.v1.WatchService",
        {_SUBMITTER: ("ReportFolders",), _VIEWER: ("ListFolders",)},
    ),
    **_service(
        "proxx.api.operator.v1.OperatorService",
        {
            _KNOWN: ("WhoAmI",),
            _VIEWER: ("GetSystemInfo", "ListExecutors"),
            _OPERATOR: ("DrainExecutor", "UndrainExecutor"),
        },
    ),
    **_service(
        "proxx.api.operator.v1.AuditService",
        {_VIEWER: ("ReadLog", "PlanPrune"), _OPERATOR: ("PruneEvents",), _REPLICA: ("NoteDenials",)},
    ),
    **_service("proxx.api.profiles.v1.ProfileService", {_VIEWER: ("ListProfiles", "GetProfile")}),
    **_service(
        "proxx.api.executors.v1.ExecutorService",
        {
            _EXECUTOR: (
                "OpenSession",
                "AcquireLeases",
                "RenewLeases",
                "PrepareLease",
                "PrepareLeases",
                "CompleteLeases",
                "ReleaseLeases",
                "CloseSession",
                "GetAsset",
            )
        },
    ),
    **_service("grpc.health.v1.Health", {_ANYBODY: ("Check", "List", "Watch")}),
    **_service("grpc.reflection.v1alpha.ServerReflection", {_VIEWER: ("ServerReflectionInfo",)}),
}
"""Full method name, as gRPC writes it (`/package.Service/Method`), to what it asks of its caller."""
