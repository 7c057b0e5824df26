"""What became of one proxy: the checks that failed, or why it could not be measured at all."""

from dataclasses import dataclass, field

from proxx.core.verdict import Check
from proxx.core.witness import WitnessReport

UNREADABLE = "unreadable"
"""Stands in the place of a check's name when measuring refused the file: no verdict, and no publication either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`caught_by` names the failing checks, or the one reason why there is no verdict; empty: it would be published.

    `witness` is what was measured against the witness, whatever came of it.
    """

    caught_by: tuple[str, ...]
    details: tuple[str, ...] = ()
    witness: WitnessReport | None = field(default=None, compare=False)

    @property
    def caught(self) -> bool:
        """Whether the proxy is kept from publication."""
        return bool(self.caught_by)


def outcome_of(failures: tuple[Check, ...], *, witness: WitnessReport | None) -> Outcome:
    """Return the outcome of a verdict with these failing checks."""
    details = tuple(f"{check.name}: expected {check.expected}, measured {check.actual}" for check in failures)
    return Outcome(caught_by=tuple(check.name for check in failures), details=details, witness=witness)
