"""What a process measures about itself; domain metrics register beside it under proxx_ names."""

import platform

from prometheus_client import CollectorRegistry, Gauge, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from proxx.runtime.version import Version


def process_registry(*, component: str, version: Version) -> CollectorRegistry:
    """Return a registry with proxx_build_info and the metrics of this process (memory, CPU, descriptors, collector).

    `component` is the process's role, for example `scheduler`.
    """
    disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    build = Gauge(
        "proxx_build_info",
        "Version, commit and Python of this process; the value is always 1.",
        ("component", "version", "commit", "python"),
        registry=registry,
    )
    build.labels(component, version.version, version.commit or "", platform.python_version()).set(1)
    return registry
