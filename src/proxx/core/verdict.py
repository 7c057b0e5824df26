"""The verdict: a finished proxy measured against its plan. No publication without a passing one."""

from dataclasses import dataclass
from enum import StrEnum


class CheckLevel(StrEnum):
    """The outcome of one check."""

    PASS = "PASS"  # noqa: S105  a level, no secret
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One measured property: name, outcome, what the plan asked for, what was found."""

    name: str
    level: CheckLevel
    expected: str
    actual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All checks of one proxy, in a fixed order. It passes when no check fails."""

    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether the proxy may be published."""
        return CheckLevel.FAIL not in [check.level for check in self.checks]

    def failures(self) -> tuple[Check, ...]:
        """The checks that stand in the way."""
        return tuple(check for check in self.checks if check.level is CheckLevel.FAIL)
