"""The scheduler's own metrics, read from the parts when they are scraped. Closed label sets only."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from proxx.core.jobs import ClipState, JobState
from proxx_scheduler.app.executor_desk import ExecutorDesk
from proxx_scheduler.app.lease_book import LeaseBook
from proxx_scheduler.app.records import Effect, EventAppended


class SchedulerMetrics(Collector):
    """Counts transitions as they become durable, and looks at leases when scraped."""

    def __init__(self, *, registry: CollectorRegistry, book: LeaseBook) -> None:
        """Register with `registry`."""
        self._book = book
        self._executors: ExecutorDesk | None = None
        self._jobs = dict.fromkeys(JobState, 0)
        self._clips = dict.fromkeys(ClipState, 0)
        registry.register(self)

    def attach(self, executors: ExecutorDesk) -> None:
        """Read counters of the executor desk from now on."""
        self._executors = executors

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
        stale = 0 if desk is None else desk.stale_reports
        expired = 0 if desk is None else desk.expired_leases
        yield CounterMetricFamily("proxx_stale_reports", "Reports for leases not valid any more.", value=stale)
        yield CounterMetricFamily("proxx_lease_expired", "Leases that were not renewed in time.", value=expired)
