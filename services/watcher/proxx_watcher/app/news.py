"""What happens in folders, as it happens: for the log, and for whoever reads standard output."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class NewsKind(StrEnum):
    """Every kind of event. Part of the form that `proxx watch --json` prints; only grows."""

    READY = "ready"
    SUBMITTED = "submitted"
    ADOPTED = "adopted"
    ENDED = "ended"
    REFUSED = "refused"
    SKIPPED = "skipped"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One event. `path` is below the folder and printable."""

    kind: NewsKind
    folder: str
    path: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


TellNews = Callable[[News], None]
"""Whoever wants to hear of events; raises nothing."""
