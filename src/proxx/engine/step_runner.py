"""The port between the lease loop and the work itself."""

from typing import Protocol

from proxx.core.leases import Lease, LeaseOutcome
from proxx.core.steps import Phase, PreparedOutput, Progress, Published


class StepWatch(Protocol):
    """What a running step tells the lease loop."""

    def enter(self, phase: Phase) -> None:
        """Say what the step does from now on."""
        ...

    def progress(self, progress: Progress) -> None:
        """Say how far it is. Lossy: only the last word before a renewal is carried."""
        ...

    def commit(self) -> bool:
        """Pass the point after which no directive interrupts. False: interrupted already, do not go on."""
        ...


class StepRunner(Protocol):
    """Does the work of leases. Calls for different leases overlap; each is cancelled by cancelling its task.

    A cancelled or failed call has killed its tool and removed what the attempt staged before it returns.
    """

    async def run(self, *, lease: Lease, watch: StepWatch) -> LeaseOutcome | PreparedOutput:
        """Do the work. ENCODE returns a verified, durable staged file, every other kind its outcome.

        Raises:
            StepFailedError: the media work failed.
            HandBackError: this executor cannot do it at present; nothing of it is left.
            PublicationInDoubtError: a PUBLISH whose file has, or may have, its final name, perhaps not for good.
        """
        ...

    async def publish(self, *, lease: Lease, output: PreparedOutput) -> Published:
        """Give a staged file its final name. Not interrupted once begun.

        Raises:
            StepFailedError: it was not published, and the staged file is removed, unless its directory is gone.
            PublicationInDoubtError: it has, or may have, its final name, perhaps not for good. Nothing is removed.
        """
        ...

    async def discard(self, *, lease: Lease) -> None:
        """Remove whatever this attempt staged, if anything. Never touches another attempt's file.

        Raises:
            OSError: the file is there and cannot be removed.
        """
        ...
