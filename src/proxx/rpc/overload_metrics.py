"""What a server tells about its limits."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge

from proxx.core.overload import CallBook, CallKind, OverloadRefusal


class OverloadMetrics:
    """Refused calls by reason and kind; calls by kind that have a place, and that wait for one."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the metrics. One instance for each registry."""
        self._refused = Counter(
            "proxx_calls_refused_total", "Calls refused for being too many.", ("reason", "kind"), registry=registry
        )
        self._running = Gauge("proxx_calls_running", "Calls that have a place.", ("kind",), registry=registry)
        self._waiting = Gauge("proxx_calls_waiting", "Calls that wait for a place.", ("kind",), registry=registry)

    def follow(self, book: CallBook) -> None:
        """Read the gauges from a book whenever they are asked for."""
        for kind in CallKind:
            self._running.labels(kind.value).set_function(partial(book.running, kind))
            self._waiting.labels(kind.value).set_function(partial(book.waiting, kind))

    def refused(self, refusal: OverloadRefusal) -> None:
        """Count a refusal."""
        self._refused.labels(refusal.reason.value, refusal.kind).inc()
