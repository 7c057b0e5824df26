"""Every method of the contract has a kind and a largest request; nothing is of a kind by accident."""

from proxx.api.executors.v1 import executor_service_pb2
from proxx.api.jobs.v1 import job_service_pb2
from proxx.api.operator.v1 import audit_service_pb2, operator_service_pb2
from proxx.api.profiles.v1 import profile_service_pb2
from proxx.api.watch.v1 import watch_service_pb2
from proxx.core.overload import MAX_MESSAGE_BYTES, CallKind, CallLimits, kind_of, largest_message
from proxx.core.overload.message_sizes import SMALL_BYTES

FILES = (
    executor_service_pb2, job_service_pb2, audit_service_pb2, operator_service_pb2, profile_service_pb2,
    watch_service_pb2,
)  # fmt: skip
METHODS = {
    f"/{service.full_name}/{method.name}": method.server_streaming
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}


def test_the_kinds_of_all_methods() -> None:
    kinds: dict[CallKind, set[str]] = {}
    for method, streams in METHODS.items():
        kinds.setdefault(kind_of(method=method, streams=streams), set()).add(method.rpartition("/")[2])
    others = kinds.pop(CallKind.OTHER)
    assert kinds == {
        CallKind.EXECUTOR: {
            "OpenSession", "RenewLeases", "PrepareLease", "PrepareLeases", "CompleteLeases", "ReleaseLeases",
            "CloseSession", "GetAsset",
        },
        CallKind.LONG_POLL: {"AcquireLeases"},
        CallKind.SUBMISSION: {"SubmitJob", "PlanVerb"},
        CallKind.LOOK: {"PlanJob", "ProbeSource", "RebindPreset"},
        CallKind.STREAM: {method.rpartition("/")[2] for method, streams in METHODS.items() if streams},
    }  # fmt: skip
    assert {"GetJob", "ListJobs", "CancelJob", "ReportFolders"} <= others


def test_health_is_of_kinds_of_its_own_because_nobody_is_asked_who_looks() -> None:
    assert kind_of(method="/grpc.health.v1.Health/Check", streams=False) is CallKind.HEALTH
    assert kind_of(method="/grpc.health.v1.Health/Watch", streams=True) is CallKind.HEALTH_STREAM


def test_one_host_that_nobody_knows_cannot_take_every_place_of_health() -> None:
    kinds = [CallLimits().kinds[kind] for kind in (CallKind.HEALTH, CallKind.HEALTH_STREAM)]
    assert [limits.each_open < limits.running for limits in kinds] == [True, True]


def test_only_what_carries_specs_or_facts_of_files_may_be_large() -> None:
    large = {method.rpartition("/")[2] for method in METHODS if largest_message(method=method) == MAX_MESSAGE_BYTES}
    assert large == {
        "SubmitJob", "PlanJob", "PlanVerb", "RebindPreset", "CompleteLeases", "PrepareLease", "PrepareLeases",
    }  # fmt: skip
    assert largest_message(method="/proxx.api.jobs.v1.JobService/GetJob") == SMALL_BYTES
    assert {largest_message(method=method) for method in METHODS} <= set(range(SMALL_BYTES, MAX_MESSAGE_BYTES + 1))
