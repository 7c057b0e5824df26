"""What a process counts about its listeners and those who were denied."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from proxx.core.access import Denial


class SecurityMetrics:
    """Denied calls, open listeners, files that are not in force. Labels hold names of ours only."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the metrics. One instance for each registry."""
        self._denied = Counter(
            "proxx_access_denied_total",
            "Calls that were denied, by reason.",
            ("service", "method", "reason"),
            registry=registry,
        )
        self._insecure = Gauge(
            "proxx_insecure",
            "1: other hosts reach this listener although TLS or the access file is missing.",
            ("listener",),
            registry=registry,
        )
        self._current = Gauge(
            "proxx_security_files_current",
            "0: the version on disk cannot be used, and the one before it is in force.",
            ("what",),
            registry=registry,
        )
        self._end = Gauge(
            "proxx_tls_certificate_not_after_seconds",
            "When the server's own certificate ends, in seconds since 1970.",
            registry=registry,
        )

    def denied(self, denial: Denial) -> None:
        """A call was denied."""
        self._denied.labels(denial.service, denial.method, denial.reason.value).inc()

    def listener(self, name: str, *, insecure: bool) -> None:
        """A listener begins."""
        self._insecure.labels(name).set(1 if insecure else 0)

    def files(self, what: str, *, current: bool) -> None:
        """Whether the files on disk are the ones in force."""
        self._current.labels(what).set(1 if current else 0)

    def certificate_ends(self, seconds: float) -> None:
        """When the certificate in force ends."""
        self._end.set(seconds)
