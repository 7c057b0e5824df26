"""The levels of isolation in which a tool can run."""

from enum import StrEnum


class SandboxLevel(StrEnum):
    """From nothing to everything (docs/SANDBOX.md says what each stops)."""

    NONE = "none"
    PROCESS = "process"
    FILTERS = "filters"
    NAMESPACES = "namespaces"

    @property
    def rank(self) -> int:
        """How much it isolates: a higher level stops everything that a lower one stops."""
        return _ORDER.index(self)


_ORDER = (SandboxLevel.NONE, SandboxLevel.PROCESS, SandboxLevel.FILTERS, SandboxLevel.NAMESPACES)
