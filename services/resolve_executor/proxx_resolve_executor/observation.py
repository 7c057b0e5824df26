"""What this executor's metrics say of its Resolve, read when they are scraped. Closed label sets only."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from proxx_resolve_executor.host_keeper import HostKeeper, HostState


class HostMetrics(Collector):
    """Shows how Resolve is, and how often it was in trouble."""

    def __init__(self, *, registry: CollectorRegistry, keeper: HostKeeper) -> None:
        """Register with `registry`."""
        self._keeper = keeper
        registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics."""
        state = GaugeMetricFamily("proxx_resolve_state", "How Resolve is: one of the states is 1.", labels=["state"])
        for known in HostState:
            state.add_metric([known.value], float(self._keeper.state is known))
        yield state
        yield CounterMetricFamily(
            "proxx_resolve_troubles", "How often Resolve was not ready for work.", value=self._keeper.troubles
        )
