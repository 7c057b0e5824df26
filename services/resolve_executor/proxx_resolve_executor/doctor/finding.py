"""What the doctor found: one finding for each thing that a render needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters. Only FAIL makes the host unfit; SKIP was not looked at, because of a FAIL before."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: its name, what is so, and what to do about it (empty: nothing)."""

    name: str
    level: Level
    fact: str
    action: str = ""


def broken(*, findings: Iterable[Finding]) -> bool:
    """Whether one of them makes the host unfit."""
    return any(finding.level is Level.FAIL for finding in findings)


def finding_lines(*, finding: Finding) -> tuple[str, ...]:
    """Return a finding for a person: its fact, and below it what to do."""
    head = f"{finding.level.value:5} {finding.name:16} {finding.fact}"
    return (head, f"{'':22} -> {finding.action}") if finding.action else (head,)
