"""Refusing a plan: every reason at once, each with the facts of source and profile."""

from proxx.core.plan import PlanInputs
from proxx.core.quoting import quote
from proxx.core.violation import Violation, ViolationCode, ViolationsError


class PlanRefusedError(ViolationsError):
    """No proxy that obeys the profile can be made of this source. Carries every reason."""


class Refusals:
    """Collects reasons while a plan is made."""

    def __init__(self, inputs: PlanInputs) -> None:
        """Remember which source and profile the reasons are about."""
        self._inputs = inputs
        self._violations: list[Violation] = []

    def add(
        self,
        reason: str,
        *,
        expected: str = "",
        actual: str = "",
        code: ViolationCode = ViolationCode.SOURCE_CANNOT_FIT_PROFILE,
    ) -> None:
        """Note one reason: a clause that follows the names of source and profile."""
        name, profile = self._inputs.source.name, self._inputs.profile.name
        message = f"{quote(text=name)} cannot become {profile} in {self._inputs.container}: {reason}"
        self._violations.append(Violation(code=code, field="source", message=message, expected=expected, actual=actual))

    def raise_any(self) -> None:
        """Raise when there is a reason.

        Raises:
            PlanRefusedError: with all reasons so far.
        """
        if self._violations:
            raise PlanRefusedError(tuple(self._violations))
