"""How a step says that its media work failed, or that nobody can say whether it did."""

from pathlib import Path

from proxx.core.failure import Failure, FailureKind
from proxx.core.steps import Execution, Measured, ReplacedFile
from proxx.core.verdict import Verdict


class StepFailedError(Exception):
    """Media work failed. The step has already removed what it staged.

    `execution`, `measured` and `verdict` tell how a failed encode ran, as far as it came. `replaced` is a file that was
    moved aside for the publication and could not be put back, because its name is taken.
    """

    def __init__(
        self,
        failure: Failure,
        *,
        execution: Execution | None = None,
        measured: Measured | None = None,
        verdict: Verdict | None = None,
        replaced: ReplacedFile | None = None,
    ) -> None:
        """Keep the failure; its message is the text of the error."""
        super().__init__(failure.message)
        self.failure = failure
        self.execution = execution
        self.measured = measured
        self.verdict = verdict
        self.replaced = replaced


class HandBackError(Exception):
    """This executor cannot do the step at present, and nothing of it is left: another one may, or this one later.

    The fault is not the clip's. The text says what is wrong with the host.
    """


class DirectoryGoneError(StepFailedError):
    """A directory that was there is gone: a vanished or unmounted volume (IO_ERROR). Nothing of it was touched."""

    def __init__(self, directory: Path) -> None:
        """Name the directory."""
        message = f"the directory is gone, perhaps a volume that is not mounted any more: {directory}"
        super().__init__(Failure(kind=FailureKind.IO_ERROR, message=message))


class PublicationInDoubtError(Exception):
    """The file has, or may have, its final name, and it is not known that this will last; or the file that it replaces
    was moved aside and could not be put back.

    That is neither success nor failure: nothing is removed and nothing reported. The lease expires, and a SWEEP looks.
    """


def failed(kind: FailureKind, message: str) -> StepFailedError:
    """Return the error of a failure that no tool was involved in."""
    return StepFailedError(Failure(kind=kind, message=message))
