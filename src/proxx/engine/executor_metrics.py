"""An executor's own metrics, read from the lease loop when they are scraped. Closed label sets only."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from proxx.engine.lease_loop import ExecutorStatus


class ExecutorMetrics(Collector):
    """Shows slots, leases held and what became of leases."""

    def __init__(
        self, *, registry: CollectorRegistry, slots: int, status: Callable[[], ExecutorStatus], probe_slots: int = 0
    ) -> None:
        """Register with `registry`."""
        self._slots = slots
        self._probe_slots = probe_slots
        self._status = status
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        status = self._status()
        yield _gauge("proxx_executor_session_open", "Whether the scheduler knows this executor.", status.session_open)
        yield _gauge("proxx_executor_draining", "Whether it takes no more work.", status.draining)
        yield _gauge("proxx_executor_slots", "Leases that it can work on at once.", self._slots)
        yield _gauge("proxx_executor_probe_slots", "PROBE leases that it works on beside its slots.", self._probe_slots)
        yield _gauge("proxx_executor_leases", "Leases that it holds now.", status.held_leases)
        ended = CounterMetricFamily("proxx_executor_leases_ended", "Leases by their end.", labels=["end"])
        for end in ("completed", "failed", "released", "revoked"):
            ended.add_metric([end], getattr(status, end))
        yield ended


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
