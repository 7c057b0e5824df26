"""What a replica counts: whether it leads, which term, and the calls that it passed on."""

import grpc
from prometheus_client import CollectorRegistry

from proxx_scheduler.observation import ReplicaMetrics


def test_a_replica_counts_what_it_passes_on_and_says_when_it_leads() -> None:
    registry = CollectorRegistry()
    metrics = ReplicaMetrics(registry=registry)
    metrics.term = 3
    for code in (grpc.StatusCode.OK, grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND):
        metrics.forwarded("proxx.api.jobs.v1.JobService", code)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    assert (value("proxx_scheduler_leader"), value("proxx_scheduler_term")) == (0, 3)
    counted = "proxx_scheduler_forwarded_calls_total"
    jobs = "proxx.api.jobs.v1.JobService"
    assert value(counted, grpc_service=jobs, grpc_code="OK") == 2
    assert value(counted, grpc_service=jobs, grpc_code="NotFound") == 1
    metrics.lead(term=4)
    assert (value("proxx_scheduler_leader"), value("proxx_scheduler_term")) == (1, 4)
