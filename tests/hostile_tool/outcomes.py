"""How attempts may end, and which a level is known not to stop (docs/SANDBOX.md says why)."""

from proxx.engine.sandbox.level import SandboxLevel

STOPPED = ("denied", "ended", "not on this host", "nothing written")
POSSIBLE: dict[SandboxLevel, set[str]] = {
    SandboxLevel.FILTERS: {
        "learn whether another file exists",
        "write over a file of another clip in staging",
        "make files without end in its working directory",
    },
    SandboxLevel.NAMESPACES: {"write over a file of another clip in staging"},
}


def stopped(outcome: str) -> bool:
    """Whether an attempt came to nothing."""
    return outcome.startswith(STOPPED)
