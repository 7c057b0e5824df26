"""The scheduler's own metrics, read from the parts when they are scraped. Closed label sets only."""

from collections.abc import Iterable

import grpc
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from proxx.core.jobs import ClipState, JobState
from proxx.rpc.server_metrics import code_label
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.fencing import Fencing
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.records import Effect, EventAppended
from proxx_scheduler.app.stale_reports import ReportKind


class SchedulerMetrics(Collector):
    """Counts transitions as they become durable, and looks at leases when scraped."""

    def __init__(self, *, registry: CollectorRegistry, book: LeaseBook) -> None:
        """Register with `registry`."""
        self._book = book
        self._executors: ExecutorDesk | None = None
        self._fencing: Fencing | None = None
        self._jobs = dict.fromkeys(JobState, 0)
        self._clips = dict.fromkeys(ClipState, 0)
        registry.register(self)

    def attach(self, executors: ExecutorDesk, fencing: Fencing) -> None:
        """Read counters of the executor desk, and of those that are fenced, from now on."""
        self._executors, self._fencing = executors, fencing

    def count(self, effect: Effect) -> None:
        """Count a durable transition."""
        if not isinstance(effect, EventAppended) or effect.event.before == effect.event.after:
            return
        if effect.event.kind.startswith("job."):
            self._jobs[JobState(effect.event.after)] += 1
        elif effect.event.clip_index is not None:
            self._clips[ClipState(effect.event.after)] += 1

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        jobs = CounterMetricFamily("proxx_job_transitions", "Jobs that entered a state.", labels=["state"])
        for job_state, count in self._jobs.items():
            jobs.add_metric([job_state], count)
        clips = CounterMetricFamily("proxx_clip_transitions", "Clips that entered a state.", labels=["state"])
        for clip_state, count in self._clips.items():
            clips.add_metric([clip_state], count)
        yield jobs
        yield clips
        yield GaugeMetricFamily("proxx_leases", "Leases that live now.", value=len(self._book))
        desk = self._executors
        stale = CounterMetricFamily("proxx_stale_reports", "Reports for leases not valid any more.", labels=["kind"])
        for kind in ReportKind:
            stale.add_metric([kind], 0 if desk is None else desk.stale_reports[kind])
        expired, errors = (0, 0) if desk is None else (desk.expiring.leases, desk.expiring.errors)
        yield stale
        yield CounterMetricFamily("proxx_lease_expired", "Leases that were not renewed in time.", value=expired)
        yield CounterMetricFamily("proxx_expiry_errors", "Defects met while leases were to expire.", value=errors)
        fenced, fences = (0, 0) if self._fencing is None else (len(self._fencing.fenced), self._fencing.fences)
        yield GaugeMetricFamily("proxx_executors_fenced", "Executors that are fenced now.", value=fenced)
        yield CounterMetricFamily("proxx_executor_fences", "How often an executor was fenced.", value=fences)


class ReplicaMetrics(Collector):
    """Who leads as this process knows it, and what it passed on while another one led."""

    def __init__(self, *, registry: CollectorRegistry) -> None:
        """Register with `registry`."""
        self.leads = False
        self.term = 0
        self._forwarded: dict[tuple[str, str], int] = {}
        registry.register(self)

    def lead(self, *, term: int) -> None:
        """Say that this process leads a term."""
        self.leads, self.term = True, term

    def forwarded(self, service: str, code: grpc.StatusCode) -> None:
        """Count a call that was passed on, by the full name of its service."""
        labels = (service, code_label(code))
        self._forwarded[labels] = self._forwarded.get(labels, 0) + 1

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        yield GaugeMetricFamily("proxx_scheduler_leader", "1 when this scheduler leads, else 0.", value=int(self.leads))
        yield GaugeMetricFamily("proxx_scheduler_term", "The term of the leader, 0 when not known.", value=self.term)
        calls = CounterMetricFamily(
            "proxx_scheduler_forwarded_calls",
            "Calls passed on to the leader, by service and code.",
            labels=["grpc_service", "grpc_code"],
        )
        for labels, count in self._forwarded.items():
            calls.add_metric(labels, count)
        yield calls
