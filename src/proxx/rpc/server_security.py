"""How a server proves itself and whom it lets in: the options of every Proxx process that listens."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from proxx.runtime.clock import Clock
from proxx.runtime.security.guard import Guard
from proxx.runtime.security.options import SecurityError, SecurityOptions

__all__ = ["OPEN_SERVER", "Guard", "SecurityError", "ServerSecurity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSecurity(SecurityOptions):
    """The options; `load` makes of them what all listeners of a process share."""

    def load(self, *, registry: CollectorRegistry | None = None, clock: Clock | None = None) -> Guard:
        """Read the files. Without a registry nothing is counted.

        Raises:
            SecurityError: a file cannot be used; the text names it and every mistake in it.
        """
        return Guard(options=self, registry=registry, clock=clock)


OPEN_SERVER = ServerSecurity()
"""No TLS, nobody is asked: for listeners that this host alone reaches."""
