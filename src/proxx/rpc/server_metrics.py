"""What a gRPC server counts, under the names that stock dashboards of other gRPC libraries already use."""

from dataclasses import dataclass

import grpc
from prometheus_client import CollectorRegistry, Counter, Histogram

from proxx.rpc.overload_metrics import OverloadMetrics

_CALL = ("grpc_type", "grpc_service", "grpc_method")
_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The labels of one call: type (unary, server_stream, …), full service name and method name."""

    kind: str
    service: str
    method: str


class ServerMetrics:
    """Started and handled calls, messages and handling time. Labels come from registered methods only."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register the metrics. One instance for each registry."""
        self._started = Counter("grpc_server_started_total", "Calls started.", _CALL, registry=registry)
        self._handled = Counter(
            "grpc_server_handled_total", "Calls ended, by code.", (*_CALL, "grpc_code"), registry=registry
        )
        self._sent = Counter("grpc_server_msg_sent_total", "Stream messages sent.", _CALL, registry=registry)
        self._seconds = Histogram(
            "grpc_server_handling_seconds", "Time to handle a call.", _CALL, registry=registry, buckets=_BUCKETS
        )
        self.overload = OverloadMetrics(registry)

    def started(self, call: Call) -> None:
        """A call began."""
        self._started.labels(call.kind, call.service, call.method).inc()

    def sent(self, call: Call) -> None:
        """A stream sent a message."""
        self._sent.labels(call.kind, call.service, call.method).inc()

    def handled(self, call: Call, *, code: grpc.StatusCode, seconds: float) -> None:
        """A call ended."""
        self._handled.labels(call.kind, call.service, call.method, code_label(code)).inc()
        self._seconds.labels(call.kind, call.service, call.method).observe(seconds)


def code_label(code: grpc.StatusCode) -> str:
    """Return the code as the Go library writes it: OK, InvalidArgument, …"""
    if code is grpc.StatusCode.OK:
        return "OK"
    return "".join(word.capitalize() for word in code.name.split("_"))
