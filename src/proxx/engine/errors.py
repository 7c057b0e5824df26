"""The one exception by which a step says that its media work failed."""

from proxx.core.failure import Failure, FailureKind
from proxx.core.steps import Execution, Measured
from proxx.core.verdict import Verdict


class StepFailedError(Exception):
    """Media work failed. The step has already removed what it staged.

    `execution`, `measured` and `verdict` tell how a failed encode ran, as far as it came.
    """

    def __init__(
        self,
        failure: Failure,
        *,
        execution: Execution | None = None,
        measured: Measured | None = None,
        verdict: Verdict | None = None,
    ) -> None:
        """Keep the failure; its message is the text of the error."""
        super().__init__(failure.message)
        self.failure = failure
        self.execution = execution
        self.measured = measured
        self.verdict = verdict


def failed(kind: FailureKind, message: str) -> StepFailedError:
    """Return the error of a failure that no tool was involved in."""
    return StepFailedError(Failure(kind=kind, message=message))
